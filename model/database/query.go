package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/go-sql-driver/mysql"
)

// Scan reads the values of a row.
type Scan func(into ...any) error

// Query asks for rows outside any transaction and hands each to row. It is for what is asked all the time, in few texts:
// gorm would make up the text each time anew and look at the types of everything it reads, and the server would read it.
func (db *DB) Query(ctx context.Context, text string, args []any, row func(Scan) error) (err error) {
	pool, err := db.read.DB()
	if err != nil {
		return fmt.Errorf("database handle: %w", err)
	}
	rows, err := db.prepared.query(ctx, pool, text, args)
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

// mostPrepared bounds how many texts are kept prepared. A server holds each for every connection.
const mostPrepared = 64

// prepared are statements that the server has read already, by their text.
type prepared struct {
	lock sync.Mutex
	of   map[string]*sql.Stmt
}

// query asks by a prepared statement where there is one. A server, or what stands before it, may forget statements or take
// no more of them: then the text is sent.
func (p *prepared) query(ctx context.Context, pool *sql.DB, text string, args []any) (*sql.Rows, error) {
	statement, err := p.statement(ctx, pool, text) //nolint:sqlclosecheck // it is kept as long as the pool
	if err == nil && statement != nil {
		var rows *sql.Rows
		if rows, err = statement.QueryContext(ctx, args...); err == nil {
			return rows, nil
		}
	}
	if _, refused := errors.AsType[*mysql.MySQLError](err); err != nil && !refused {
		return nil, err
	}
	return pool.QueryContext(ctx, text, args...)
}

// statement gives the prepared statement of a text; nil when there are too many.
func (p *prepared) statement(ctx context.Context, pool *sql.DB, text string) (*sql.Stmt, error) {
	p.lock.Lock()
	statement, full := p.of[text], len(p.of) >= mostPrepared
	p.lock.Unlock()
	if statement != nil || full {
		return statement, nil
	}
	statement, err := pool.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	if first := p.of[text]; first != nil { // somebody else was faster
		return first, statement.Close() //nolint:sqlclosecheck // the one that is not kept
	}
	if p.of == nil {
		p.of = map[string]*sql.Stmt{}
	}
	p.of[text] = statement
	return statement, nil
}
