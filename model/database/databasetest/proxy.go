package databasetest

import (
	"context"
	"net"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
)

// Proxy stands between a program and its MySQL server, to take that away.
type Proxy struct {
	// DSN leads through the proxy.
	DSN string

	listener net.Listener
	server   string
	mu       sync.Mutex
	turned   *sync.Cond
	state    proxyState
	conns    map[net.Conn]bool
}

type proxyState int

const (
	passing proxyState = iota
	cut                // connections are closed, new ones too
	hanging            // nothing passes, and nobody is told
	mute               // questions pass, answers do not
)

// Through makes a proxy before the server of an address. It ends with the test.
func Through(t *testing.T, dsn string) *Proxy {
	t.Helper()
	cfg, err := mysql.ParseDSN(dsn)
	require.NoError(t, err)
	p := &Proxy{server: cfg.Addr, conns: map[net.Conn]bool{}}
	p.turned = sync.NewCond(&p.mu)
	p.listener, err = (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	cfg.Addr = p.listener.Addr().String()
	p.DSN = cfg.FormatDSN()
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := p.listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = p.listener.Close()
		p.Cut()
		all.Wait()
	})
	return p
}

// Cut closes every connection and lets none last.
func (p *Proxy) Cut() { p.turn(cut) }

// Hang swallows everything without a word.
func (p *Proxy) Hang() { p.turn(hanging) }

// Mute swallows the answers: what was asked is done all the same.
func (p *Proxy) Mute() { p.turn(mute) }

// Heal lets everything pass again; connections that hung go on.
func (p *Proxy) Heal() { p.turn(passing) }

func (p *Proxy) turn(to proxyState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = to
	if to == cut {
		for c := range p.conns {
			_ = c.Close()
		}
	}
	p.turned.Broadcast()
}

func (p *Proxy) serve(client net.Conn) {
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.server)
	if err != nil {
		_ = client.Close()
		return
	}
	p.mu.Lock()
	p.conns[client], p.conns[server] = true, true
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.conns, client)
		delete(p.conns, server)
	}()
	var both sync.WaitGroup
	both.Go(func() { p.carry(server, client, hanging) })
	both.Go(func() { p.carry(client, server, hanging, mute) })
	both.Wait()
}

// carry copies until one end closes or the proxy is cut, and waits in the given states.
func (p *Proxy) carry(to, from net.Conn, waits ...proxyState) {
	defer func() {
		_ = to.Close()
		_ = from.Close()
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil || !p.pass(waits) {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (p *Proxy) pass(waits []proxyState) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.state != cut {
		held := false
		for _, w := range waits {
			held = held || p.state == w
		}
		if !held {
			return true
		}
		p.turned.Wait()
	}
	return false
}
