package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"
)

// played is a connection whose server prepares and executes as it is told to.
type played struct {
	session

	refuse   error // to prepare
	fail     error // to execute a prepared statement
	prepared int
	texts    int // statements that came as text
	closed   int
}

func (p *played) PrepareContext(context.Context, string) (driver.Stmt, error) {
	if p.refuse != nil {
		return nil, p.refuse
	}
	p.prepared++
	return playedStatement{p: p}, nil
}

func (p *played) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	p.texts++
	return driver.RowsAffected(0), nil
}

type playedStatement struct {
	statement

	p *played
}

func (s playedStatement) ExecContext(context.Context, []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(1), s.p.fail
}

func (s playedStatement) Close() error {
	s.p.closed++
	return nil
}

func TestKeeper_preparesOnceAndSendsTheTextWhereItMust(t *testing.T) {
	t.Parallel()
	p := &played{}
	k, err := newKeeper(p)
	require.NoError(t, err)
	run := func(ctx context.Context) error {
		_, err := k.ExecContext(ctx, "text", nil)
		return err
	}
	require.NoError(t, run(t.Context()))
	require.Equal(t, played{texts: 1}, *p, "nobody asked to keep it")

	kept := keep(t.Context())
	for range 3 {
		require.NoError(t, run(kept))
	}
	require.Equal(t, played{texts: 1, prepared: 1}, *p)

	p.fail = &mysql.MySQLError{Number: unknownStatement}
	require.NoError(t, run(kept))
	require.Equal(t, 2, p.texts, "the server has forgotten it")
	require.Equal(t, 1, p.closed)
	p.fail = &mysql.MySQLError{Number: 1062}
	require.ErrorIs(t, run(kept), p.fail, "any other failure is one")
	require.Equal(t, 2, p.texts)
	require.Equal(t, 2, p.prepared)
}

func TestKeeper_doesWithoutWhatTheServerDoesNotPrepare(t *testing.T) {
	t.Parallel()
	p := &played{refuse: &mysql.MySQLError{Number: tooMany}}
	k, err := newKeeper(p)
	require.NoError(t, err)
	for range 2 {
		_, err := k.ExecContext(keep(t.Context()), "text", nil)
		require.NoError(t, err)
	}
	require.Equal(t, 2, p.texts)

	p.refuse = errors.New("the connection broke")
	_, err = k.ExecContext(keep(t.Context()), "other", nil)
	require.ErrorIs(t, err, p.refuse)
	require.Equal(t, 2, p.texts)
}
