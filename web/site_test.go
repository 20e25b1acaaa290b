package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"liuke/web"
)

// script is what lies compressed among the built files.
const script = "assets/app-4f2a.js"

func built(t *testing.T) fstest.MapFS {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write(plainScript())
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return fstest.MapFS{
		"app.html":              {Data: []byte("<p>app</p>")},
		"console.html":          {Data: []byte("<p>console</p>")},
		"placeholder.html":      {Data: []byte("<p>not built</p>")},
		script + ".gz":          {Data: packed.Bytes()},
		"icons/icon-192.png":    {Data: []byte("\x89PNG")},
		"sw.js":                 {Data: []byte("self")},
		"app.webmanifest":       {Data: []byte("{}")},
		"assets/style-77aa.css": {Data: []byte("p{}")},
	}
}

func plainScript() []byte { return bytes.Repeat([]byte("export{};"), 100) }

func get(t *testing.T, s *web.Site, path, accepts string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", accepts)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(b)
}

func TestSite_givesEveryPlaceOfAnAppItsPageAndEveryFileItsRule(t *testing.T) {
	t.Parallel()
	s, err := web.New(built(t))
	require.NoError(t, err)
	for _, c := range []struct {
		path, body, kind, keep string
		status                 int
	}{
		{"/app", "<p>app</p>", "text/html; charset=utf-8", "no-store", 200},
		{"/app/", "<p>app</p>", "text/html; charset=utf-8", "no-store", 200},
		{"/app/chat/0198-aa", "<p>app</p>", "text/html; charset=utf-8", "no-store", 200},
		{"/app/app.html", "<p>app</p>", "text/html; charset=utf-8", "no-store", 200},
		{"/console", "<p>console</p>", "text/html; charset=utf-8", "no-store", 200},
		{"/console/staff", "<p>console</p>", "text/html; charset=utf-8", "no-store", 200},
		{"/app/assets/style-77aa.css", "p{}", "text/css; charset=utf-8", "public, max-age=31536000, immutable", 200},
		{"/app/icons/icon-192.png", "\x89PNG", "image/png", "public, max-age=86400", 200},
		{"/app/sw.js", "self", "text/javascript; charset=utf-8", "no-cache", 200},
		{"/app/app.webmanifest", "{}", "application/manifest+json", "no-cache", 200},
		{"/app/assets/app-0000.js", "404 page not found\n", "text/plain; charset=utf-8", "", 404},
		{"/app/placeholder.html", "404 page not found\n", "text/plain; charset=utf-8", "", 404},
		{"/console/assets/app-4f2a.js", "404 page not found\n", "text/plain; charset=utf-8", "", 404},
		{"/application", "404 page not found\n", "text/plain; charset=utf-8", "", 404},
	} {
		a := get(t, s, c.path, "")
		require.Equal(t, c.status, a.StatusCode, c.path)
		require.Equal(t, c.body, text(t, a.Body), c.path)
		require.Equal(t, c.kind, a.Header.Get("Content-Type"), c.path)
		require.Equal(t, c.keep, a.Header.Get("Cache-Control"), c.path)
	}
	require.Contains(t, get(t, s, "/app", "").Header.Get("Content-Security-Policy"), "default-src 'self'")
	require.Contains(t, get(t, s, "/app/sw.js", "").Header.Get("Content-Security-Policy"), "default-src 'self'")
	require.Equal(t, "/app", get(t, s, "/app/sw.js", "").Header.Get("Service-Worker-Allowed"))
}

func TestSite_sendsWhatIsCompressedAsItIsToWhoTakesIt(t *testing.T) {
	t.Parallel()
	files := built(t)
	s, err := web.New(files)
	require.NoError(t, err)
	tags := map[string]string{}
	for accepts, encoding := range map[string]string{
		"": "", "br": "", "gzip;q=0": "", "gzip; q=0.0": "", "br, gzip": "gzip", "gzip, deflate, br": "gzip", "gzip;q=0.5": "gzip",
	} {
		a := get(t, s, "/app/"+script, accepts)
		require.Equal(t, encoding, a.Header.Get("Content-Encoding"), accepts)
		require.Equal(t, "text/javascript; charset=utf-8", a.Header.Get("Content-Type"))
		require.Equal(t, "public, max-age=31536000, immutable", a.Header.Get("Cache-Control"))
		require.Equal(t, "Accept-Encoding", a.Header.Get("Vary"))
		want := plainScript()
		if encoding != "" {
			want = files[script+".gz"].Data
		}
		require.Equal(t, string(want), text(t, a.Body), accepts)
		tags[encoding] = a.Header.Get("ETag")
	}
	require.NotEqual(t, tags[""], tags["gzip"], "what differs has another tag")
	require.Equal(t, 404, get(t, s, "/app/"+script+".gz", "gzip").StatusCode, "a file has one address")
	require.Empty(t, get(t, s, "/app/icons/icon-192.png", "gzip").Header.Get("Content-Encoding"), "a picture is compressed already")
}

func TestSite_sendsNothingTwiceToWhoHasIt(t *testing.T) {
	t.Parallel()
	s, err := web.New(built(t))
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodGet, "/app/sw.js", nil)
	r.Header.Set("If-None-Match", get(t, s, "/app/sw.js", "").Header.Get("ETag"))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	require.Equal(t, http.StatusNotModified, w.Code)
}

func TestSite_saysThatTheScreensAreNotBuilt(t *testing.T) {
	t.Parallel()
	s, err := web.New(fstest.MapFS{"placeholder.html": {Data: []byte("<p>not built</p>")}})
	require.NoError(t, err)
	for _, path := range []string{"/app", "/console", "/app/me"} {
		require.Equal(t, "<p>not built</p>", text(t, get(t, s, path, "").Body))
	}
	_, err = web.New(fstest.MapFS{})
	require.Error(t, err)
}

func TestEmbedded_alwaysHasAPageForBothApps(t *testing.T) {
	t.Parallel()
	s, err := web.Embedded()
	require.NoError(t, err)
	for _, path := range []string{"/app", "/console"} {
		a := get(t, s, path, "")
		require.Equal(t, http.StatusOK, a.StatusCode)
		require.Contains(t, text(t, a.Body), "留客")
	}
}
