package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/api"
	"liuke/api/apitest"
	"liuke/config"
	"liuke/service/staff"
)

// playProgram in the environment makes the test binary the program itself, so that tests can kill a real process
// without building another binary.
const playProgram = "PLAY_LIUKE=1"

func TestMain(m *testing.M) {
	hashing = staff.Hashing{Memory: 64, Iterations: 1}
	if slices.Contains(os.Environ(), playProgram) {
		os.Exit(play())
	}
	os.Exit(m.Run())
}

// play is main, but "serve" goes by a clock that the test moves: each line on standard input says by how much it is off from
// then on. When nobody holds the other end any more, the program ends as if killed.
func play() int {
	var off atomic.Int64
	go func() {
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			if d, err := time.ParseDuration(lines.Text()); err == nil {
				off.Store(int64(d))
			}
		}
		os.Exit(exitFailed)
	}()
	role, serves := strings.CutPrefix(strings.Join(os.Args[1:], " "), "serve --role=")
	if !serves {
		main()
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	cfg, err := config.Load(os.Environ())
	if err == nil {
		log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: cfg.LogLevel}))
		now := func() time.Time { return time.Now().Add(time.Duration(off.Load())) }
		err = serve(ctx, options{Config: cfg, Role: role, Now: now, Log: log})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "liuke:", err)
		return exitFailed
	}
	return exitDone
}

// process is the program in a process of its own, to be killed.
type process struct {
	*instance

	cmd   *exec.Cmd
	hold  io.WriteCloser // see play
	ended chan struct{}
}

// spawn starts the program in a process of its own on the same database; it ends with the test at the latest.
func (w *running) spawn(t *testing.T, role string) *process {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	return spawnProgram(t, self, role, append(slices.Clone(w.environ), playProgram, "LIUKE_LOG_LEVEL=info"))
}

// spawnProgram starts a build of the program and waits until it serves.
func spawnProgram(t *testing.T, path, role string, environ []string) *process {
	t.Helper()
	p := &process{
		instance: &instance{t: t, logs: &logs{}, contract: document(t)},
		cmd:      exec.Command(path, "serve", "--role="+role), ended: make(chan struct{}),
	}
	p.cmd.Env = environ
	served := &watched{logs: p.logs, address: make(chan string, 1)}
	p.cmd.Stderr = served
	hold, err := p.cmd.StdinPipe()
	require.NoError(t, err)
	p.hold = hold
	require.NoError(t, p.cmd.Start())
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.kill()
		_ = hold.Close()
	})
	select {
	case address := <-served.address:
		p.url = "http://" + address
	case <-p.ended:
		require.Fail(t, "the program did not start", "%s", p.logs)
	case <-time.After(demoPatience):
		require.Fail(t, "the program did not come up", "%s", p.logs)
	}
	return p
}

// kill ends the process as a lost machine would: it gets no chance to do anything.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// off moves the process's clock: from now on it is off by d.
func (p *process) off(d time.Duration) {
	_, _ = fmt.Fprintln(p.hold, d) // fails when the process has ended
}

// watched keeps what a process logs and tells the address when it serves.
type watched struct {
	*logs

	once    sync.Once
	address chan string
}

// Write takes lines.
func (w *watched) Write(b []byte) (int, error) {
	for line := range bytes.Lines(b) {
		var said struct{ Msg, Address string }
		if json.Unmarshal(line, &said) == nil && said.Msg == "serving" {
			w.once.Do(func() { w.address <- said.Address })
		}
	}
	return w.logs.Write(b)
}

// document is the contract that the program's answers are held to.
func document(t *testing.T) apitest.Contract {
	t.Helper()
	a, err := api.New(api.Deps{Now: time.Time{}.UTC, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	return apitest.New(a.OpenAPI())
}

// balancer passes calls on to instances in turn, as what stands before several of them does.
type balancer struct {
	url    string
	turn   atomic.Int64
	mu     sync.Mutex
	behind []*url.URL
}

func newBalancer(t *testing.T, instances ...*instance) *balancer {
	t.Helper()
	b := &balancer{}
	b.to(t, instances...)
	server := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(b.next()) },
		FlushInterval: -1, // streams at once
		ErrorLog:      slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		ErrorHandler:  func(rw http.ResponseWriter, _ *http.Request, _ error) { rw.WriteHeader(http.StatusBadGateway) },
	})
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

// to names the instances behind it.
func (b *balancer) to(t *testing.T, instances ...*instance) {
	t.Helper()
	behind := make([]*url.URL, len(instances))
	for n, i := range instances {
		var err error
		behind[n], err = url.Parse(i.url)
		require.NoError(t, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.behind = behind
}

func (b *balancer) next() *url.URL {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.behind[int(b.turn.Add(1))%len(b.behind)]
}

func TestProcess_diesWhenKilled(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		p := w.spawn(t, roleAPI)
		require.Equal(t, "ok\n", string(p.must(200, "GET", "/healthz", "", nil).raw))
		p.kill()
		require.Equal(t, "signal: killed", strings.TrimSpace(p.cmd.ProcessState.String()))
	})
}
