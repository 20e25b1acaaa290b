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
	Own      bool           `json:"own"` // the floor of our own HTTP stack instead of a peer
}

// runPeer serves the naive peer until told to stop.
func runPeer(ctx context.Context, in io.Reader) (err error) {
	var o peerOrder
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	if o.Own {
		return serveAt(ctx, o.Host, ownFloor(o.Settings))
	}
	peer, err := naive.Open(ctx, o.Settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, peer.Close()) }()
	return serveAt(ctx, o.Host, &http.Server{Handler: peer.Handler(), ReadHeaderTimeout: 5 * time.Second})
}

func serveAt(ctx context.Context, host string, server *http.Server) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", host)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Shutdown(context.WithoutCancel(ctx)) })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// startPeer starts the naive peer on a database of its own.
func (b *bench) startPeer(ctx context.Context, dsn string) (host string, p *process, err error) {
	return b.serve(ctx, peerOrder{Settings: naive.Settings{DSN: dsn}})
}

// startFloor starts a program that opens and answers pushes and stores nothing: gin and the SDK, or our own HTTP stack.
func (b *bench) startFloor(ctx context.Context, name string, own bool) (s *subject, err error) {
	s = &subject{name: name, expect: 15_000}
	s.host, s.process, err = b.serve(ctx, peerOrder{Own: own, Settings: naive.Settings{Floor: true}})
	return s, err
}

func (b *bench) serve(ctx context.Context, o peerOrder) (host string, p *process, err error) {
	if host, err = freeHost(ctx); err != nil {
		return "", nil, err
	}
	o.Host = host
	o.Settings.Redis, o.Settings.Members = b.servers.redisURL, openIDs(memberPool)
	o.Settings.AppID, o.Settings.Token, o.Settings.AESKey = b.account.AppID, b.account.Token, b.account.AESKey
	text, err := json.Marshal(o)
	if err != nil {
		return "", nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return "", nil, fmt.Errorf("find this program: %w", err)
	}
	if p, err = launch(b.subfolder(), "peer", nil, bytes.NewReader(text), self, "peer"); err != nil {
		return "", nil, err
	}
	return host, p, p.healthy(ctx, host)
}
