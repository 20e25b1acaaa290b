package callback_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Refused is counted by the account room; these tests look at the answers.
func (w *world) Refused(string, string) { w.refused++ }

func TestCallback_holdsWhoIsNotBelievedAndNeverWeChat(t *testing.T) {
	t.Parallel()
	w := &world{accept: func() error { return nil }}
	forge := func(method string) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		w.handler().ServeHTTP(rec, httptest.NewRequest(method, "/wechat/wx12345678?signature=forged", strings.NewReader(text)))
		return rec
	}
	require.Equal(t, 403, forge(http.MethodPost).Code)
	require.Equal(t, 403, forge(http.MethodGet).Code)
	require.Equal(t, 404, w.call(http.MethodPost, "wxUnknown", text).Code)
	require.Equal(t, 3, w.strange)
	require.Equal(t, 2, w.refused)

	w.wait = 1500 * time.Millisecond
	for _, rec := range []*httptest.ResponseRecorder{forge(http.MethodPost), forge(http.MethodGet), w.call(http.MethodPost, "wxUnknown", text)} {
		require.Equal(t, 429, rec.Code)
		require.Equal(t, "2", rec.Header().Get("Retry-After"))
	}
	require.Equal(t, 2, w.refused, "nothing more is noted")
	require.Equal(t, "success", w.call(http.MethodPost, "wx12345678", text).Body.String())
	require.Equal(t, 6, w.strange, "WeChat is not counted")
}
