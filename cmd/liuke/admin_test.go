package main

import (
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model/database"
)

func TestAdmin_servesProfilesOnItsOwnPortAndNowhereElse(t *testing.T) {
	t.Parallel()
	w := startApp(t, database.SQLite)
	require.Empty(t, w.app.admin.Addr(), "off unless asked for")
	w.stop()
	for _, role := range []string{roleAll, roleAPI, roleWorker} {
		i := w.start(t, role, func(o *options) { o.Config.AdminListen = "127.0.0.1:0" })
		port := "http://" + i.app.admin.Addr()
		for path, says := range map[string]string{
			"/debug/pprof/":                  "full goroutine stack dump",
			"/debug/pprof/goroutine?debug=1": "goroutine profile:",
			"/debug/pprof/heap?debug=1":      "heap profile:",
			"/debug/pprof/profile?seconds=1": "\x1f\x8b", // gzip
			"/debug/pprof/trace?seconds=0.1": "go 1.",
		} {
			status, body := fetch(t, port+path)
			require.Equal(t, http.StatusOK, status, path)
			require.Contains(t, body, says, path)
			_, body = fetch(t, i.url+path)
			require.NotContains(t, body, says, path)
		}
		for _, path := range []string{"/", "/debug/pprof/cmdline", "/debug/pprof/symbol", "/metrics", "/api/me"} {
			status, _ := fetch(t, port+path)
			require.Equal(t, http.StatusNotFound, status, path)
		}
		i.stop()
		_, err := net.Dial("tcp", i.app.admin.Addr())
		require.ErrorIs(t, err, syscall.ECONNREFUSED, "it ends with the program")
	}
}

func fetch(t *testing.T, address string) (status int, body string) {
	t.Helper()
	resp, err := http.Get(address)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(raw)
}
