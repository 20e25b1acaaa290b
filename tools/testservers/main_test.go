package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// newProgram makes one that sees only what the test gives it, and what it wrote.
func newProgram(t *testing.T, searchIn ...string) (p program, stdout, stderr *bytes.Buffer) {
	t.Helper()
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	return program{
		environ: []string{"PATH=" + os.Getenv("PATH")}, searchIn: searchIn, tempDir: t.TempDir(), stdout: stdout, stderr: stderr,
	}, stdout, stderr
}

func TestRun_givesTheCommandServersAndTakesThemAwayAgain(t *testing.T) {
	t.Parallel()
	folders := []string{"/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"}
	for _, k := range kinds(false, "") {
		if _, missing := find(k.programs, folders); len(missing) > 0 {
			t.Skip("not installed: ", missing)
		}
	}
	p, stdout, stderr := newProgram(t, folders...)
	code := p.run([]string{"--", "sh", "-c", "echo $LIUKE_TEST_MYSQL; echo $LIUKE_TEST_REDIS; echo $LIUKE_TEST_REDIS_CLUSTER; exit 7"})
	require.Equal(t, 7, code, stderr)
	require.Regexp(t, `^root@tcp\(127\.0\.0\.1:\d+\)/\nredis://127\.0\.0\.1:\d+/0\nredis://127\.0\.0\.1:\d+(,127\.0\.0\.1:\d+){2}\n$`, stdout.String())

	for _, address := range regexp.MustCompile(`127\.0\.0\.1:\d+`).FindAllString(stdout.String(), -1) {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			_ = conn.Close()
		}
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
	}
	requireEmpty(t, p.tempDir)
}

func TestRun_leavesOutLoudlyWhatIsNotInstalled(t *testing.T) {
	t.Parallel()
	p, stdout, stderr := newProgram(t, t.TempDir())
	p.environ = append(p.environ, mysqlVariable+"=root@tcp(real.example.com)/", redisVariable+"=redis://real.example.com",
		clusterVariable+"=redis://real.example.com")
	code := p.run([]string{"sh", "-c", "echo mysql=$LIUKE_TEST_MYSQL redis=$LIUKE_TEST_REDIS cluster=$LIUKE_TEST_REDIS_CLUSTER"})
	require.Equal(t, 0, code)
	require.Equal(t, "mysql= redis= cluster=\n", stdout.String())
	require.Contains(t, stderr.String(), "NOT INSTALLED: mariadbd, mariadb-install-db. Everything on MariaDB is LEFT OUT")
	require.Contains(t, stderr.String(), "NOT INSTALLED: redis-server. Everything on Redis is LEFT OUT")
	require.Contains(t, stderr.String(), "NOT INSTALLED: redis-server. Everything on Redis Cluster is LEFT OUT")
}

func TestRun_failsInCIWhenAServerIsMissing(t *testing.T) {
	t.Parallel()
	p, stdout, stderr := newProgram(t, t.TempDir())
	p.environ = append(p.environ, "CI=true")
	require.Equal(t, 1, p.run([]string{"echo", "ran"}))
	require.Empty(t, stdout.String())
	require.Contains(t, stderr.String(), "nothing may be left out")
	requireEmpty(t, p.tempDir)
}

func TestRun_showsTheLogOfAServerThatDoesNotStart(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	link(t, bin, "mariadb-install-db", "true")
	link(t, bin, "mariadbd", "ls")
	p, stdout, stderr := newProgram(t, bin)
	require.Equal(t, 1, p.run([]string{"echo", "ran"}))
	require.Empty(t, stdout.String())
	require.Regexp(t, "start MariaDB: it ended at once; its log ends:\n.*option", stderr.String())
	requireEmpty(t, p.tempDir)
}

func TestRun_saysHowItIsUsed(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"--"}, {"--no-such-flag", "--", "true"}} {
		p, _, stderr := newProgram(t)
		require.Equal(t, 2, p.run(args))
		require.Contains(t, strings.ToLower(stderr.String()), "usage")
	}
}

func TestRun_failsWhenTheCommandDoesNotExist(t *testing.T) {
	t.Parallel()
	p, _, stderr := newProgram(t)
	require.Equal(t, 1, p.run([]string{"no-such-command-anywhere"}))
	require.Contains(t, stderr.String(), "start the command")
}

func TestRunCommand_passesSignalsToTheWholeGroup(t *testing.T) {
	t.Parallel()
	p, stdout, _ := newProgram(t)
	ready := filepath.Join(t.TempDir(), "ready")
	signals := make(chan os.Signal, 1)
	go func() {
		for range 500 { // sends after 5 s at the latest, so that the test ends
			if _, err := os.Stat(ready); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		signals <- syscall.SIGTERM
	}()
	// Only the grandchild hears of it by itself; its parent waits for it.
	code, err := p.runCommand([]string{
		"sh", "-c",
		`trap : TERM; sh -c 'trap "echo heard; exit 0" TERM; : > "$0"; while :; do sleep 0.02; done' "` + ready + `"; exit 3`,
	}, nil, signals)
	require.NoError(t, err)
	require.Equal(t, 3, code)
	require.Equal(t, "heard\n", stdout.String())
}

func TestRunCommand_saysLikeAShellWhichSignalEndedIt(t *testing.T) {
	t.Parallel()
	p, _, _ := newProgram(t)
	code, err := p.runCommand([]string{"sh", "-c", "kill -TERM $$"}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, 128+15, code)
}

func TestMariaDBArgs_keepDurabilityForBenchmarks(t *testing.T) {
	t.Parallel()
	require.Contains(t, mariaDBArgs("d", 1, false), "--innodb-flush-log-at-trx-commit=0")
	require.NotRegexp(t, "flush|doublewrite", strings.Join(mariaDBArgs("d", 1, true), " "))
}

// Not parallel: it changes the environment.
func TestRun_leavesTemporaryTablesOfOtherServersAlone(t *testing.T) {
	folders := []string{"/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"}
	if _, missing := find(mariaDB(false).programs, folders); len(missing) > 0 {
		t.Skip("not installed: ", missing)
	}
	shared := t.TempDir()
	t.Setenv("TMPDIR", shared)
	table := filepath.Join(shared, "#sql-temptable-1-2-3.MAI")
	require.NoError(t, os.WriteFile(table, []byte("of another server"), 0o600))
	p, _, stderr := newProgram(t, folders...)
	require.Equal(t, 0, p.run([]string{"true"}), stderr)
	require.FileExists(t, table)
}

func requireEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)
}

// link puts another program of the system in a server's place.
func link(t *testing.T, dir, name, other string) {
	t.Helper()
	path, err := exec.LookPath(other)
	require.NoError(t, err)
	require.NoError(t, os.Symlink(path, filepath.Join(dir, name)))
}
