package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"liuke/wechat/simulator"
)

type simulatorCommand struct {
	Listen   string `default:"127.0.0.1:9090" help:"Address to serve on."`
	Callback string `help:"URL that pushes go to."`
	AppID    string `name:"appid" default:"wx0000000000000001" help:"WeChat's id of the account."`
	Secret   string `default:"simulator-secret" help:"AppSecret."`
	Token    string `default:"simulatorToken" help:"Token of the callback."`
	AESKey   string `name:"aes-key" help:"EncodingAESKey, 43 characters. Without it pushes are plain."`
}

// Run serves until told to stop.
func (c simulatorCommand) Run(w *world) error {
	log := slog.New(slog.NewJSONHandler(w.stderr, nil))
	sim, err := simulator.New(simulator.Options{
		Now: time.Now, Log: log, Seed: 1,
		Accounts: []simulator.Account{{AppID: c.AppID, Secret: c.Secret, Token: c.Token, AESKey: c.AESKey, Callback: c.Callback}},
	})
	if err != nil {
		return &usageError{err.Error()}
	}
	defer sim.Close()
	listener, err := (&net.ListenConfig{}).Listen(w.ctx, "tcp", c.Listen)
	if err != nil {
		return err
	}
	w.print("WeChat is played at http://%s\n", listener.Addr())
	return serveHTTP(w.ctx, &http.Server{Handler: sim.Handler(), ReadHeaderTimeout: 5 * time.Second}, listener)
}

// serveHTTP serves until ctx is done, then ends at once.
func serveHTTP(ctx context.Context, server *http.Server, listener net.Listener) error {
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
