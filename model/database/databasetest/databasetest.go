// Package databasetest gives each test a fresh, migrated database of its own, on every kind of database at hand.
package databasetest

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"liuke/model/database"
)

// MySQLVariable names the environment variable with the address of a private MySQL server (user@tcp(host:port)/).
// `make test` sets it; without it tests run on SQLite alone and say so.
const MySQLVariable = "LIUKE_TEST_MYSQL"

// Each runs the test once per kind of database, each time on a fresh one. With CI=true a missing MySQL fails the test.
func Each(t *testing.T, f func(t *testing.T, db *database.DB)) {
	t.Helper()
	EachAt(t, time.Now, f)
}

// EachAt is Each with the given clock.
func EachAt(t *testing.T, now func() time.Time, f func(t *testing.T, db *database.DB)) {
	t.Helper()
	for _, kind := range Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f(t, Open(t, Fresh(t, kind), now))
		})
	}
}

// Kinds lists the kinds of database at hand.
func Kinds(t *testing.T) []string {
	t.Helper()
	kinds := []string{database.SQLite}
	if os.Getenv(MySQLVariable) != "" {
		return append(kinds, database.MySQL)
	}
	require.NotEqual(t, "true", os.Getenv("CI"), "CI needs MySQL: run the tests by `make test`")
	fmt.Fprintf(os.Stderr, "LEFT OUT: %s on MySQL (%s is not set; `make test` sets it)\n", t.Name(), MySQLVariable)
	return kinds
}

// Fresh gives a migrated database without rows, until the test ends, and tells how to open it.
func Fresh(t *testing.T, kind string) database.Options {
	t.Helper()
	if kind == database.SQLite {
		path := filepath.Join(t.TempDir(), "liuke.db")
		require.NoError(t, os.WriteFile(path, migratedLite(), 0o600))
		return database.Options{Kind: kind, Path: path}
	}
	cfg := mysqlConfig(t)
	c, err := mysql.NewConnector(cfg)
	require.NoError(t, err)
	server := admin{t, openPool(c)}
	t.Cleanup(func() { require.NoError(t, server.pool.Close()) })
	cfg.DBName = server.reused()
	return database.Options{Kind: kind, DSN: cfg.FormatDSN()}
}

func mysqlConfig(t *testing.T) *mysql.Config {
	t.Helper()
	cfg, err := mysql.ParseDSN(os.Getenv(MySQLVariable))
	require.NoError(t, err)
	return cfg
}

func newName() string { return fmt.Sprintf("liuke_%d_%d", os.Getpid(), rand.Uint64()) }

const charset = " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"

// admin is the root of the server.
type admin struct {
	t    *testing.T
	pool *sql.DB
}

func (a admin) exec(statement string, args ...any) (rows int64) {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	result, err := a.pool.ExecContext(ctx, statement, args...)
	require.NoError(a.t, err)
	rows, err = result.RowsAffected()
	require.NoError(a.t, err)
	return rows
}

// column gives the first column of what a statement finds.
func (a admin) column(statement string, args ...any) (values []string) {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	rows, err := a.pool.QueryContext(ctx, statement, args...)
	require.NoError(a.t, err)
	defer func() { require.NoError(a.t, rows.Close()) }()
	for rows.Next() {
		var v string
		require.NoError(a.t, rows.Scan(&v))
		values = append(values, v)
	}
	require.NoError(a.t, rows.Err())
	return values
}

// Open opens and migrates the database and closes it with the test.
func Open(t *testing.T, o database.Options, now func() time.Time) *database.DB {
	t.Helper()
	o.Now, o.Log, o.MaxConns = now, slog.New(slog.DiscardHandler), 12
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db, err := database.Open(ctx, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.Migrate(ctx)
	require.NoError(t, err)
	return db
}
