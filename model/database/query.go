package database

import (
	"context"
	"errors"
	"fmt"
)

// Scan reads the values of a row.
type Scan func(into ...any) error

// Query asks for rows outside any transaction and hands each to row. It is for what is asked all the time, in few texts:
// gorm would make up the text each time anew and look at the types of everything it reads, and the database would read it.
func (db *DB) Query(ctx context.Context, text string, args []any, row func(Scan) error) (err error) {
	pool, err := db.read.DB()
	if err != nil {
		return fmt.Errorf("database handle: %w", err)
	}
	rows, err := pool.QueryContext(keep(ctx), text, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
