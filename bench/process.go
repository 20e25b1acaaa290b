package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a program that was started for the run.
type process struct {
	name string
	cmd  *exec.Cmd
	log  string // file with what it wrote
	done chan error
}

// launch starts a program with the given environment and nothing of ours but the PATH.
func launch(dir, name string, environ []string, stdin io.Reader, args ...string) (*process, error) {
	p := &process{name: name, log: filepath.Join(dir, name+".log"), done: make(chan error, 1)}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, fmt.Errorf("make a log: %w", err)
	}
	defer func() { _ = log.Close() }()         // the program has its own handle
	p.cmd = exec.Command(args[0], args[1:]...) //nolint:gosec,noctx // our own programs; ended by stop, gracefully
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = dir, withPath(environ), stdin, log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us; we end it
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() { p.done <- p.cmd.Wait() }()
	return p, nil
}

// healthy waits until the program answers.
func (p *process) healthy(ctx context.Context, host string) error {
	return p.answers(ctx, "http://"+host+"/healthz", 20*time.Millisecond)
}

// answers asks an address every so often until the program answers well.
func (p *process) answers(ctx context.Context, url string, every time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		if _, err := fetch(ctx, http.MethodGet, url, "", nil); err == nil {
			return nil
		}
		select {
		case err := <-p.done:
			return fmt.Errorf("%s ended (%w): %s", p.name, err, tail(p.log))
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %s", p.name, tail(p.log))
		case <-time.After(every):
		}
	}
}

// stop ends the program as an operator would; one that does not end in time is killed.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // fails only when it has ended
	select {
	case err := <-p.done:
		if err != nil {
			return fmt.Errorf("%s ended badly (%w): %s", p.name, err, tail(p.log))
		}
		return nil
	case <-time.After(30 * time.Second):
		_ = p.cmd.Process.Kill() // likewise
		return fmt.Errorf("%s did not stop", p.name)
	}
}

// withPath gives a program nothing of our environment but the way to its tools.
func withPath(environ []string) []string {
	return slices.Concat(environ, []string{"PATH=" + os.Getenv("PATH")})
}

func tail(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-2000):])
}

// finish runs a program to its end and gives what it printed.
func finish(ctx context.Context, dir string, environ []string, stdin io.Reader, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // our own programs
	var errs bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stderr = dir, withPath(environ), stdin, &errs
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", strings.Join(args[:min(2, len(args))], " "), err, errs.String())
	}
	return out, nil
}

// freeHost finds a port that nobody listens on.
func freeHost(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// fetch makes one call; in is sent as JSON unless it is nil. A status of 400 or more is an error.
func fetch(ctx context.Context, method, url, token string, in any) ([]byte, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: %d %s", method, request.URL.Path, answer.StatusCode, text)
	}
	return text, err
}

// cpu is how long a process has kept a core busy, from /proc.
func cpu(pid int) (time.Duration, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, fmt.Errorf("read the CPU time: %w", err)
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name in brackets may hold blanks
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, errors.New("read the CPU time: unknown form")
	}
	var ticks int
	for _, field := range fields[11:13] { // utime and stime of proc(5)
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, fmt.Errorf("read the CPU time: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil // USER_HZ is 100 wherever Go runs on Linux
}

// memory is what /proc/[pid]/status says of a process's memory under a name, such as VmRSS for what is resident and
// VmHWM for the most that ever was, in KiB.
func (p *process) memory(name string) (int, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0, fmt.Errorf("read a process's memory: %w", err)
	}
	return memoryOf(string(text), name)
}

func memoryOf(status, name string) (int, error) {
	_, rest, _ := strings.Cut("\n"+status, "\n"+name+":")
	line, _, _ := strings.Cut(rest, "kB")
	kib, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		return 0, fmt.Errorf("read a process's memory: %w", err)
	}
	return kib, nil
}
