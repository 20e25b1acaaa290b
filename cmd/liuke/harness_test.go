package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/api/apitest"
	"liuke/config"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/wechat/simulator"
)

// patience bounds every wait for something that happens by itself.
const patience = 20 * time.Second

// The account of a test.
const (
	testSecret    = "secret-of-the-test"
	testToken     = "tokenOfTheTest"
	testAESKey    = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	ownerPassword = "password-of-the-owner"
)

// running is the whole program on one database, beside a WeChat of its own.
type running struct {
	*instance

	kind    string
	program string   // see newChainOn
	environ []string // of every command and instance
	sim     *simulator.Simulator
	simURL  string

	appid     string
	accountID string
	ownerID   string
	owner     string // token of the owner
	phones    int
}

// instance is one process of the program.
type instance struct {
	t        *testing.T
	app      *App
	url      string
	contract apitest.Contract
	logs     *logs
	stop     func() // graceful; may be called twice
}

// each runs a test once per kind of database, on a program of its own.
func each(t *testing.T, f func(t *testing.T, w *running)) {
	t.Helper()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f(t, startApp(t, kind))
		})
	}
}

// startApp runs the program with one account whose owner has signed in. Change the options of its instances by change.
func startApp(t *testing.T, kind string, change ...func(*options)) *running {
	t.Helper()
	w := newChain(t, kind)
	w.instance = w.start(t, roleAll, change...)
	w.callback(t, w.url)
	w.owner = w.signIn("13800000000", ownerPassword)
	return w
}

// newChain makes a database with one account, and a WeChat. Nothing runs yet.
func newChain(t *testing.T, kind string) *running {
	t.Helper()
	return newChainAt(t, kind, time.Now)
}

// newChainAt is newChain with a WeChat that goes by another clock. Give it to the instances too.
func newChainAt(t *testing.T, kind string, now func() time.Time) *running {
	t.Helper()
	return newChainOn(t, kind, "", now, func(wechatURL string) []string { return environment(t, kind, wechatURL) })
}

// newChainOn is newChainAt in an environment of one's own, with a migrated database. program is another build that runs
// commands; empty: they run in this process.
func newChainOn(t *testing.T, kind, program string, now func() time.Time, environ func(wechatURL string) []string) *running {
	t.Helper()
	w := &running{kind: kind, program: program, appid: fmt.Sprintf("wx%016x", rand.Uint64())}
	sim, err := simulator.New(simulator.Options{Now: now, Seed: rand.Int64(), RetrySpacing: time.Second})
	require.NoError(t, err)
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(func() {
		sim.Close()
		server.Close()
	})
	w.sim, w.simURL = sim, server.URL
	w.environ = environ(server.URL)

	out := w.command(t, ownerPassword+"\n", "account", "add", "--appid", w.appid, "--secret", testSecret, "--token", testToken,
		"--aes-key", testAESKey, "--name", "测试号", "--owner-phone", "13800000000", "--owner-name", "老板")
	var added struct {
		AccountID string `json:"account_id"`
		OwnerID   string `json:"owner_id"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &added))
	w.accountID, w.ownerID = added.AccountID, added.OwnerID
	return w
}

// callback tells WeChat where the program takes its pushes.
func (w *running) callback(t *testing.T, base string) {
	t.Helper()
	require.NoError(t, w.sim.AddAccount(simulator.Account{
		AppID: w.appid, Secret: testSecret, Token: testToken, AESKey: testAESKey, Callback: base + "/wechat/" + w.appid,
	}))
}

// environment is that of a fresh database.
func environment(t *testing.T, kind, wechatURL string) []string {
	t.Helper()
	dir := t.TempDir()
	env := []string{
		"LIUKE_LISTEN=127.0.0.1:0", "LIUKE_WECHAT_API_URL=" + wechatURL, "LIUKE_LOG_LEVEL=debug",
		"LIUKE_MEDIA=file:" + filepath.Join(dir, "media"), "LIUKE_JOURNAL=" + filepath.Join(dir, "journal"),
		"LIUKE_LIMIT_STAFF=1000000/1000000", "LIUKE_LIMIT_ADDRESS=1000000/1000000", // tests call faster than people
	}
	if kind == database.SQLite { // made with its master key beside it
		return append(env, "LIUKE_DATABASE=sqlite:"+filepath.Join(t.TempDir(), "liuke.db"))
	}
	where := databasetest.Fresh(t, kind)
	key := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, config.KeySize))
	env = append(env, "LIUKE_DATABASE=mysql:"+where.DSN, "LIUKE_MASTER_KEY="+key)
	if redis := os.Getenv(databasetest.RedisVariable); redis != "" {
		env = append(env, "LIUKE_REDIS="+redis)
	}
	var stderr strings.Builder
	require.Equal(t, exitDone, run(t.Context(), []string{"migrate"}, env, strings.NewReader(""), io.Discard, &stderr), "%s", &stderr)
	return env
}

// start runs one more instance of the program on the same database. It stops with the test.
func (w *running) start(t *testing.T, role string, change ...func(*options)) *instance {
	t.Helper()
	cfg, err := config.Load(w.environ)
	require.NoError(t, err)
	i := &instance{t: t, logs: &logs{}}
	o := options{Config: cfg, Role: role, Now: time.Now, Log: slog.New(slog.NewJSONHandler(i.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, f := range change {
		f(&o)
	}
	i.app, err = newApp(t.Context(), o)
	require.NoError(t, err)
	i.url = "http://" + i.app.Addr()
	if i.app.api != nil {
		i.contract = apitest.New(i.app.api.OpenAPI())
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- i.app.Run(ctx) }()
	i.stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
		require.NoError(t, i.app.Close())
	})
	t.Cleanup(i.stop)
	return i
}

// command runs a command of the program that must succeed, and gives what it printed.
func (w *running) command(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	var stdout, stderr strings.Builder
	if w.program != "" {
		cmd := exec.CommandContext(t.Context(), w.program, args...)
		cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = w.environ, strings.NewReader(stdin), &stdout, &stderr
		require.NoError(t, cmd.Run(), "%v: %s", args, &stderr)
		return stdout.String()
	}
	code := run(t.Context(), args, w.environ, strings.NewReader(stdin), &stdout, &stderr)
	require.Equal(t, exitDone, code, "%v: %s", args, &stderr)
	return stdout.String()
}

// eventually waits until ok holds.
func eventually(t *testing.T, ok func() bool, what string) {
	t.Helper()
	require.Eventually(t, ok, patience, 10*time.Millisecond, what)
}

// settle waits until no push is on its way.
func (w *running) settle() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	require.NoError(w.t, w.sim.Settle(ctx))
}

// logs keeps what an instance logged.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write takes a line.
func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String gives all lines.
func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
