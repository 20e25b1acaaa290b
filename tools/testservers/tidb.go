package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// tiDB is a real TiDB server, with its store for tests in the same process and in memory. tools/tidb builds the program.
func tiDB(program string) kind {
	k := mariaDB(false)
	k.name, k.programs = "TiDB", []string{program}
	k.prepare = func(_ context.Context, _ []string, dir string) error { return configureTiDB(dir) }
	k.args = func(dir string, port, _ int) []string {
		return []string{"--config", tiDBConfig(dir), "-P", strconv.Itoa(port)}
	}
	return k
}

func tiDBConfig(dir string) string { return filepath.Join(dir, "tidb.toml") }

// configureTiDB keeps all that it writes in its folder. The lease of 0 spares a single server the wait, at each change of
// a schema, for others to have heard of it.
func configureTiDB(dir string) error {
	const ownerOnly = 0o600
	return os.WriteFile(tiDBConfig(dir), fmt.Appendf(nil, `host = "127.0.0.1"
store = "unistore"
path = %[3]q
lease = "0"
socket = ""
temp-dir = %[1]q
tmp-storage-path = %[1]q
[status]
report-status = false
[log]
level = "error"
slow-query-file = %[2]q
`, filepath.Join(dir, "temp"), filepath.Join(dir, "slow.log"), filepath.Join(dir, "store")), ownerOnly)
}
