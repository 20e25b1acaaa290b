package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/api"
	"liuke/api/apitest"
)

// playProgram in the environment makes the test binary the program itself, so that tests can kill a real process
// without building another binary.
const playProgram = "PLAY_LIUKE=1"

func TestMain(m *testing.M) {
	if slices.Contains(os.Environ(), playProgram) {
		go func() { // ends with the test that started it, however that ends
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(exitFailed)
		}()
		main()
	}
	os.Exit(m.Run())
}

// process is the program in a process of its own, to be killed.
type process struct {
	*instance

	cmd   *exec.Cmd
	ended chan struct{}
}

// spawn starts the program in a process of its own on the same database; it ends with the test at the latest.
func (w *running) spawn(t *testing.T, role string) *process {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	p := &process{
		instance: &instance{t: t, logs: &logs{}, contract: document(t)},
		cmd:      exec.Command(self, "serve", "--role="+role), ended: make(chan struct{}),
	}
	p.cmd.Env = append(slices.Clone(w.environ), playProgram, "LIUKE_LOG_LEVEL=info")
	served := &watched{logs: p.logs, address: make(chan string, 1)}
	p.cmd.Stderr = served
	hold, err := p.cmd.StdinPipe()
	require.NoError(t, err)
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
