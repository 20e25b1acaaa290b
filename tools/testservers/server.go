package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	startTimeout = 60 * time.Second
	startTries   = 3 // a free port may be taken between looking and listening
)

// server is one that we started.
type server struct {
	port, peer int
	address    string
	process    *os.Process
	ended      chan struct{}
}

// start prepares and starts a server, or all that work together, and waits until they answer.
func start(ctx context.Context, k kind, programs []string, root string) (_ []*server, err error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	var started []*server
	defer func() {
		if err != nil {
			stop(started)
		}
	}()
	for node := range max(1, k.nodes) {
		dir := filepath.Join(root, strings.ReplaceAll(strings.ToLower(k.name), " ", "-")+strconv.Itoa(node))
		s, err := startNode(ctx, k, programs, dir)
		if err != nil {
			return started, err
		}
		started = append(started, s)
	}
	if k.join == nil {
		return started, nil
	}
	return started, k.join(ctx, started)
}

func startNode(ctx context.Context, k kind, programs []string, dir string) (*server, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	if err := k.prepare(ctx, programs, dir); err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	var failed error
	for range startTries {
		s, err := startOnce(ctx, k, programs[0], dir)
		if err == nil {
			return s, nil
		}
		failed = err
		if ctx.Err() != nil {
			break
		}
	}
	return nil, failed
}

func startOnce(ctx context.Context, k kind, program, dir string) (*server, error) {
	port, peer, err := freePorts(ctx)
	if err != nil {
		return nil, err
	}
	var log bytes.Buffer                                     // read only after the process has ended
	cmd := exec.Command(program, k.args(dir, port, peer)...) //nolint:noctx // it lives longer than the start, until stop
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.SysProcAttr = apart()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{port: port, peer: peer, address: k.address(port), process: cmd.Process, ended: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // how it ended stands in its log
		close(s.ended)
	}()
	if err := s.waitFor(ctx, func(ctx context.Context) error { return k.answers(ctx, port) }); err != nil {
		s.stop()
		return nil, fmt.Errorf("%w; its log ends:\n%s", err, lastLines(log.Bytes()))
	}
	return s, nil
}

// address is where clients find the servers: that of the first, and the host and port of the others.
func address(servers []*server) string {
	all := make([]string, len(servers))
	for i, s := range servers {
		all[i] = hostPort(s.port)
	}
	all[0] = servers[0].address
	return strings.Join(all, ",")
}

// waitFor asks until the server answers, has ended, or ctx is over.
func (s *server) waitFor(ctx context.Context, answers func(context.Context) error) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-s.ended:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("it did not answer: %w", ctx.Err())
		case <-tick.C:
		}
		ask, cancel := context.WithTimeout(ctx, time.Second)
		err := answers(ask)
		cancel()
		if err == nil {
			return nil
		}
	}
}

// stop kills the server, which has nothing worth a graceful end, and waits until it is gone.
func (s *server) stop() {
	_ = s.process.Kill()
	<-s.ended
}

func stop(servers []*server) {
	for _, s := range servers {
		s.stop()
	}
}

// freePorts finds two ports that nobody listens on.
func freePorts(ctx context.Context) (one, other int, err error) {
	if one, other, err = listenTwice(ctx); err != nil {
		err = fmt.Errorf("find a free port: %w", err)
	}
	return one, other, err
}

func listenTwice(ctx context.Context) (one, other int, err error) {
	var ports []int
	for range 2 {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return 0, 0, err
		}
		defer func() { _ = l.Close() }()
		bound, err := netip.ParseAddrPort(l.Addr().String())
		if err != nil {
			return 0, 0, err
		}
		ports = append(ports, int(bound.Port()))
	}
	return ports[0], ports[1], nil
}

// find looks for programs in folders and gives their paths, or the names that are in none. A name with a slash is a path.
func find(names, folders []string) (paths, missing []string) {
	for _, name := range names {
		path := ""
		for _, folder := range folders {
			candidate := filepath.Join(folder, name)
			if strings.Contains(name, "/") {
				candidate = name
			}
			if info, err := os.Stat(candidate); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
				path = candidate
				break
			}
		}
		if path == "" {
			missing = append(missing, name)
			continue
		}
		paths = append(paths, path)
	}
	return paths, missing
}

// lastLines keeps the end of a log, where the reason stands.
func lastLines(log []byte) string {
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}
