package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// onMariaDB compares with the naive peer, and with two floors that open and answer a push and store nothing; or with
// another build of Liuke.
func (b *bench) onMariaDB(ctx context.Context) (err error) {
	o, err := b.oursOnMariaDB(ctx, b.liuke)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.stop()) }()
	if err := b.latency(ctx, o, "MariaDB and Redis"); err != nil {
		return err
	}
	if b.against != "" {
		other, err := b.oursOnMariaDB(ctx, b.against)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, other.stop()) }()
		return b.table(ctx, "MariaDB", []*subject{o.subject("liuke"), other.subject("other liuke")})
	}

	peer, err := b.naive(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, peer.process.stop()) }()
	floor, err := b.startFloor(ctx, "gin + SDK storing nothing", false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, floor.process.stop()) }()
	own, err := b.startFloor(ctx, "our HTTP stack storing nothing", true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, own.process.stop()) }()
	return b.table(ctx, "MariaDB", []*subject{o.subject("liuke"), peer, floor, own})
}

func (b *bench) oursOnMariaDB(ctx context.Context, liuke string) (*ours, error) {
	dsn, err := b.servers.database(ctx, "liuke")
	if err != nil {
		return nil, err
	}
	return b.startOurs(ctx, liuke, "mysql:"+dsn)
}

// emptyDatabase makes a database of a kind, and gives the value of LIUKE_DATABASE for it.
func (b *bench) emptyDatabase(ctx context.Context, kind, name string) (string, error) {
	switch kind {
	case "sqlite":
		return "sqlite:liuke.db", nil
	case "mariadb":
		dsn, err := b.servers.database(ctx, name)
		return "mysql:" + dsn, err
	}
	return "", fmt.Errorf("%q is no database", kind)
}

// naive starts the peer on a database of its own.
func (b *bench) naive(ctx context.Context) (*subject, error) {
	dsn, err := b.servers.database(ctx, "naive")
	if err != nil {
		return nil, err
	}
	s := &subject{name: "naive peer", expect: 4_000}
	if s.host, s.process, err = b.startPeer(ctx, dsn); err != nil {
		return nil, err
	}
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // it only counts, and ends with this program
	s.stored = func(ctx context.Context) (n int, err error) {
		if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM messages").Scan(&n); err != nil {
			return 0, fmt.Errorf("count: %w", err)
		}
		return n, nil
	}
	return s, nil
}

// onSQLite measures ours alone, or against another build of it.
func (b *bench) onSQLite(ctx context.Context) (err error) {
	o, err := b.startOurs(ctx, b.liuke, "sqlite:liuke.db")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.stop()) }()
	if err := b.latency(ctx, o, "SQLite"); err != nil {
		return err
	}
	subjects := []*subject{o.subject("liuke")}
	if b.against != "" {
		other, err := b.startOurs(ctx, b.against, "sqlite:liuke.db")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, other.stop()) }()
		subjects = append(subjects, other.subject("other liuke"))
	}
	return b.table(ctx, "SQLite", subjects)
}

func (b *bench) latency(ctx context.Context, o *ours, on string) error {
	if _, _, err := b.pushToScreen(ctx, o, 10); err != nil { // caches fill
		return err
	}
	answer, event, err := b.pushToScreen(ctx, o, b.pushes)
	if err != nil {
		return fmt.Errorf("push to screen: %w", err)
	}
	b.printLatency(on, answer, event)
	return nil
}

// table warms the subjects up and measures each row.
func (b *bench) table(ctx context.Context, on string, subjects []*subject) error {
	if _, err := b.rounds(ctx, subjects, 64, 1); err != nil {
		return fmt.Errorf("warm up: %w", err)
	}
	b.tell("(that was the warm-up)")
	all := make([][][]run, len(b.connections))
	for i, n := range b.connections {
		pairs := b.pairs
		switch {
		case pairs > 0:
		case n == 64:
			pairs = 5
		default:
			pairs = 3
		}
		runs, err := b.rounds(ctx, subjects, n, pairs)
		if err != nil {
			return err
		}
		all[i] = runs
	}
	b.printTable(on, subjects, all)
	return nil
}
