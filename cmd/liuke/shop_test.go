package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// finding gives the finding of one name in an answer of the check of the connection.
func finding(a answer, name string) map[string]any {
	for _, item := range a.items() {
		if m, ok := item.(map[string]any); ok && m["check"] == name {
			return m
		}
	}
	return nil
}

func TestCheckAccount_tellsWhatIsWrongWithTheConnection(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		got := w.must(200, "POST", "/api/account/check", w.owner, nil)
		for _, name := range []string{"state", "secret", "api", "address", "callback", "aes_key", "token"} {
			require.Equal(t, true, finding(got, name)["ok"], name)
		}
		require.Equal(t, "none_yet", finding(got, "pushes")["reason"])

		p := w.push("o-check", "1")
		status, _ := w.send(p)
		require.Equal(t, 200, status)
		w.must(200, "PATCH", "/api/account", w.owner, map[string]any{"aes_key": strings.Repeat("A", 43)})
		w.must(200, "PATCH", "/api/account", w.owner, map[string]any{"aes_key": strings.Repeat("B", 42) + "A", "secret": "not-the-secret"})
		eventually(t, func() bool { status, _ := w.send(w.push("o-check", "2")); return status == 403 }, "the old key is forgotten")
		eventually(t, func() bool {
			got = w.must(200, "POST", "/api/account/check", w.owner, nil)
			return finding(got, "secret")["ok"] == false
		}, "the new secret is asked for")
		require.Equal(t, "config_secret", finding(got, "secret")["reason"])
		require.Equal(t, "no_token", finding(got, "api")["reason"])
		require.Equal(t, "aes_key", finding(got, "aes_key")["reason"])
		require.Equal(t, true, finding(got, "pushes")["ok"])
		require.Equal(t, true, finding(got, "callback")["ok"])

		clerk := w.addStaff("clerk", "小李", w.addStore("一店"))
		w.must(403, "POST", "/api/account/check", clerk.token, nil)
	})
}
