package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// migrationWait is how long a program waits, in seconds, while another one changes the schema.
const migrationWait = 120

// migrationLock lets one program at a time change the schema. It is MySQL's named lock: it ends with the connection,
// so a program that dies leaves none behind.
type migrationLock struct{}

// SessionLock waits for the lock.
func (migrationLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	var got sql.NullInt64
	err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(CONCAT('liuke.migrate.', MD5(DATABASE())), ?)", migrationWait).Scan(&got)
	if err != nil {
		return fmt.Errorf("wait for the migration lock: %w", err)
	}
	if got.Int64 != 1 {
		return errors.New("another program is changing the schema and does not end")
	}
	return nil
}

// SessionUnlock gives the lock back.
func (migrationLock) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	var freed sql.NullInt64
	err := conn.QueryRowContext(ctx, "SELECT RELEASE_LOCK(CONCAT('liuke.migrate.', MD5(DATABASE())))").Scan(&freed)
	if err != nil {
		return fmt.Errorf("free the migration lock: %w", err)
	}
	return nil
}
