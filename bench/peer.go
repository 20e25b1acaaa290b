package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"liuke/bench/naive"
)

// peerOrder tells a peer process what to do; it comes as JSON on standard input.
type peerOrder struct {
	Host     string         `json:"host"`
	Settings naive.Settings `json:"settings"`
}

// runPeer serves the naive peer until told to stop.
func runPeer(ctx context.Context, in io.Reader) (err error) {
	var o peerOrder
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	peer, err := naive.Open(ctx, o.Settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, peer.Close()) }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Host)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: peer.Handler(), ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Shutdown(context.WithoutCancel(ctx)) })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// startPeer starts the naive peer, or the floor that stores nothing.
func (b *bench) startPeer(ctx context.Context, dsn string, floor bool) (host string, p *process, err error) {
	if host, err = freeHost(ctx); err != nil {
		return "", nil, err
	}
	text, err := json.Marshal(peerOrder{host, naive.Settings{
		DSN: dsn, Redis: b.servers.redisURL, AppID: b.account.AppID, Token: b.account.Token, AESKey: b.account.AESKey,
		Members: openIDs(memberPool), Floor: floor,
	}})
	if err != nil {
		return "", nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return "", nil, fmt.Errorf("find this program: %w", err)
	}
	dir, name := b.subfolder()
	if p, err = launch(dir, name, nil, bytes.NewReader(text), self, "peer"); err != nil {
		return "", nil, err
	}
	return host, p, p.healthy(ctx, host)
}
