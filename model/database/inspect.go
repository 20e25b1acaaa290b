package database

import (
	"context"
	"fmt"
	"time"
)

// Facts is what a server says of itself, for people who look after it.
type Facts struct {
	Server  string        // name and version
	Took    time.Duration // of the question
	Ahead   time.Duration // how far its clock is before ours
	Durable bool          // whether a commit is on the disk before it is told
}

// Inspect asks for the facts.
func (db *DB) Inspect(ctx context.Context) (Facts, error) {
	statement := "SELECT @@version AS server, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED) AS clock, @@innodb_flush_log_at_trx_commit AS sync"
	const synced, full = 1, 2
	durable := synced
	if db.kind == SQLite {
		statement = "SELECT 'SQLite ' || sqlite_version() AS server, CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) AS clock, synchronous AS sync FROM pragma_synchronous"
		durable = full
	}
	var row struct {
		Server string
		Clock  int64
		Sync   int
	}
	began := db.now()
	if err := db.write.WithContext(ctx).Raw(statement).Scan(&row).Error; err != nil {
		return Facts{}, fmt.Errorf("ask the database about itself: %w", err)
	}
	took := db.now().Sub(began)
	middle := began.Add(took / 2).UnixMilli()
	return Facts{
		Server: row.Server, Took: took, Ahead: time.Duration(row.Clock-middle) * time.Millisecond, Durable: row.Sync == durable,
	}, nil
}
