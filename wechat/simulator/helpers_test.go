package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	testApp    = "wx0123456789abcdef"
	testSecret = "secret0123456789"
	testToken  = "aToken"
	testKey    = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP9"
	otherApp   = "wxfedcba9876543210"
)

// got is one request that reached the account's server.
type got struct {
	query map[string]string
	body  string
	xml   string // decrypted
	at    time.Time
}

// server is the account's own server.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	pushes []got
	answer func(n int, w http.ResponseWriter, r *http.Request) // nil = success
}

func (v *server) seen() []got {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]got{}, v.pushes...)
}

func (v *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if echo := r.FormValue("echostr"); echo != "" {
		if r.FormValue("signature") == sign(testToken, r.FormValue("timestamp"), r.FormValue("nonce")) {
			_, _ = io.WriteString(w, echo)
		}
		return
	}
	body, _ := io.ReadAll(r.Body)
	g := got{query: map[string]string{}, body: string(body), xml: string(body), at: time.Now()}
	for k := range r.URL.Query() {
		g.query[k] = r.URL.Query().Get(k)
	}
	if g.query["encrypt_type"] == "aes" {
		text, _, _ := strings.Cut(strings.SplitN(g.body, "<Encrypt><![CDATA[", 2)[1], "]]>")
		key, _ := decodeKey(testKey)
		msg, _, err := decrypt(key, text)
		if err == nil && sign(testToken, g.query["timestamp"], g.query["nonce"], text) == g.query["msg_signature"] {
			g.xml = string(msg)
		}
	}
	v.mu.Lock()
	v.pushes = append(v.pushes, g)
	n := len(v.pushes)
	answer := v.answer
	v.mu.Unlock()
	if answer != nil {
		answer(n, w, r)
		return
	}
	_, _ = io.WriteString(w, "success")
}

// world is a simulator with an account, its server and a clock that only moves when told.
type world struct {
	*Simulator
	t      *testing.T
	api    *httptest.Server
	server *server
	access string
}

func newWorld(t *testing.T, change ...func(*Options)) *world {
	t.Helper()
	v := &server{}
	v.Server = httptest.NewServer(v)
	t.Cleanup(v.Close)
	o := Options{
		Accounts:    []Account{{AppID: testApp, Secret: testSecret, Token: testToken, AESKey: testKey, OriginalID: "gh_0123456789ab", Callback: v.URL}},
		Now:         time.Now,
		PushTimeout: 2 * time.Second, RetrySpacing: 40 * time.Millisecond,
	}
	for _, c := range change {
		c(&o)
	}
	s, err := New(o)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	api := httptest.NewServer(s.Handler())
	t.Cleanup(api.Close)
	return &world{Simulator: s, t: t, api: api, server: v}
}

type answer map[string]any

func (a answer) code() int { return int(a.num("errcode")) }

func (a answer) str(name string) string {
	v, _ := a[name].(string)
	return v
}

func (a answer) num(name string) int64 {
	v, _ := a[name].(json.Number)
	n, _ := v.Int64()
	return n
}

func (w *world) do(method, path, ctype string, body []byte) (int, http.Header, []byte) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, w.api.URL+path, bytes.NewReader(body))
	require.NoError(w.t, err)
	if ctype != "" {
		req.Header.Set("Content-Type", ctype)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	require.NoError(w.t, err)
	defer res.Body.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	return res.StatusCode, res.Header, data
}

// read keeps numbers exact: a msgid does not fit into a float.
func (w *world) read(out []byte) answer {
	w.t.Helper()
	dec := json.NewDecoder(bytes.NewReader(out))
	dec.UseNumber()
	var a answer
	require.NoError(w.t, dec.Decode(&a), string(out))
	return a
}

func (w *world) call(method, path string, body any) answer {
	w.t.Helper()
	var data []byte
	if text, raw := body.(string); raw {
		data = []byte(text)
	} else if body != nil {
		var err error
		data, err = json.Marshal(body)
		require.NoError(w.t, err)
	}
	status, _, out := w.do(method, path, "application/json", data)
	require.Equal(w.t, http.StatusOK, status)
	return w.read(out)
}

func (w *world) stable(force bool) answer {
	w.t.Helper()
	return w.call(http.MethodPost, "/cgi-bin/stable_token", answer{"grant_type": "client_credential", "appid": testApp, "secret": testSecret, "force_refresh": force})
}

// with adds a valid access_token to a path.
func (w *world) with(path string) string {
	w.t.Helper()
	if w.access == "" {
		w.access = w.stable(false).str("access_token")
	}
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return path + sep + "access_token=" + w.access
}

func (w *world) post(path string, body any) answer {
	w.t.Helper()
	return w.call(http.MethodPost, w.with(path), body)
}

func (w *world) get(path string) answer {
	w.t.Helper()
	return w.call(http.MethodGet, w.with(path), nil)
}

func (w *world) say(openid, text string) answer {
	w.t.Helper()
	return w.post("/cgi-bin/message/custom/send", answer{"touser": openid, "msgtype": "text", "text": answer{"content": text}})
}

func (w *world) fan(name string) string {
	w.t.Helper()
	p := w.NewPerson(name)
	require.NoError(w.t, w.FollowQuietly(testApp, p.OpenID))
	return p.OpenID
}

func (w *world) settle() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	require.NoError(w.t, w.Settle(ctx))
}

func (w *world) upload(path string, data []byte) answer {
	w.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("media", "a.bin")
	require.NoError(w.t, err)
	_, err = part.Write(data)
	require.NoError(w.t, err)
	require.NoError(w.t, form.Close())
	status, _, out := w.do(http.MethodPost, w.with(path), form.FormDataContentType(), b.Bytes())
	require.Equal(w.t, http.StatusOK, status)
	return w.read(out)
}

func jsonBody(s string) io.Reader { return strings.NewReader(s) }

func roundTrip(req *http.Request) (int, string, error) {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(res.Body)
	return res.StatusCode, string(data), err
}
