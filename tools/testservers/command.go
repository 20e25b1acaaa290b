package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
)

// runCommand runs the command with the servers' variables and passes signals on until it ends.
func (p program) runCommand(args, variables []string, signals <-chan os.Signal) (int, error) {
	cmd := exec.Command(args[0], args[1:]...) //nolint:noctx // it ends by itself or by the signals passed on, gracefully
	cmd.Env = append(withoutServers(p.environ), variables...)
	cmd.Stdout, cmd.Stderr = p.stdout, p.stderr
	// In a group of its own, so that a signal reaches what the command started as well: the go command would leave
	// its test programs behind. Such a group has no terminal to read from, hence no standard input.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("start the command: %w", err)
	}

	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case sig := <-signals:
			if number, ok := sig.(syscall.Signal); ok {
				_ = syscall.Kill(-cmd.Process.Pid, number) // fails only when it has just ended
			}
		case err := <-ended:
			return exitCode(err)
		}
	}
}

// exitCode says how a command ended as a shell would.
func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return 0, err
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return exit.ExitCode(), nil
}

// withoutServers drops variables that name servers we did not start: a test must not run on somebody's real data.
func withoutServers(environ []string) []string {
	var kept []string
	for _, line := range environ {
		if name, _, _ := strings.Cut(line, "="); !slices.Contains(variables(), name) {
			kept = append(kept, line)
		}
	}
	return kept
}
