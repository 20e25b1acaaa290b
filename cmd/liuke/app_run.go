package main

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"time"

	"liuke/model/database"
)

// settleTime is how long after a start every loop has run at least once.
const settleTime = 5 * time.Second

// How long the steps of a stop may take. Together they stay below the 30 s that Docker and systemd give.
const (
	stopServing  = 8 * time.Second
	stopLoops    = 8 * time.Second
	stopSendings = 10 * time.Second
)

// Run serves and works until ctx is done, then stops in order: no new calls, streams ended, pushes taken are stored,
// loops ended, sendings under way written down.
func (a *App) Run(ctx context.Context) error {
	accept, endAccept := context.WithCancel(context.WithoutCancel(ctx))
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		a.inbound.RunAccept(accept)
	}()
	served, ready := make(chan error, 1), make(chan error, 1)
	go func() { served <- a.server.Serve(a.listener) }()
	go a.admin.serve()
	go func() { ready <- a.awaitDatabase(ctx) }()

	settled := time.After(settleTime)
	var failed error
	for stopping := false; !stopping && failed == nil; {
		select {
		case <-settled:
			debug.FreeOSMemory() // what it took to put everything together and begin: an idle program would keep it for minutes
		case <-ctx.Done():
			a.log.InfoContext(ctx, "stopping")
			stopping = true
		case failed = <-served:
		case failed = <-ready:
			if failed == nil && ctx.Err() == nil {
				a.group.Start(context.WithoutCancel(ctx))
			}
			ready = nil
		}
	}

	rest := context.WithoutCancel(ctx)
	if a.api != nil {
		a.api.CloseStreams()
	}
	a.feed.Close()
	err := within(rest, stopServing, a.server.Shutdown)
	if err != nil { // who does not end by himself is cut off
		err = a.server.Close()
	}
	endAccept()
	<-accepted
	err = errors.Join(err, within(rest, stopLoops, a.group.Stop), within(rest, stopLoops, a.leases.ReleaseAll))
	_ = within(rest, stopSendings, func(ctx context.Context) error { a.delivery.Drain(ctx); a.campaign.Drain(ctx); return nil })
	if failed != nil && !errors.Is(failed, http.ErrServerClosed) {
		err = errors.Join(failed, err)
	}
	return err
}

func within(ctx context.Context, d time.Duration, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return f(ctx)
}

// Close frees what newApp opened. It comes after Run, or instead of it, and may be called twice.
func (a *App) Close() error {
	var all error
	if a.listener != nil {
		_ = a.listener.Close() // closed already when the server ran
	}
	a.admin.close()
	if a.wechat != nil {
		a.wechat.Close()
	}
	if a.texting != nil {
		a.texting.Close()
	}
	if a.bus != nil {
		all = errors.Join(all, a.bus.Close())
	}
	if a.journal != nil {
		all = errors.Join(all, a.journal.Close())
	}
	if a.db != nil {
		if err := a.db.Close(); err != nil {
			all = errors.Join(all, errors.New(database.Describe(err)))
		}
	}
	return all
}
