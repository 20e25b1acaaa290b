package databasetest

import (
	"context"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
)

// Proxy stands between two programs, to take one away from the other.
type Proxy struct {
	// DSN leads through the proxy; empty unless it was made by Through.
	DSN string
	// Address is where the proxy listens.
	Address string

	listener net.Listener
	mu       sync.Mutex
	server   string
	turned   *sync.Cond
	state    proxyState
	late     time.Duration
	conns    map[net.Conn]bool
}

type proxyState int

const (
	passing proxyState = iota
	cut                // connections are closed, new ones too
	hanging            // nothing passes, and nobody is told
	mute               // questions pass, answers do not
)

// Through makes a proxy before the MySQL server of an address. It ends with the test.
func Through(t *testing.T, dsn string) *Proxy {
	t.Helper()
	cfg, err := mysql.ParseDSN(dsn)
	require.NoError(t, err)
	p := Between(t, cfg.Addr)
	cfg.Addr = p.Address
	p.DSN = cfg.FormatDSN()
	return p
}

// Between makes a proxy before any server, given as host:port; it may be named later by Lead. It ends with the test.
func Between(t *testing.T, server string) *Proxy {
	t.Helper()
	p := &Proxy{server: server, conns: map[net.Conn]bool{}}
	p.turned = sync.NewCond(&p.mu)
	var err error
	p.listener, err = (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p.Address = p.listener.Addr().String()
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

// Lead sends new connections to another server.
func (p *Proxy) Lead(server string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.server = server
}

// Cut closes every connection and lets none last.
func (p *Proxy) Cut() { p.turn(cut, 0) }

// Hang swallows everything without a word.
func (p *Proxy) Hang() { p.turn(hanging, 0) }

// Mute swallows the answers: what was asked is done all the same.
func (p *Proxy) Mute() { p.turn(mute, 0) }

// Slow lets everything pass, each piece later by d.
func (p *Proxy) Slow(d time.Duration) { p.turn(passing, d) }

// Heal lets everything pass again; connections that hung go on.
func (p *Proxy) Heal() { p.turn(passing, 0) }

func (p *Proxy) turn(to proxyState, late time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state, p.late = to, late
	if to == cut {
		for c := range p.conns {
			_ = c.Close()
		}
	}
	p.turned.Broadcast()
}

func (p *Proxy) serve(client net.Conn) {
	p.mu.Lock()
	address := p.server
	p.mu.Unlock()
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", address)
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
	if p.late > 0 {
		late := p.late
		p.mu.Unlock()
		<-time.After(late)
		p.mu.Lock()
	}
	for p.state != cut {
		if !slices.Contains(waits, p.state) {
			return true
		}
		p.turned.Wait()
	}
	return false
}
