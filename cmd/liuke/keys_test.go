package main

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/config"
	"liuke/model"
	"liuke/model/database"
	"liuke/model/keys"
	"liuke/service/backup"
)

func key(b byte) string {
	return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, config.KeySize))
}

// with replaces the master key of an environment.
func with(environ []string, masters string) []string {
	kept := slices.DeleteFunc(slices.Clone(environ), func(line string) bool { return strings.HasPrefix(line, "LIUKE_MASTER_KEY=") })
	return append(kept, "LIUKE_MASTER_KEY="+masters)
}

// sealedWorks writes something that is sealed, and finds it by its hash.
func (i *instance) sealedWorks(t *testing.T, owner, name, phone string) {
	t.Helper()
	i.must(201, "POST", "/api/members", owner, map[string]any{"name": name, "phone": phone})
	require.Equal(t, name, i.must(200, "GET", "/api/members?q="+phone, owner, nil).str("items", 0, "name"))
}

func TestKeysRotate_changesTheMasterKeyUnderServersThatRun(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		old := key(7)
		if w.kind == database.SQLite { // its own key lies in a file
			text, err := os.ReadFile(config.MasterKeyFile(settingsOf(t, w.environ)))
			require.NoError(t, err)
			old = strings.TrimSpace(string(text))
		}
		both := with(w.environ, key(8)+","+old)
		w.sealedWorks(t, w.owner, "李雷", "13900000001")

		code, _, stderr := cli(t, with(w.environ, key(8)), "keys", "rotate")
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, "sealed with another master key")
		code, stdout, stderr := cli(t, both, "keys", "rotate")
		require.Equal(t, exitDone, code, stderr)
		require.Contains(t, stdout, "may go from the settings once every server")
		require.NotContains(t, stdout+stderr, key(8))

		w.sealedWorks(t, w.owner, "韩梅梅", "13900000002") // the server with the old key goes on
		code, _, stderr = cli(t, with(w.environ, old), "keys", "rotate")
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, "sealed with another master key")
		again, _, stderr := cli(t, both, "keys", "rotate")
		require.Equal(t, exitDone, again, stderr)

		w.stop()
		w.environ = with(w.environ, key(8))
		next := w.start(t, roleAll)
		next.sealedWorks(t, w.owner, "小明", "13900000003")
		require.Equal(t, "韩梅梅", next.must(200, "GET", "/api/members?q=13900000002", w.owner, nil).str("items", 0, "name"))
		code, stdout, _ = cli(t, w.environ, "keys", "rotate")
		require.Equal(t, exitDone, code)
		require.Contains(t, stdout, "nothing had to be done")
	})
}

func TestKeysRotate_goesOnWhereItWasInterrupted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		db := w.app.db
		_, err := keys.Load(t.Context(), db, [][]byte{bytes.Repeat([]byte{9}, config.KeySize)})
		require.Error(t, err)
		old := settingsOf(t, w.environ).MasterKeys
		if len(old) == 0 {
			old, err = config.EnsureMasterKey(config.MasterKeyFile(settingsOf(t, w.environ)))
			require.NoError(t, err)
		}
		var lookup model.StoredKey
		require.NoError(t, db.Read(t.Context()).First(&lookup, "name = ?", "lookup").Error)
		masters := config.MasterKeys{bytes.Repeat([]byte{8}, config.KeySize), old[0]}
		_, err = keys.Load(t.Context(), db, masters)
		require.NoError(t, err)
		_, err = db.Exec(t.Context(), "UPDATE key_store SET sealed = ? WHERE name = 'lookup'", lookup.Sealed)
		require.NoError(t, err)
		by, err := keys.SealedBy(t.Context(), db)
		require.NoError(t, err)
		require.Len(t, by, 2, "in the midst of a change")

		code, _, stderr := cli(t, with(w.environ, key(8)+","+base64.StdEncoding.EncodeToString(old[0])), "keys", "rotate")
		require.Equal(t, exitDone, code, stderr)
		by, err = keys.SealedBy(t.Context(), db)
		require.NoError(t, err)
		require.Equal(t, []string{backup.KeyID(masters[0])}, by)
	})
}

func TestKeysRotate_makesANewKeyInTheFileBesideSQLiteAndPutsTheOldOneAside(t *testing.T) {
	t.Parallel()
	w := startApp(t, database.SQLite)
	w.sealedWorks(t, w.owner, "李雷", "13900000001")
	file := config.MasterKeyFile(settingsOf(t, w.environ))
	before, err := config.EnsureMasterKey(file)
	require.NoError(t, err)
	for range 2 { // the second time from a file with both keys, as after an interruption
		w.command(t, "", "keys", "rotate")
		now, err := config.EnsureMasterKey(file)
		require.NoError(t, err)
		require.Len(t, now, 1)
		require.NotEqual(t, before[0], now[0])
		aside, err := config.EnsureMasterKey(file + "." + backup.KeyID(before[0]))
		require.NoError(t, err)
		require.Equal(t, before, aside)
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		left, err := filepath.Glob(filepath.Join(filepath.Dir(file), ".key-*"))
		require.NoError(t, err)
		require.Empty(t, left)
		require.NoError(t, config.WriteMasterKeys(file, config.MasterKeys{now[0], before[0]}))
	}
	w.stop()
	next := w.start(t, roleAll)
	next.sealedWorks(t, w.owner, "小明", "13900000003")

	code, _, stderr := cli(t, environment(t, database.SQLite, w.simURL), "keys", "rotate")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "there is no database")
}
