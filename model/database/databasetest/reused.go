package databasetest

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model/database"
)

// To make and migrate a database takes MariaDB a quarter of a second of a core, and TiDB, which changes schemas one step after
// the other, seconds; there are a thousand tests. So databases are emptied after a test and given to the next one, migrated
// as they are. Which of them are free stands in a table of the server, because each package's tests are a process of their own.
const freeList = "liuke_free.names"

// schemaHistory is goose's table, the only one that keeps its rows.
const schemaHistory = "goose_db_version"

// reused gives a migrated database without rows, which goes to the next test unless this one fails or has other tables then.
func (a admin) reused() string {
	a.t.Helper()
	a.exec("CREATE DATABASE IF NOT EXISTS liuke_free" + charset)
	a.exec("CREATE TABLE IF NOT EXISTS " + freeList + " (name VARCHAR(64) PRIMARY KEY)")
	name := a.take()
	if name == "" {
		name = newName()
		a.make(name)
	}
	before := a.tables(name)
	a.t.Cleanup(func() {
		tables := a.tables(name)
		if a.t.Failed() || !slices.Equal(tables, before) {
			a.exec("DROP DATABASE " + name)
			return
		}
		a.empty(name, tables)
		a.exec("INSERT INTO "+freeList+" VALUES (?)", name)
	})
	return name
}

func (a admin) take() string {
	a.t.Helper()
	for _, name := range a.column("SELECT name FROM " + freeList) {
		if a.exec("DELETE FROM "+freeList+" WHERE name = ?", name) == 1 {
			return name
		}
	}
	return ""
}

// make takes its turn to make and migrate a database: on TiDB, all at once, each would take as long as all together.
func (a admin) make(name string) {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	turn, err := a.pool.Conn(ctx)
	require.NoError(a.t, err)
	defer func() { require.NoError(a.t, turn.Close()) }() // which gives the turn back
	for got := 0; got != 1; {                             // an error says that several wait for it
		require.NoError(a.t, ctx.Err())
		_ = turn.QueryRowContext(ctx, "SELECT GET_LOCK('liuke.make', 1)").Scan(&got)
	}
	defer func() {
		_, err := turn.ExecContext(ctx, "DO RELEASE_LOCK('liuke.make')")
		require.NoError(a.t, err)
	}()
	a.exec("CREATE DATABASE " + name + charset)
	cfg := mysqlConfig(a.t)
	cfg.DBName = name
	db, err := database.Open(ctx, database.Options{Kind: database.MySQL, DSN: cfg.FormatDSN(), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	require.NoError(a.t, err)
	_, err = db.Migrate(ctx)
	require.NoError(a.t, err)
	require.NoError(a.t, db.Close())
}

// tables lists all but the history of the schema.
func (a admin) tables(name string) []string {
	a.t.Helper()
	tables := a.column("SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_name <> ? ORDER BY table_name",
		name, schemaHistory)
	require.NotEmpty(a.t, tables)
	return tables
}

// empty deletes all rows.
func (a admin) empty(name string, tables []string) {
	a.t.Helper()
	for part := range slices.Chunk(tables, 20) {
		var asked []string
		for _, table := range part {
			asked = append(asked, "SELECT '"+table+"' FROM DUAL WHERE EXISTS (SELECT 1 FROM "+name+"."+table+")")
		}
		for _, table := range a.column(strings.Join(asked, " UNION ALL ")) {
			a.exec("DELETE FROM " + name + "." + table)
		}
	}
}
