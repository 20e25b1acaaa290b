package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/config"
	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
)

// cli runs a command and gives its exit code and all it printed.
func cli(t *testing.T, environ []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, problems strings.Builder
	code = run(t.Context(), args, environ, strings.NewReader(""), &out, &problems)
	return code, out.String(), problems.String()
}

// settingsOf reads an environment.
func settingsOf(t *testing.T, environ []string) config.Config {
	t.Helper()
	cfg, err := config.Load(environ)
	require.NoError(t, err)
	return cfg
}

// withKey gives an environment the master key of another one.
func withKey(t *testing.T, environ, of []string) []string {
	t.Helper()
	key := ""
	for _, line := range of {
		if value, ok := strings.CutPrefix(line, "LIUKE_MASTER_KEY="); ok {
			key = value
		}
	}
	if key == "" {
		text, err := os.ReadFile(config.MasterKeyFile(settingsOf(t, of)))
		require.NoError(t, err)
		key = strings.TrimSpace(string(text))
	}
	return append(environ, "LIUKE_MASTER_KEY="+key)
}

// withPicture adds a member and a picture that somebody sent.
func withPicture(t *testing.T, w *running) {
	t.Helper()
	w.must(http.StatusCreated, http.MethodPost, "/api/members", w.owner, map[string]any{"name": "李雷😀", "phone": "13900000001"})
	p := w.sim.NewPerson("李雷")
	require.NoError(t, w.sim.Follow(w.appid, p.OpenID, ""))
	_, err := w.sim.SendImage(w.appid, p.OpenID, nil)
	require.NoError(t, err)
	w.settle()
	eventually(t, func() bool {
		var n int64
		require.NoError(t, w.app.db.Read(t.Context()).Model(&model.Media{}).Where("state = ?", model.MediaReady).Count(&n).Error)
		return n == 1
	}, "picture fetched")
}

func TestBackup_besideARunningServerIsRestoredIntoAnyKindOfDatabase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		withPicture(t, w)
		file := filepath.Join(t.TempDir(), "today.liuke")
		require.Contains(t, w.command(t, "", "backup", file), "1 files")
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		code, _, stderr := cli(t, w.environ, "backup", file)
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, "exists")
		again, err := os.Stat(file)
		require.NoError(t, err)
		require.Equal(t, info.ModTime(), again.ModTime())

		for _, kind := range databasetest.Kinds(t) {
			to := withKey(t, environment(t, kind, w.simURL), w.environ)
			code, stdout, stderr := cli(t, to, "restore", file)
			require.Equal(t, exitDone, code, stderr)
			require.Contains(t, stdout, "signs in again")
			require.NotContains(t, stderr, "warning")
			code, _, stderr = cli(t, to, "restore", file)
			require.Equal(t, exitFailed, code)
			require.Contains(t, stderr, "not empty")
			require.Equal(t, 1, strings.Count(strings.TrimSpace(stderr), "\n")+1, "one clear line")

			restored := &running{kind: kind, environ: to}
			restored.instance = restored.start(t, roleAll)
			token := restored.signIn("13800000000", ownerPassword)
			found := restored.must(http.StatusOK, http.MethodGet, "/api/members?q=13900000001", token, nil)
			require.Len(t, found.items(), 1)
			require.Equal(t, "李雷😀", found.str("items", 0, "name"))
			var m model.Media
			require.NoError(t, restored.app.db.Read(t.Context()).First(&m).Error)
			path := filepath.Join(settingsOf(t, to).Media.Dir, filepath.FromSlash(m.BlobKey))
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Len(t, content, int(m.Size))
			restored.stop()
		}
	})
}

func TestRestore_warnsWhenTheMasterKeyIsNotThere(t *testing.T) {
	t.Parallel()
	w := startApp(t, database.SQLite)
	file := filepath.Join(t.TempDir(), "today.liuke")
	w.command(t, "", "backup", file)
	to := environment(t, database.SQLite, w.simURL)
	code, _, stderr := cli(t, to, "restore", file)
	require.Equal(t, exitDone, code)
	require.Contains(t, stderr, "warning: the present master key does not open this data")
	require.Contains(t, stderr, config.MasterKeyFile(settingsOf(t, to)))
	require.NoFileExists(t, config.MasterKeyFile(settingsOf(t, to)), "a fresh key would only be in the way")

	key, err := os.ReadFile(config.MasterKeyFile(settingsOf(t, w.environ)))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(config.MasterKeyFile(settingsOf(t, to)), key, 0o600))
	restored := &running{kind: database.SQLite, environ: to}
	restored.instance = restored.start(t, roleAll)
	restored.signIn("13800000000", ownerPassword)
}

func TestBackup_failsWhenFilesAreMissingUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	w := startApp(t, database.SQLite)
	withPicture(t, w)
	require.NoError(t, os.RemoveAll(settingsOf(t, w.environ).Media.Dir))
	dir := t.TempDir()
	file := filepath.Join(dir, "today.liuke")
	code, _, stderr := cli(t, w.environ, "backup", file)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "1 files missing")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)

	code, _, stderr = cli(t, w.environ, "backup", file, "--allow-missing")
	require.Equal(t, exitDone, code, stderr)
	require.Contains(t, stderr, "missing: ")
	code, _, stderr = cli(t, withKey(t, environment(t, database.SQLite, w.simURL), w.environ), "restore", file)
	require.Equal(t, exitDone, code, stderr)
	require.Contains(t, stderr, "1 files were missing")
}

func TestBackupAndRestore_tellFailedAndWrongUsageApartAndLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, file := filepath.Join(dir, "liuke.db"), filepath.Join(dir, "broken.liuke")
	env := []string{"LIUKE_DATABASE=sqlite:" + db, "LIUKE_MEDIA=file:" + filepath.Join(dir, "media")}
	require.NoError(t, os.WriteFile(file, []byte("no backup"), 0o600))
	for _, c := range []struct {
		args []string
		env  []string
		code int
		line string
	}{
		{[]string{"backup"}, env, exitUsage, "file"},
		{[]string{"restore"}, env, exitUsage, "file"},
		{[]string{"backup", filepath.Join(dir, "a.liuke")}, env, exitFailed, "no database"},
		{[]string{"backup", filepath.Join(dir, "a.liuke")}, []string{"LIUKE_LISTEN=x"}, exitFailed, "LIUKE_LISTEN"},
		{[]string{"restore", filepath.Join(dir, "none.liuke")}, env, exitFailed, "no such file"},
		{[]string{"restore", file}, env, exitFailed, "damaged"},
	} {
		code, _, stderr := cli(t, c.env, c.args...)
		require.Equal(t, c.code, code, "%v: %s", c.args, stderr)
		require.Contains(t, stderr, c.line)
		require.Equal(t, 1, strings.Count(strings.TrimSpace(stderr), "\n")+1, "one clear line: %s", stderr)
	}
	require.NoFileExists(t, db)
}

func TestMakeFile_leavesNoHalfFile(t *testing.T) {
	t.Parallel()
	w := startApp(t, database.SQLite)
	dir := t.TempDir()
	file := filepath.Join(dir, "today.liuke")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out, problems strings.Builder
	code := run(ctx, []string{"backup", file}, w.environ, strings.NewReader(""), &out, &problems)
	require.Equal(t, exitFailed, code)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}
