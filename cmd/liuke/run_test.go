package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model/database"
)

func TestRun_tellsDoneFailedAndWrongUsageApart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "liuke.db")
	env := []string{"LIUKE_DATABASE=sqlite:" + file, "LIUKE_LISTEN=127.0.0.1:0"}
	for _, c := range []struct {
		args         string
		env          []string
		stdin        string
		code         int
		stdout, line string
	}{
		{"version", env, "", exitDone, "schema", ""},
		{"--help", env, "", exitDone, "serve", ""},
		{"help", env, "", exitDone, "serve", ""},
		{"", env, "", exitUsage, "", "expected one of"},
		{"nonsense", env, "", exitUsage, "", "nonsense"},
		{"serve --role=boss", env, "", exitUsage, "", "role"},
		{"account add", env, "", exitUsage, "", "missing flags"},
		{"account add --appid=wx12345678 --secret=s --token=tok --name=n --owner-phone=13800000000 --owner-name=o", env, "", exitUsage, "", "standard input"},
		{"account add --appid=bad --secret=s --token=tok --name=n --owner-phone=13800000000 --owner-name=o", env, "password\n", exitFailed, "", "appid is invalid"},
		{"push retry nonsense", env, "", exitUsage, "", "no id"},
		{"migrate", env, "", exitDone, "the schema is at version", ""},
		{"migrate", env, "", exitDone, "the schema is at version", ""},
		{"push list", env, "", exitDone, "", ""},
		{"push retry", env, "", exitDone, "0 put back", ""},
		{"healthcheck", []string{"LIUKE_LISTEN=127.0.0.1:1"}, "", exitFailed, "", "refused"},
		{"serve", []string{"LIUKE_LISTEN=x", "LIUKE_LOG_LEVEL=loud", "LIUKE_OTHER=1"}, "", exitFailed, "", "LIUKE_LISTEN"},
		{"serve", []string{"LIUKE_DATABASE=mysql:u:secret@tcp(127.0.0.1:1)/n", "LIUKE_MASTER_KEY=" + strings.Repeat("A", 43) + "=", "LIUKE_JOURNAL=" + filepath.Join(dir, "journal")}, "", exitFailed, "", "connection refused"},
	} {
		var stdout, stderr strings.Builder
		code := run(t.Context(), strings.Fields(c.args), c.env, strings.NewReader(c.stdin), &stdout, &stderr)
		require.Equal(t, c.code, code, "%s: %s", c.args, &stderr)
		require.Contains(t, stdout.String(), c.stdout, c.args)
		require.Contains(t, stderr.String(), c.line, c.args)
		require.NotContains(t, stderr.String(), "secret@")
	}
}

func TestRun_listsEveryWrongSettingAtOnce(t *testing.T) {
	t.Parallel()
	var stderr strings.Builder
	code := run(t.Context(), []string{"serve"}, []string{"LIUKE_LISTEN=x", "LIUKE_LOG_LEVEL=loud", "LIUKE_OTHER=1"},
		strings.NewReader(""), &strings.Builder{}, &stderr)
	require.Equal(t, exitFailed, code)
	for _, name := range []string{"LIUKE_LISTEN", "LIUKE_LOG_LEVEL", "LIUKE_OTHER"} {
		require.Contains(t, stderr.String(), name)
	}
}

func TestMasterKey_isMadeWithTheDatabaseAndNeverLater(t *testing.T) {
	t.Parallel()
	w := &running{environ: environment(t, database.SQLite, "http://127.0.0.1:1")}
	w.command(t, "", "migrate")
	var file string
	for _, line := range w.environ {
		if path, ok := strings.CutPrefix(line, "LIUKE_DATABASE=sqlite:"); ok {
			file = strings.TrimSuffix(path, ".db") + ".key"
		}
	}
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.NoError(t, os.Remove(file))
	var stderr strings.Builder
	code := run(t.Context(), []string{"serve"}, w.environ, strings.NewReader(""), &strings.Builder{}, &stderr)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr.String(), "is missing")
	require.NoFileExists(t, file)
}

func TestAccountAdd_canBeRepeatedWhenOnlyTheOwnerFailed(t *testing.T) {
	t.Parallel()
	w := &running{environ: environment(t, database.SQLite, "http://127.0.0.1:1")}
	args := []string{"account", "add", "--appid", "wx1234567890", "--secret", "s", "--token", "tok", "--name", "n", "--owner-name", "o", "--owner-phone"}
	add := func(phone string) (int, string) {
		var stdout, stderr strings.Builder
		code := run(t.Context(), append(args, phone), w.environ, strings.NewReader("password\n"), &stdout, &stderr)
		return code, stdout.String() + stderr.String()
	}
	code, text := add("abc")
	require.Equal(t, exitFailed, code)
	require.Contains(t, text, "phone is invalid")
	code, text = add("13800000000")
	require.Equal(t, exitDone, code, text)
	require.Contains(t, text, `"account_id":"`)
	code, text = add("13800000001")
	require.Equal(t, exitFailed, code)
	require.Contains(t, text, "is there already")
}

func TestSimulator_isPlayedUntilTheProgramIsTold(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	stdout, printed := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"simulator", "--listen", "127.0.0.1:0"}, nil, strings.NewReader(""), printed, io.Discard)
	}()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	_, url, found := strings.Cut(strings.TrimSpace(line), " at ")
	require.True(t, found, line)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/sim/accounts", http.NoBody)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	cancel()
	require.Equal(t, exitDone, <-code)
}
