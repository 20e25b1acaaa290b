// Package database opens Liuke's database, hands out transactions and brings the schema up to date.
//
// It speaks SQLite (the embedded default) and MySQL (MariaDB, TiDB). What differs between them stands here and nowhere
// else.
package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"
)

// Kinds of database.
const (
	SQLite = "sqlite"
	MySQL  = "mysql"
)

// Options say which database to open.
type Options struct {
	Kind string // SQLite or MySQL
	Path string // SQLite: the file
	DSN  string // MySQL: user:password@tcp(host:port)/name
	Now  func() time.Time
	Log  *slog.Logger
	// MaxConns bounds the MySQL pool; 0 means 32.
	MaxConns int
}

// DB hands out transactions and reads.
type DB struct {
	kind  string
	write *gorm.DB
	read  *gorm.DB
	now   func() time.Time
	log   *slog.Logger
}

// Open connects and checks that the database answers. It changes nothing in it.
func Open(ctx context.Context, o Options) (*DB, error) {
	db, err := Prepare(o)
	if err != nil {
		return nil, err
	}
	if err := db.Ping(ctx); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// Prepare is Open for a database that may be away: it connects when it is first asked something.
func Prepare(o Options) (*DB, error) {
	if o.Now == nil || o.Log == nil {
		return nil, errors.New("database: Now and Log are required")
	}
	db := &DB{kind: o.Kind, now: o.Now, log: o.Log}
	var err error
	switch o.Kind {
	case SQLite:
		err = db.openSQLite(o.Path)
	case MySQL:
		err = db.openMySQL(o.DSN, o.MaxConns)
	default:
		err = fmt.Errorf("unknown kind of database %q", o.Kind)
	}
	if err != nil {
		return nil, err
	}
	return db, nil
}

// Kind is SQLite or MySQL.
func (db *DB) Kind() string { return db.kind }

// Now is the clock, cut to milliseconds, in UTC.
func (db *DB) Now() time.Time { return db.now().UTC().Truncate(time.Millisecond) }

// Read gives a handle for reading outside any transaction. It sees what is committed.
func (db *DB) Read(ctx context.Context) *gorm.DB { return db.read.WithContext(ctx) }

// Ping asks whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	for _, g := range []*gorm.DB{db.write, db.read} {
		pool, err := g.DB()
		if err != nil {
			return fmt.Errorf("database handle: %w", err)
		}
		if err := pool.PingContext(ctx); err != nil {
			return fmt.Errorf("reach the database: %w", err)
		}
	}
	return nil
}

// Close closes the connections.
func (db *DB) Close() error {
	var all error
	for _, g := range []*gorm.DB{db.write, db.read} {
		if g == nil {
			continue
		}
		pool, err := g.DB()
		if err == nil {
			err = pool.Close()
		}
		all = errors.Join(all, err)
	}
	return all
}
