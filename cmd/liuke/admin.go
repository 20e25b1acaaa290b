package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"
)

// admin serves Go's profiles of the running program to who is on its machine. nil serves nothing.
type admin struct {
	listener net.Listener
	server   *http.Server
}

// openAdmin listens on an address of this machine, "" for none; config has checked that it is one.
func openAdmin(ctx context.Context, address string, log *slog.Logger) (*admin, error) {
	if address == "" {
		return nil, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("open the admin port: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	// What is written takes as long as the caller asks for, so only the reading is bounded.
	const patience = 5 * time.Second
	server := &http.Server{Handler: mux, ReadTimeout: patience, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	return &admin{listener, server}, nil
}

// Addr is where it listens, "" for nowhere.
func (a *admin) Addr() string {
	if a == nil {
		return ""
	}
	return a.listener.Addr().String()
}

// serve serves until close.
func (a *admin) serve() {
	if a != nil {
		_ = a.server.Serve(a.listener) // ends with http.ErrServerClosed; the program does not depend on it
	}
}

// close ends it, cutting off a profile under way.
func (a *admin) close() {
	if a != nil {
		_ = a.listener.Close() // when it was never served
		_ = a.server.Close()
	}
}
