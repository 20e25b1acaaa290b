package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
)

func TestReady_isDegradedWithoutRedisAndUnavailableWithASchemaThatDoesNotFit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		i := w.instance
		if w.kind == database.MySQL {
			i = w.start(t, roleAll, func(o *options) { o.Config.Redis.Addrs = []string{"127.0.0.1:1"} })
			ready := i.must(200, "GET", "/readyz", "", nil)
			require.Equal(t, "degraded", ready.str("status"))
			require.Equal(t, "unavailable", ready.str("redis"))
			i.must(200, "GET", "/api/me", w.owner, nil)
			status, _ := i.send(w.push("oOne", "1"))
			require.Equal(t, 200, status)
		}
		require.NoError(t, i.app.db.InsertNew(t.Context(), &model.SchemaMeta{Name: "min_program", Value: "999"}))
		require.Equal(t, "unavailable", i.must(503, "GET", "/readyz", "", nil).str("status"))
		require.Equal(t, "ok\n", string(i.must(200, "GET", "/healthz", "", nil).raw))
	})
}
