package backup

import (
	"context"
	"errors"
	"fmt"
	"io"

	"liuke/model"
	"liuke/model/database"
)

// Target is where a backup is restored.
type Target struct {
	DB       *database.DB
	Media    Store
	Progress Progress
}

// Restored says what came of a restore.
type Restored struct {
	Manifest Manifest
	// Interrupted counts outgoing messages that were on their way when the backup was made. They may have arrived, so
	// they are unknown now and nothing sends them again.
	Interrupted int64
}

// Restore brings a backup into an empty database whose schema is this program's, files first. It reads the backup
// twice: nothing is written before all of it has been verified. The rows are written in one transaction, so after an
// error, or a crash, the database is as empty as before; files that were written stay, and a new try replaces them.
func Restore(ctx context.Context, to Target, r io.ReadSeeker) (Restored, error) {
	if err := to.DB.CheckSchema(ctx); err != nil {
		return Restored{}, err
	}
	if err := mustBeEmpty(ctx, to.DB); err != nil {
		return Restored{}, err
	}
	m, err := verifyAgain(ctx, r, nothing{})
	if err != nil {
		return Restored{}, err
	}
	var done Restored
	err = to.DB.InTx(ctx, func(tx *database.Tx) error {
		load := &loader{Target: to, tx: tx, rowsOf: map[string]int64{}}
		again, err := verifyAgain(ctx, r, load)
		if err != nil {
			return err
		}
		if again.Rows() != m.Rows() || !again.CreatedAt.Equal(m.CreatedAt) {
			return fmt.Errorf("%w: it changed while it was read", ErrDamaged)
		}
		done = Restored{Manifest: m, Interrupted: load.interrupted}
		return nil
	})
	if err != nil {
		return Restored{}, err
	}
	return done, nil
}

func verifyAgain(ctx context.Context, r io.ReadSeeker, to taker) (Manifest, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return Manifest{}, fmt.Errorf("read the backup: %w", err)
	}
	return walk(ctx, r, to)
}

// ErrNotEmpty says that a database holds rows already.
var ErrNotEmpty = errors.New("the database is not empty: restore into a fresh one")

func mustBeEmpty(ctx context.Context, db *database.DB) error {
	name, err := occupied(db.Read(ctx))
	if err != nil {
		return err
	}
	if name != "" {
		return fmt.Errorf("%w (there are rows in %s)", ErrNotEmpty, name)
	}
	return nil
}

// insertRows bounds one statement: SQLite takes 32,766 parameters.
const insertRows = 500

// feedGap is more than the live events that one stream can have got between the backup and the restore.
const feedGap = 1_000_000_000

// interrupted is the reason of what was on its way when everything stopped.
const interrupted = "interrupted"

// loader writes what a backup holds.
type loader struct {
	Target

	tx          *database.Tx
	files       int64
	rowsOf      map[string]int64
	interrupted int64
}

func (l *loader) file(ctx context.Context, key string, r io.Reader, size int64) error {
	if err := l.Media.Put(ctx, key, r, size); err != nil {
		return fmt.Errorf("keep media: %w", err)
	}
	l.files++
	l.Progress.tell("files", l.files)
	return nil
}

func (l *loader) rows(t *table, rows []any, fields [][]any) error {
	var unsure []string
	for _, row := range rows {
		if id := l.settle(row); id != "" { // a greeting has its message only once it leaves
			unsure = append(unsure, id)
		}
	}
	for len(fields) > 0 {
		n := min(len(fields), insertRows)
		if err := t.insert(l.tx, fields[:n]); err != nil {
			return err
		}
		fields = fields[n:]
	}
	for len(unsure) > 0 { // their messages are there already: tables come in the order of model.Tables
		n := min(len(unsure), insertRows)
		err := l.tx.Model(&model.Message{}).Where("id IN ?", unsure[:n]).
			Updates(map[string]any{"state": model.StateUnknown, "reason": interrupted}).Error
		if err != nil {
			return fmt.Errorf("mark interrupted messages: %w", err)
		}
		unsure = unsure[n:]
	}
	l.rowsOf[t.name] += int64(len(rows))
	l.Progress.tell(t.name, l.rowsOf[t.name])
	return nil
}

// settle changes in a row what is no longer true after a restore. It gives the message of a delivery that was on its
// way.
func (l *loader) settle(row any) (message string) {
	switch r := row.(type) {
	case *model.Delivery:
		r.Owner, r.LeaseUntil = "", 0
		if r.State != model.StateSending && r.State != model.StateQueued {
			return ""
		}
		r.State, r.Reason, r.WindowKind = model.StateUnknown, interrupted, model.WindowNone
		l.interrupted++
		return r.MessageID
	case *model.MassJob:
		switch r.State { // one that had not left may have left after the backup was made
		case model.MassCollecting, model.MassReady, model.MassSending:
			r.Owner, r.LeaseUntil = "", 0
			r.State, r.Reason, r.Told, r.FinishedAt = model.MassUnknown, interrupted, false, r.CreatedAt
			r.FirstTryAt = max(r.FirstTryAt, r.CreatedAt)
			l.interrupted += r.Members
		}
	case *model.Allowance:
		r.Inflight = 0
	case *model.FeedStream:
		// A screen may have got events after the backup was made. A number that none can have got makes it read anew.
		r.Seq += feedGap
		r.PrunedSeq = r.Seq
	}
	return ""
}
