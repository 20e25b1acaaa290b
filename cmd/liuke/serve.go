package main

import (
	"context"
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
	return serve(w.ctx, options{Config: cfg, Role: c.Role, Now: time.Now, Log: log})
}

// serve runs the program until ctx is done.
func serve(ctx context.Context, o options) error {
	o.Log.InfoContext(ctx, "starting", slog.String("version", version), slog.String("role", o.Role), slog.Any("settings", o.Config))
	app, err := newApp(ctx, o)
	if err != nil {
		return err
	}
	o.Log.InfoContext(ctx, "serving", slog.String("address", app.Addr()), slog.String("public_url", app.PublicURL()),
		slog.String("admin_address", app.admin.Addr()))
	go tuneCollector(ctx)
	return errors.Join(app.Run(ctx), app.Close())
}
