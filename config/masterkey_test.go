package config_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/config"
)

func TestMasterKeyFile_liesBesideTheSQLiteFile(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"data/liuke.db":  "data/liuke.key",
		"/srv/a.b/liuke": "/srv/a.b/liuke.key",
		"shop.sqlite3":   "shop.key",
	} {
		require.Equal(t, want, config.MasterKeyFile(config.Config{Database: config.Database{Kind: config.SQLite, Path: path}}))
	}
	require.Empty(t, config.MasterKeyFile(config.Config{Database: config.Database{Kind: config.MySQL}}))
}

func TestEnsureMasterKey_makesOneKeyForAllWhoAskAtOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	path := filepath.Join(dir, "liuke.key")
	got := make([]config.MasterKeys, 16)
	errs := make([]error, len(got))
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() { got[i], errs[i] = config.EnsureMasterKey(path) })
	}
	all.Wait()
	for i := range got {
		require.NoError(t, errs[i])
		require.Equal(t, got[0], got[i])
	}
	require.Len(t, got[0], 1)
	require.Len(t, got[0][0], config.KeySize)

	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing is left beside the key")

	again, err := config.EnsureMasterKey(path)
	require.NoError(t, err)
	require.Equal(t, got[0], again)
	other, err := config.EnsureMasterKey(filepath.Join(dir, "other.key"))
	require.NoError(t, err)
	require.NotEqual(t, got[0], other)
}

func TestEnsureMasterKey_refusesABrokenFileAndLeavesItAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "liuke.key")
	require.NoError(t, os.WriteFile(path, []byte("half a k"), 0o600))
	_, err := config.EnsureMasterKey(path)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "half")
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "half a k", string(kept))
}
