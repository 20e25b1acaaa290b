package wechat

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBuild_leavesNetHTTPNoWayToRepeatAPost(t *testing.T) {
	t.Parallel()
	open, size, err := encode(map[string]string{"a": "<b>"})
	require.NoError(t, err)
	r := request{api: apiCustomSend, method: http.MethodPost, open: open, size: size, contentType: contentJSON}
	req, err := r.build(t.Context(), &url.URL{Scheme: "http", Host: "h"}, &source{})
	require.NoError(t, err)
	require.Nil(t, req.GetBody)
	require.Equal(t, size, req.ContentLength)
	require.Empty(t, req.Header.Get("Idempotency-Key"))
	require.Nil(t, newTransport().Proxy)
}

func TestDeparture_isCertainOnlyWhereNoByteWasWritten(t *testing.T) {
	t.Parallel()
	here, there := net.Pipe()
	go func() { _, _ = there.Read(make([]byte, 8)); _ = there.Close() }()
	conn := &countedConn{Conn: here}
	conn.written.Store(100) // of an earlier request on the same connection

	var left departure
	require.False(t, left.mayHaveLeft(t.Context()), "no connection")
	left.got(httptrace.GotConnInfo{Conn: conn, Reused: true})
	require.False(t, left.mayHaveLeft(t.Context()), "connection found dead before the first byte")
	over, cancel := context.WithCancel(t.Context())
	cancel()
	require.True(t, left.mayHaveLeft(over), "a write may still be under way")
	_, err := conn.Write([]byte("POST"))
	require.NoError(t, err)
	require.True(t, left.mayHaveLeft(t.Context()))
	_, err = conn.Write([]byte("POST"))
	require.Error(t, err)
	require.EqualValues(t, 108, conn.written.Load(), "a failed write counts as well")
	require.NoError(t, conn.Close())

	left = departure{}
	left.got(httptrace.GotConnInfo{Conn: here})
	require.True(t, left.mayHaveLeft(t.Context()), "a connection that is not counted")
}
