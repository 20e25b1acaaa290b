package main

import (
	"errors"
	"log/slog"
	"time"
)

type serveCommand struct {
	Role string `enum:"all,api,worker" default:"all" help:"What this process does: all, api or worker."`
}

// Run serves until told to stop.
func (c serveCommand) Run(w *world) error {
	cfg, log, err := w.settings()
	if err != nil {
		return err
	}
	log.InfoContext(w.ctx, "starting", slog.String("version", version), slog.String("role", c.Role), slog.Any("settings", cfg))
	app, err := newApp(w.ctx, options{Config: cfg, Role: c.Role, Now: time.Now, Log: log})
	if err != nil {
		return err
	}
	log.InfoContext(w.ctx, "serving", slog.String("address", app.Addr()), slog.String("public_url", app.PublicURL()),
		slog.String("admin_address", app.admin.Addr()))
	return errors.Join(app.Run(w.ctx), app.Close())
}
