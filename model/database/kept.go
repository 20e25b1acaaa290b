package database

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/go-sql-driver/mysql"
)

// keep marks the context of a statement that is sent all the time in the same text: its connection keeps it prepared, so that
// the database reads it once and takes the values as they are.
func keep(ctx context.Context) context.Context { return context.WithValue(ctx, keepMark{}, true) }

type keepMark struct{}

// mostKept bounds how many statements a connection keeps. A server holds each of them for every connection.
const mostKept = 96

// session is what database/sql can ask of the connections of both drivers.
type session interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// statement is what the driver's prepared statements can do.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// keeper is a connection that keeps statements prepared. They end with it.
type keeper struct {
	session

	kept map[string]statement // nil: the server does not take it prepared
}

func newKeeper(conn driver.Conn) (*keeper, error) {
	s, ok := conn.(session)
	if !ok {
		return nil, errors.Join(errors.New("set up connection: an unknown driver"), conn.Close())
	}
	return &keeper{session: s, kept: map[string]statement{}}, nil
}

// CheckNamedValue converts a value as the driver likes it.
func (k *keeper) CheckNamedValue(v *driver.NamedValue) error {
	if c, ok := k.session.(driver.NamedValueChecker); ok {
		return c.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// ExecContext runs a statement, by the kept one if its context is marked.
func (k *keeper) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	if s, err := k.find(ctx, text); err != nil {
		return nil, err
	} else if s != nil {
		result, err := s.ExecContext(ctx, args)
		if !forgotten(err) {
			return result, err
		}
		k.drop(text, s)
	}
	return k.session.ExecContext(ctx, text, args)
}

// QueryContext asks for rows, by the kept statement if its context is marked.
func (k *keeper) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	if s, err := k.find(ctx, text); err != nil {
		return nil, err
	} else if s != nil {
		rows, err := s.QueryContext(ctx, args)
		if !forgotten(err) {
			return rows, err
		}
		k.drop(text, s)
	}
	return k.session.QueryContext(ctx, text, args)
}

// find gives the kept statement of a text, prepared now if it is new. nil: the text has to be sent.
func (k *keeper) find(ctx context.Context, text string) (statement, error) {
	if ctx.Value(keepMark{}) == nil {
		return nil, nil
	}
	if s, known := k.kept[text]; known || len(k.kept) >= mostKept {
		return s, nil
	}
	fresh, err := k.PrepareContext(ctx, text)
	if _, refused := errors.AsType[*mysql.MySQLError](err); err != nil && !refused {
		return nil, err
	}
	s, _ := fresh.(statement) // what the server refuses to prepare is nil here, and remembered so
	k.kept[text] = s
	return s, nil
}

// drop lets the next one prepare the text anew.
func (k *keeper) drop(text string, s statement) {
	delete(k.kept, text)
	_ = s.Close() // the server may not know it any more
}

// Errors of MySQL about prepared statements, after which nothing was done.
const (
	unknownStatement = 1243 // a server behind a proxy may be another one
	tooMany          = 1461
	prepareAgain     = 1615
)

func forgotten(err error) bool {
	e, ok := errors.AsType[*mysql.MySQLError](err)
	return ok && (e.Number == unknownStatement || e.Number == tooMany || e.Number == prepareAgain)
}
