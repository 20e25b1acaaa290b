package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// demoPatience bounds every wait of the tests of the demo.
const demoPatience = 2 * time.Minute

// screen is what a command prints, safe to read while it runs.
type screen struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// runningDemo is a demo that has started.
type runningDemo struct {
	screen   *screen
	stop     func() int // ends it and gives its exit code
	base     string
	phones   string
	callback string
	logins   [][]string // phone, password
}

func startDemo(t *testing.T, args ...string) *runningDemo {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	d := &runningDemo{screen: &screen{}}
	ended := make(chan int, 1)
	args = append([]string{"demo", "--simulator", "127.0.0.1:0"}, args...)
	go func() {
		ended <- run(ctx, args, []string{"LIUKE_LISTEN=127.0.0.1:0"}, strings.NewReader(""), d.screen, d.screen)
	}()
	stopped := sync.OnceValue(func() int {
		cancel()
		select {
		case code := <-ended:
			return code
		case <-time.After(10 * time.Second):
			return -1
		}
	})
	d.stop = stopped
	t.Cleanup(func() { stopped() })
	require.Eventually(t, func() bool { return strings.Contains(d.screen.String(), "Ctrl-C") || len(ended) > 0 }, demoPatience, 10*time.Millisecond)
	text := d.screen.String()
	find := func(pattern string) string {
		m := regexp.MustCompile(pattern).FindStringSubmatch(text)
		require.NotNil(t, m, text)
		return m[1]
	}
	d.base = find(`(http://\S+)/console`)
	d.phones = find(`members' phones +(http://\S+)/`)
	d.callback = find(`callback +(http://\S+)`)
	for _, m := range regexp.MustCompile(`(1\d{10}) / (\S+)`).FindAllStringSubmatch(text, -1) {
		d.logins = append(d.logins, m[1:])
	}
	return d
}

// call makes an API call and reads the answer.
func (d *runningDemo) call(t *testing.T, token, method, path string, body any) (int, map[string]any) {
	t.Helper()
	var in bytes.Buffer
	if body != nil {
		require.NoError(t, json.NewEncoder(&in).Encode(body))
	}
	req, err := http.NewRequestWithContext(t.Context(), method, d.base+path, &in)
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	out := map[string]any{}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&out))
	return resp.StatusCode, out
}

func (d *runningDemo) signIn(t *testing.T, phone, password string) (token, role string) {
	t.Helper()
	status, out := d.call(t, "", http.MethodPost, "/api/session", map[string]any{"phone": phone, "password": password})
	require.Equal(t, http.StatusCreated, status, out)
	person, ok := out["staff"].(map[string]any)
	require.True(t, ok)
	return fmt.Sprint(out["token"]), fmt.Sprint(person["role"])
}

// all reads a list to its end.
func (d *runningDemo) all(t *testing.T, token, path string) []map[string]any {
	t.Helper()
	var items []map[string]any
	for cursor := ""; ; {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		status, out := d.call(t, token, http.MethodGet, path+sep+"limit=100&cursor="+url.QueryEscape(cursor), nil)
		require.Equal(t, http.StatusOK, status, out)
		page, ok := out["items"].([]any)
		require.True(t, ok)
		for _, i := range page {
			item, ok := i.(map[string]any)
			require.True(t, ok)
			items = append(items, item)
		}
		if cursor, ok = out["next"].(string); !ok {
			return items
		}
	}
}

// picture is everything of a demo that must be the same at each start.
func (d *runningDemo) picture(t *testing.T) []string {
	t.Helper()
	var lines []string
	for _, l := range d.logins {
		token, role := d.signIn(t, l[0], l[1])
		queues := map[string][]string{
			"clerk": {"mine", "waiting", "store"}, "manager": {"store"}, "support": {"unassigned"}, "owner": {"unassigned"},
		}
		for _, queue := range queues[role] {
			for _, c := range d.all(t, token, "/api/conversations?queue="+queue) {
				m, ok := c["member"].(map[string]any)
				require.True(t, ok)
				last, ok := c["last_message"].(map[string]any)
				require.True(t, ok)
				lines = append(lines, fmt.Sprint(l[0], queue, m["name"], c["unread"], c["waiting_since"] != nil, last["kind"], last["text"]))
			}
		}
		if role != "owner" {
			continue
		}
		var members []string
		for _, m := range d.all(t, token, "/api/members") {
			members = append(members, fmt.Sprint(m["name"], m["phone"], m["card_no"], m["openid"], m["subscribed"], m["clerk_id"] != ""))
		}
		require.Len(t, members, sampleMembers)
		slices.Sort(members)
		lines = append(lines, members...)
		lines = append(lines, d.results(t, token)...)
	}
	return lines
}

// results are the saved segments, and what came of the campaign that lies behind the chain.
func (d *runningDemo) results(t *testing.T, token string) []string {
	t.Helper()
	var lines []string
	for _, s := range d.all(t, token, "/api/segments") {
		lines = append(lines, fmt.Sprint("segment ", s["name"], s["filter"]))
	}
	require.Len(t, lines, len(sampleSegments()))
	campaigns := d.all(t, token, "/api/campaigns")
	require.Len(t, campaigns, 1)
	require.Equal(t, "done", campaigns[0]["state"])
	path := fmt.Sprint("/api/campaigns/", campaigns[0]["id"])
	for _, r := range d.all(t, token, path+"/recipients") {
		lines = append(lines, fmt.Sprint("recipient ", r["name"], r["state"], r["channel"], r["reason"]))
	}
	slices.Sort(lines)
	status, outcome := d.call(t, token, http.MethodGet, path+"/outcome", nil)
	require.Equal(t, http.StatusOK, status)
	for _, group := range []string{"sent", "control"} {
		of, is := outcome[group].(map[string]any)
		require.True(t, is)
		require.Positive(t, of["bought"], group)
	}
	return append(lines, fmt.Sprint(outcome))
}

func TestDemo_startsTheSameEachTimeWithPeopleWhoCanSignIn(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	first := startDemo(t, "--data", dir)
	require.Len(t, first.logins, 9)
	picture := first.picture(t)
	for _, want := range []string{"mine", "waiting", "store", "unassigned"} {
		require.True(t, slices.ContainsFunc(picture, func(l string) bool { return strings.Contains(l, want) }), "somebody in the queue %s", want)
	}
	require.NotContains(t, first.screen.String(), `"level":"ERROR"`)

	for _, page := range []string{first.phones + "/", first.base + "/healthz", first.base + "/readyz"} {
		require.NotEmpty(t, get(t, page))
	}
	require.True(t, strings.HasPrefix(first.callback, first.base+"/wechat/wx"))
	require.Equal(t, exitDone, first.stop(), first.screen.String())

	second := startDemo(t, "--data", dir)
	require.Equal(t, picture, second.picture(t))
	require.Equal(t, exitDone, second.stop())
}

func TestDemo_keepsItsDataAndItsPhonesWhenAsked(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	first := startDemo(t, "--data", dir)
	token, _ := first.signIn(t, first.logins[0][0], first.logins[0][1])
	status, out := first.call(t, token, http.MethodPost, "/api/members", map[string]any{"name": "新会员", "phone": "13700000001"})
	require.Equal(t, http.StatusCreated, status, out)
	require.Equal(t, exitDone, first.stop())

	second := startDemo(t, "--data", dir, "--keep")
	token, _ = second.signIn(t, second.logins[0][0], second.logins[0][1])
	members := second.all(t, token, "/api/members")
	require.Len(t, members, sampleMembers+1)
	follower := slices.IndexFunc(members, func(m map[string]any) bool { return m["subscribed"] == true && m["name"] != "" })
	require.GreaterOrEqual(t, follower, 0)

	// What a visitor opens first shows people to play, also one who does not follow yet.
	shown := get(t, second.phones+"/phones")
	require.Equal(t, 3, strings.Count(shown, `<article class="phone"`))
	for _, want := range []string{sampleStrangers()[0], "豆豆妈", second.base + "/app", sampleChain} {
		require.Contains(t, shown, want)
	}

	// A phone of the first run still reaches its conversation.
	form := url.Values{"text": {"我又来了"}}
	phone := second.phoneOf(t, fmt.Sprint(members[follower]["name"]))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, phone+"/text", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	var clerks []string
	for _, l := range second.logins {
		if token, role := second.signIn(t, l[0], l[1]); role == "clerk" {
			clerks = append(clerks, token)
		}
	}
	require.Eventually(t, func() bool {
		return slices.ContainsFunc(clerks, func(token string) bool { return second.hears(t, token, "我又来了") })
	}, demoPatience, 50*time.Millisecond)
	require.Equal(t, exitDone, second.stop())
}

// phoneOf finds the page of a person's phone.
func (d *runningDemo) phoneOf(t *testing.T, name string) string {
	t.Helper()
	m := regexp.MustCompile(`/phones\?p=(p\d+)"`).FindStringSubmatch(get(t, d.phones+"/people?p=&q="+url.QueryEscape(name)))
	require.NotNil(t, m)
	return d.phones + "/phone/" + m[1] + "/" + sampleAppID
}

// get reads a page.
func get(t *testing.T, address string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode, address)
	return string(body)
}

// hears reports whether a text is the last one of a conversation of the clerk.
func (d *runningDemo) hears(t *testing.T, token, text string) bool {
	t.Helper()
	return slices.ContainsFunc(d.all(t, token, "/api/conversations?queue=mine"), func(c map[string]any) bool {
		last, ok := c["last_message"].(map[string]any)
		return ok && last["text"] == text
	})
}

func TestDemo_touchesNoFolderOfOtherData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := filepath.Join(dir, demoDatabase)
	require.NoError(t, os.WriteFile(db, []byte("precious"), 0o600))
	var out screen
	code := run(t.Context(), []string{"demo", "--data", dir}, []string{"LIUKE_LISTEN=127.0.0.1:0"}, strings.NewReader(""), &out, &out)
	require.Equal(t, exitFailed, code)
	require.Contains(t, out.String(), "--data")
	kept, err := os.ReadFile(db)
	require.NoError(t, err)
	require.Equal(t, "precious", string(kept))
}

func TestDemo_failsBeforeItTouchesDataWhenItsAddressIsTaken(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	dir := filepath.Join(t.TempDir(), "demo")
	var out screen
	code := run(t.Context(), []string{"demo", "--data", dir}, []string{"LIUKE_LISTEN=" + l.Addr().String()}, strings.NewReader(""), &out, &out)
	require.Equal(t, exitFailed, code)
	require.Contains(t, out.String(), "LIUKE_LISTEN")
	require.NoDirExists(t, dir)
}

func TestListenOrFree_takesAFreePortWhenItsOwnIsTaken(t *testing.T) {
	t.Parallel()
	first, err := listenOrFree(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = first.Close() }()
	second, err := listenOrFree(t.Context(), first.Addr().String())
	require.NoError(t, err)
	defer func() { _ = second.Close() }()
	require.NotEqual(t, first.Addr().String(), second.Addr().String())
	_, err = listenOrFree(t.Context(), "nonsense")
	require.Error(t, err)
}

func TestSampleFiles_areTheSamePeopleEachTime(t *testing.T) {
	t.Parallel()
	files := sampleFiles(sampleMembers)
	require.Equal(t, files, sampleFiles(sampleMembers))
	require.Equal(t, files[:50], sampleFiles(50))
	names, phones := map[string]bool{}, map[string]bool{}
	for _, f := range files {
		names[f.Name], phones[f.Phone] = true, true
		require.Regexp(t, `^139\d{8}$`, f.Phone)
	}
	require.Len(t, names, sampleMembers)
	require.Len(t, phones, sampleMembers)
}

func TestDemo_endsWhenToldToWhileItStarts(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &screen{}
	ended := make(chan int, 1)
	go func() {
		args := []string{"demo", "--simulator", "127.0.0.1:0", "--data", dir}
		ended <- run(ctx, args, []string{"LIUKE_LISTEN=127.0.0.1:0"}, strings.NewReader(""), out, out)
	}()
	require.Eventually(t, func() bool { return strings.Contains(out.String(), "making") }, demoPatience, time.Millisecond)
	cancel()
	select {
	case code := <-ended:
		require.Equal(t, exitDone, code, out.String())
	case <-time.After(10 * time.Second):
		require.Fail(t, "it does not end")
	}
	next := startDemo(t, "--data", dir, "--keep")
	require.Contains(t, next.screen.String(), "making", "what was interrupted is made anew")
	require.Len(t, next.logins, 9)
}
