package api_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/api"
)

func TestHeaders_keepBrowsersOnTLSWhereThereIsTLS(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{"https://liuke.example.com": "max-age=31536000", "http://127.0.0.1:8080": ""} {
		a, err := api.New(api.Deps{Now: time.Now, Log: slog.New(slog.DiscardHandler), PublicURL: address})
		require.NoError(t, err)
		for _, path := range []string{"/api/openapi.yaml", "/app", "/api/nothing"} {
			rec := httptest.NewRecorder()
			a.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, http.NoBody))
			require.Equal(t, want, rec.Header().Get("Strict-Transport-Security"), path)
			require.Equal(t, "nosniff", rec.Header().Get("X-Content-Type-Options"), path)
		}
	}
}
