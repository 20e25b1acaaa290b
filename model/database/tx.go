package database

import (
	"context"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Tx is one transaction: one reading of the clock, and work to do once it has committed.
type Tx struct {
	*gorm.DB
	Now    time.Time
	ctx    context.Context //nolint:containedctx // the transaction lives within the call that made it
	kept   context.Context //nolint:containedctx // likewise; for statements that are kept (kept.go)
	after  []func(context.Context)
	before []func(*Tx) error
	local  map[any]any
	kind   string
}

// Millis is the transaction's time in the stored form.
func (tx *Tx) Millis() int64 { return tx.Now.UnixMilli() }

// Context is the context of the transaction.
func (tx *Tx) Context() context.Context { return tx.ctx }

// AfterCommit runs f when, and only when, the transaction has committed.
func (tx *Tx) AfterCommit(f func(context.Context)) { tx.after = append(tx.after, f) }

// BeforeCommit runs f as the last work inside the transaction: for rows that many transactions want and that must be
// locked late and in order.
func (tx *Tx) BeforeCommit(f func(*Tx) error) { tx.before = append(tx.before, f) }

// Local returns what this transaction keeps under key, made on first use.
func (tx *Tx) Local(key any, fresh func() any) any {
	if tx.local == nil {
		tx.local = map[any]any{}
	}
	v, ok := tx.local[key]
	if !ok {
		v = fresh()
		tx.local[key] = v
	}
	return v
}

// Lock makes the next read lock its rows until the end of the transaction. SQLite has one writer and needs none.
func (tx *Tx) Lock() *gorm.DB {
	if tx.kind == SQLite {
		return tx.DB
	}
	return tx.Clauses(clause.Locking{Strength: "UPDATE"})
}

// Savepoint runs f so that its failure undoes only what f did. Work registered by a failed f is forgotten.
func (tx *Tx) Savepoint(f func(*Tx) error) error {
	inner := &Tx{Now: tx.Now, ctx: tx.ctx, kept: tx.kept, kind: tx.kind}
	err := tx.Transaction(func(g *gorm.DB) error {
		inner.DB = g
		return f(inner)
	})
	if err == nil {
		tx.after = append(tx.after, inner.after...)
		tx.before = append(tx.before, inner.before...)
	}
	return err
}

// deadlockTries is how often a transaction runs that was rolled back for the sake of another.
const deadlockTries = 4

// InTx runs f in a transaction and commits if f returns nil. f may run again after a deadlock, so it must not change
// anything outside the transaction before it has returned.
func (db *DB) InTx(ctx context.Context, f func(tx *Tx) error) error {
	for try := 1; ; try++ {
		var tx *Tx
		err := db.write.WithContext(ctx).Transaction(func(g *gorm.DB) error {
			tx = &Tx{DB: g, Now: db.Now(), ctx: ctx, kept: keep(ctx), kind: db.kind}
			if err := f(tx); err != nil {
				return err
			}
			for len(tx.before) > 0 { // one may add another
				next := tx.before[0]
				tx.before = tx.before[1:]
				if err := next(tx); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			for _, after := range tx.after {
				after(context.WithoutCancel(ctx)) // the caller may have hung up; the change is made all the same
			}
			return nil
		}
		if !isDeadlock(err) || try == deadlockTries || !pause(ctx, try) {
			return err
		}
	}
}

// pause waits a few milliseconds, by chance, so that those who met do not meet again. It reports whether ctx still lives.
func pause(ctx context.Context, try int) bool {
	timer := time.NewTimer(time.Duration(1+rand.IntN(10*try)) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Exec runs one statement outside any transaction and tells how many rows it matched.
func (db *DB) Exec(ctx context.Context, statement string, args ...any) (int64, error) {
	r := db.write.WithContext(ctx).Exec(statement, args...)
	return r.RowsAffected, r.Error
}

// InsertNew writes rows whose keys are new, leaving out those that are there already. rows is a slice of row pointers
// or a pointer to a slice; it tells how many were written (SQLite) or touched (MySQL).
func (db *DB) InsertNew(ctx context.Context, rows any) error {
	return db.write.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(rows).Error
}
