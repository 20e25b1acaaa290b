package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
)

// drillVariable is how many messages members write before and while the backup of a restore drill is made; `make drill`
// sets it.
const drillVariable = "LIUKE_TEST_DRILL"

// A backup of a running instance is restored elsewhere, into both kinds of database, and compared by checksum.
func TestDrill_everyTableAndFileComesBackWhateverRunsMeanwhile(t *testing.T) {
	t.Parallel()
	messages := 24
	if n, err := strconv.Atoi(os.Getenv(drillVariable)); err == nil {
		messages = n
	}
	each(t, func(t *testing.T, w *running) {
		withPicture(t, w)
		c := w.talk(t, w.addStore("一店"))
		w.reply(c, "1", "有的 😀")
		var writing sync.WaitGroup
		half := make(chan struct{})
		writing.Go(func() {
			for n := range messages {
				if n == messages/2 {
					close(half)
				}
				_, _ = w.sim.SendText(w.appid, c.who.OpenID, fmt.Sprint("第", n, "句"))
			}
		})
		<-half
		eventually(t, func() bool {
			var there int64
			require.NoError(t, w.app.db.Read(t.Context()).Model(&model.Message{}).Count(&there).Error)
			return there >= int64(messages/2)
		}, "half of them are in their conversation")
		dir := t.TempDir()
		before := filepath.Join(dir, "before.liuke")
		w.command(t, "", "backup", before)
		writing.Wait()
		w.settle()

		for _, kind := range databasetest.Kinds(t) {
			to := withKey(t, environment(t, kind, w.simURL), w.environ)
			code, _, stderr := cli(t, to, "restore", before)
			require.Equal(t, exitDone, code, stderr)
			after := filepath.Join(dir, kind+".liuke")
			code, _, stderr = cli(t, to, "backup", after)
			require.Equal(t, exitDone, code, stderr)
			code, stdout, stderr := cli(t, to, "compare", before, after)
			require.Equal(t, exitDone, code, stderr+stdout)
			require.NotContains(t, stdout, "DIFFERS")
			require.Regexp(t, `(?m)^messages +(\d{2,}) +\d{2,}  [0-9a-f]{16}  same$`, stdout)
			require.Regexp(t, `(?m)^1 files, .*: same$`, stdout)
			t.Logf("from %s to %s\n%s", w.kind, kind, stdout)
		}
	})
}

func TestDrill_findsARowAndAFileThatDidNotComeBack(t *testing.T) {
	t.Parallel()
	w := startApp(t, database.SQLite)
	withPicture(t, w)
	dir := t.TempDir()
	before, after := filepath.Join(dir, "before.liuke"), filepath.Join(dir, "after.liuke")
	w.command(t, "", "backup", before)
	to := withKey(t, environment(t, database.SQLite, w.simURL), w.environ)
	code, _, stderr := cli(t, to, "restore", before)
	require.Equal(t, exitDone, code, stderr)

	settings := settingsOf(t, to)
	db := databasetest.Open(t, database.Options{Kind: database.SQLite, Path: settings.Database.Path}, time.Now)
	var m model.Media
	require.NoError(t, db.Read(t.Context()).First(&m).Error)
	file := filepath.Join(settings.Media.Dir, filepath.FromSlash(m.BlobKey))
	require.NoError(t, os.Chmod(file, 0o600))
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	content[len(content)/2] ^= 1
	require.NoError(t, os.WriteFile(file, content, 0o600))
	n, err := db.Exec(t.Context(), "UPDATE staff SET name = name || '.'")
	require.NoError(t, err)
	require.Positive(t, n)

	code, _, stderr = cli(t, to, "backup", after, "--allow-missing")
	require.Equal(t, exitDone, code, stderr)
	code, stdout, stderr := cli(t, to, "compare", before, after)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "not what the backup holds")
	require.Equal(t, 2, strings.Count(stdout, "DIFFERS"), stdout)
	require.Contains(t, stdout, "differs: "+m.BlobKey)
	code, _, stderr = cli(t, to, "compare", before, filepath.Join(dir, "none"))
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "second backup")
}
