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

// SessionLock waits for the lock. It asks again and again instead of waiting in one call: TiDB ends such a call with an
// error when several programs wait.
func (migrationLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	for range migrationWait {
		var got sql.NullInt64
		err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(CONCAT('liuke.migrate.', MD5(DATABASE())), 1)").Scan(&got)
		if err != nil && !isDeadlock(err) {
			return fmt.Errorf("wait for the migration lock: %w", err)
		}
		if err == nil && got.Int64 == 1 {
			return nil
		}
	}
	return errors.New("another program is changing the schema and does not end")
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
