package main

import (
	"bytes"
	"context"
	"database/sql"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// ownServer is a MariaDB or Redis of one test, which may be killed and started again with the same data on the same port.
// Those of tools/testservers are everybody's.
type ownServer struct {
	t       *testing.T
	program string
	args    []string
	port    string
	answers func(ctx context.Context) error
	cmd     *exec.Cmd
	ended   chan struct{}
	log     *logs
}

// start starts the program and waits until it answers.
func (s *ownServer) start() {
	s.t.Helper()
	s.log, s.ended = &logs{}, make(chan struct{})
	s.cmd = exec.Command(s.program, s.args...)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	began := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // Linux ends the server with this thread, so with the test, however that ends
		defer close(s.ended)
		err := s.cmd.Start()
		began <- err
		if err == nil {
			_ = s.cmd.Wait()
		}
	}()
	require.NoError(s.t, <-began)
	require.Eventually(s.t, func() bool {
		ctx, cancel := context.WithTimeout(s.t.Context(), time.Second)
		defer cancel()
		return s.answers(ctx) == nil
	}, demoPatience, 20*time.Millisecond, "%s does not answer", s.program)
}

// kill ends it as a lost machine would.
func (s *ownServer) kill() {
	_ = s.cmd.Process.Kill()
	<-s.ended
}

// installed finds a server's program; Debian keeps some where not everybody looks.
func installed(t *testing.T, name string) string {
	t.Helper()
	for _, folder := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/local/sbin") {
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return path
		}
	}
	require.NotEqual(t, "true", os.Getenv("CI"), "CI needs %s: make deps installs it", name)
	t.Skipf("LEFT OUT: %s is not installed (make deps installs it)", name)
	return ""
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return port
}

// ownMariaDB starts one that keeps what it has committed, and gives the DSN of an empty database in it.
func ownMariaDB(t *testing.T) (s *ownServer, dsn string) {
	t.Helper()
	dir := t.TempDir()
	common := []string{"--no-defaults", "--datadir=" + filepath.Join(dir, "data"), "--tmpdir=" + dir}
	if os.Geteuid() == 0 {
		common = append(common, "--user=root")
	}
	server := installed(t, "mariadbd")
	out, err := exec.CommandContext(t.Context(), installed(t, "mariadb-install-db"),
		append(common, "--auth-root-authentication-method=normal", "--skip-test-db")...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	port := freePort(t)
	c := mysql.NewConfig()
	c.User, c.Net, c.Addr, c.Logger = "root", "tcp", "127.0.0.1:"+port, &mysql.NopLogger{}
	do := func(ctx context.Context, statement string) error {
		connector, err := mysql.NewConnector(c)
		if err != nil {
			return err
		}
		db := sql.OpenDB(connector)
		defer func() { _ = db.Close() }()
		_, err = db.ExecContext(ctx, statement)
		return err
	}
	s = &ownServer{
		t: t, program: server, port: port,
		// Durability as it comes: with every commit the log is on the disk.
		args: append(common, "--socket=sock", "--pid-file="+filepath.Join(dir, "pid"), "--bind-address=127.0.0.1", "--port="+port,
			"--skip-name-resolve", "--skip-log-bin", "--character-set-server=utf8mb4", "--innodb-buffer-pool-size=128M"),
		answers: func(ctx context.Context) error { return do(ctx, "SELECT 1") },
	}
	s.start()
	t.Cleanup(s.kill)
	const name = "chaos"
	require.NoError(t, do(t.Context(), "CREATE DATABASE "+name+" CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"))
	c.DBName = name
	return s, c.FormatDSN()
}

// ownRedis starts one that keeps nothing.
func ownRedis(t *testing.T) *ownServer {
	t.Helper()
	port := freePort(t)
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + port, MaxRetries: -1})
	s := &ownServer{
		t: t, program: installed(t, "redis-server"), port: port,
		args:    []string{"--bind", "127.0.0.1", "--port", port, "--dir", t.TempDir(), "--save", "", "--appendonly", "no"},
		answers: func(ctx context.Context) error { return client.Ping(ctx).Err() },
	}
	s.start()
	t.Cleanup(func() {
		s.kill()
		_ = client.Close()
	})
	return s
}

// disk is a folder that can be made full.
type disk struct {
	t     *testing.T
	dir   string
	bytes int64 // of a file system of its own; 0: the limit is on the process instead
}

// smallDisk makes one. Who may mount (root) gets a small file system in memory, which really fills up. For others full and
// empty set the size limit of files (RLIMIT_FSIZE) of the processes instead: writes fail with EFBIG where a full disk would
// say ENOSPC, and also where they would not need a new block.
func smallDisk(t *testing.T) *disk {
	t.Helper()
	d := &disk{t: t, dir: t.TempDir()}
	const size = 64 << 20
	if err := syscall.Mount("tmpfs", d.dir, "tmpfs", 0, "size="+strconv.Itoa(size)); err != nil {
		t.Logf("no file system of its own (%v): a limit on the size of files stands in for a full disk", err)
		return d
	}
	d.bytes = size
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(d.dir, syscall.MNT_DETACH)) })
	return d
}

// fill leaves no byte.
func (d *disk) fill(processes ...*process) {
	d.t.Helper()
	if d.bytes == 0 {
		for _, p := range processes {
			limitFiles(d.t, p.cmd.Process.Pid, 0)
		}
		return
	}
	f, err := os.Create(filepath.Join(d.dir, "filler"))
	require.NoError(d.t, err)
	defer func() { _ = f.Close() }()
	for piece := bytes.Repeat([]byte{1}, 64<<10); len(piece) > 0; {
		if n, err := f.Write(piece); err != nil {
			require.ErrorIs(d.t, err, syscall.ENOSPC)
			piece = piece[:(len(piece)-n)/2]
		}
	}
}

// free makes room again.
func (d *disk) free(processes ...*process) {
	d.t.Helper()
	if d.bytes == 0 {
		for _, p := range processes {
			limitFiles(d.t, p.cmd.Process.Pid, noLimit)
		}
		return
	}
	require.NoError(d.t, os.Remove(filepath.Join(d.dir, "filler")))
}

// noLimit takes the limit on the size of files away.
const noLimit = -1

// limitFiles sets how large a process's files may become.
func limitFiles(t *testing.T, pid, limit int) {
	t.Helper()
	size := "unlimited"
	if limit != noLimit {
		size = strconv.Itoa(limit)
	}
	out, err := exec.CommandContext(t.Context(), installed(t, "prlimit"), "--pid="+strconv.Itoa(pid), "--fsize="+size+":").CombinedOutput()
	require.NoError(t, err, "%s", strings.TrimSpace(string(out)))
}
