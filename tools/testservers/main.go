// Command testservers runs another command beside a private MariaDB, a private Redis and a private Redis Cluster of
// three nodes:
//
//	go run ./tools/testservers [--durable] [--tidb=bin/tools/tidb-server] -- go test ./...
//
// The command finds them by LIUKE_TEST_MYSQL (a DSN of the Go MySQL driver, user root, no database chosen),
// LIUKE_TEST_REDIS (a redis:// URL) and LIUKE_TEST_REDIS_CLUSTER (redis:// and all addresses, separated by commas, as
// LIUKE_REDIS takes them). All listen on free ports of 127.0.0.1 and keep their files in a temporary folder; all are
// gone when the command ends, and its exit code is passed on. With --tidb that program is taken for MariaDB. A server whose program is not installed is left out,
// loudly, and its variable is not set; with CI=true that is a failure.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

func main() {
	p := program{environ: os.Environ(), stdout: os.Stdout, stderr: os.Stderr}
	// Debian keeps servers in /usr/sbin, which is not on everybody's PATH.
	p.searchIn = append(strings.Split(os.Getenv("PATH"), string(os.PathListSeparator)), "/usr/sbin", "/usr/local/sbin")
	os.Exit(p.run(os.Args[1:]))
}

// program is one run, with what it takes from the world.
type program struct {
	environ        []string
	searchIn       []string // folders with the servers' programs
	tempDir        string   // where the temporary folder is made; empty: the system's place
	stdout, stderr io.Writer
}

// run gives the exit code: the command's, 128 + signal when a signal ended it, 1 when a server failed, 2 for wrong
// arguments.
func (p program) run(args []string) int {
	flags := flag.NewFlagSet("testservers", flag.ContinueOnError)
	flags.SetOutput(p.stderr)
	durable := flags.Bool("durable", false, "keep MariaDB's own durability (for benchmarks) instead of speed")
	tidb := flags.String("tidb", "", "a TiDB server to start in place of MariaDB (make test-tidb builds one)")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() == 0 {
		p.say("usage: testservers [--durable] [--tidb=PROGRAM] -- COMMAND ARGUMENTS…")
		return 2
	}

	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()

	// Linux ends the servers with the thread that started them, should this process be killed outright.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	code, err := p.withServers(ctx, kinds(*durable, *tidb), func(variables []string) (int, error) {
		return p.runCommand(flags.Args(), variables, signals)
	})
	if err != nil {
		p.say(err.Error())
		return 1
	}
	return code
}

// withServers starts what is installed, calls f with the variables that name the servers, and removes every trace.
func (p program) withServers(ctx context.Context, kinds []kind, f func([]string) (int, error)) (code int, err error) {
	dir, err := os.MkdirTemp(p.tempDir, "liuke-testservers-")
	if err != nil {
		return 0, fmt.Errorf("make a folder for the servers: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	var variables []string
	for _, kind := range kinds {
		programs, missing := find(kind.programs, p.searchIn)
		if len(missing) > 0 {
			p.say(fmt.Sprintf("!!! NOT INSTALLED: %s. Everything on %s is LEFT OUT (make deps installs it).",
				strings.Join(missing, ", "), kind.name))
			if slices.Contains(p.environ, "CI=true") {
				return 0, errors.New("with CI=true nothing may be left out")
			}
			continue
		}
		servers, err := start(ctx, kind, programs, dir)
		if err != nil {
			return 0, fmt.Errorf("start %s: %w", kind.name, err)
		}
		defer stop(servers)
		variables = append(variables, kind.variable+"="+address(servers))
	}
	return f(variables)
}

func (p program) say(line string) { _, _ = fmt.Fprintln(p.stderr, "testservers: "+line) }
