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

// TiDB changes schemas one step after the other, so that a fresh database takes it seconds, and a thousand of them an
// hour. Its databases are therefore emptied after a test and given to the next one, migrated as they are. Which of them
// are free stands in a table of the server, because each package's tests are a process of their own.
const freeList = "liuke_free.names"

// schemaHistory is goose's table, the only one that keeps its rows.
const schemaHistory = "goose_db_version"

func (a admin) isTiDB() bool {
	a.t.Helper()
	return strings.Contains(a.column("SELECT @@version")[0], "TiDB")
}

// reused gives a migrated database without rows, which goes to the next test unless this one fails.
func (a admin) reused() string {
	a.t.Helper()
	a.exec("CREATE DATABASE IF NOT EXISTS liuke_free" + charset)
	a.exec("CREATE TABLE IF NOT EXISTS " + freeList + " (name VARCHAR(64) PRIMARY KEY)")
	name := a.take()
	if name == "" {
		name = newName()
		a.make(name)
	}
	a.t.Cleanup(func() {
		if a.t.Failed() { // its tables may be anything
			a.exec("DROP DATABASE " + name)
			return
		}
		a.empty(name)
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

// make takes its turn to make and migrate a database: all at once, each would take as long as all together.
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

// empty deletes all rows but the history of the schema.
func (a admin) empty(name string) {
	a.t.Helper()
	tables := a.column("SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_name <> ?", name, schemaHistory)
	require.NotEmpty(a.t, tables)
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
