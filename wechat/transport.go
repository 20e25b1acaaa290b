package wechat

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

const (
	dialTimeout    = 4 * time.Second
	idleTimeout    = 30 * time.Second
	idlePerHost    = 64
	maxHeaderBytes = 64 << 10
)

// newTransport makes the one transport of a Client: no proxy from the environment, no redirects (it is used without
// http.Client), HTTP/1.1 only, so that one call is one request on one connection whose bytes can be counted.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: idleTimeout}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &countedConn{Conn: conn}, nil
		},
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    dialTimeout,
		MaxIdleConnsPerHost:    idlePerHost,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeaderBytes,
		DisableCompression:     true, // limits on answers are meant as WeChat sends them
		Protocols:              protocols,
	}
}

// countedConn counts the bytes handed to the network, those of TLS included.
type countedConn struct {
	net.Conn
	written atomic.Int64
}

func (c *countedConn) Write(b []byte) (int, error) {
	// Counted first: a write that fails may have got a part through.
	c.written.Add(int64(len(b)))
	return c.Conn.Write(b)
}

// departure watches whether anything of a request may have left.
type departure struct {
	connected bool
	conn      *countedConn
	before    int64
}

func (d *departure) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: d.got})
}

func (d *departure) got(info httptrace.GotConnInfo) {
	d.connected = true
	conn := info.Conn
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	if counted, ok := conn.(*countedConn); ok {
		d.conn, d.before = counted, counted.written.Load()
	}
}

// mayHaveLeft is false only where it is certain: no connection was made, or the one taken was found dead before the
// first byte. While the context is over, a write may still be under way, so that counting proves nothing.
func (d *departure) mayHaveLeft(ctx context.Context) bool {
	if !d.connected {
		return false
	}
	return ctx.Err() != nil || d.conn == nil || d.conn.written.Load() != d.before
}
