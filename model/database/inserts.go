package database

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"liuke/model"
)

// Every push of every member goes through these statements, so they are written by hand.

// InsertBundles writes bundles in one statement, all or none. IsDuplicate tells of an error that one is there already.
func (db *DB) InsertBundles(ctx context.Context, rows []*model.PushBundle) error {
	args := make([]any, 0, 5*len(rows))
	for _, r := range rows {
		args = append(args, r.Lane, r.ID, r.Pushes, r.Body, r.ReceivedAt)
	}
	pool, err := db.pool()
	if err != nil {
		return err
	}
	statement := insertion("push_bundles (lane, id, pushes, body, received_at)", 5, len(rows))
	for try := 1; ; try++ {
		_, err = pool.ExecContext(ctx, statement, args...)
		if !isDeadlock(err) || try == deadlockTries || !pause(ctx, try) {
			return translated(db.write, err)
		}
	}
}

// InsertPushes writes pushes in one statement, all or none. IsDuplicate tells of an error that one is known already.
func (tx *Tx) InsertPushes(rows []*model.Push) error {
	args := make([]any, 0, 11*len(rows))
	for _, r := range rows {
		args = append(args, r.Lane, r.ID, r.AccountID, r.Dedupe, r.OpenID, r.MsgType, r.Event, r.Body, r.State, r.ReceivedAt, r.DoneAt)
	}
	_, err := tx.Statement.ConnPool.ExecContext(tx.ctx, insertion(
		"pushes (lane, id, account_id, dedupe, openid, msg_type, event, body, state, received_at, done_at)", 11, len(rows)), args...)
	return translated(tx.DB, err)
}

// InsertMessages writes messages in as few statements as MariaDB and SQLite take.
func (tx *Tx) InsertMessages(rows []model.Message) error {
	return insertAll(tx, "messages (shard, conversation_id, seq, id, account_id, direction, kind, text, media_id, payload, state, reason,"+
		" author_kind, author_id, author_name, on_behalf_of, client_id, at)", 18, rows, func(args []any, r *model.Message) []any {
		return append(args, r.Shard, r.ConversationID, r.Seq, r.ID, r.AccountID, r.Direction, r.Kind, r.Text, r.MediaID, r.Payload,
			r.State, r.Reason, r.AuthorKind, r.AuthorID, r.AuthorName, r.OnBehalfOf, r.ClientID, r.At)
	})
}

// InsertEvents writes events of feeds in as few statements as MariaDB and SQLite take.
func (tx *Tx) InsertEvents(rows []model.FeedEvent) error {
	return insertAll(tx, "feed_events (stream, seq, account_id, kind, member_id, data, at)", 7, rows, func(args []any, r *model.FeedEvent) []any {
		return append(args, r.Stream, r.Seq, r.AccountID, r.Kind, r.MemberID, r.Data, r.At)
	})
}

func insertAll[T any](tx *Tx, into string, columns int, rows []T, add func(args []any, row *T) []any) error {
	for part := range slices.Chunk(rows, rowsAtOnce) {
		args := make([]any, 0, columns*len(part))
		for i := range part {
			args = add(args, &part[i])
		}
		if _, err := tx.Statement.ConnPool.ExecContext(tx.ctx, insertion(into, columns, len(part)), args...); err != nil {
			return translated(tx.DB, err)
		}
	}
	return nil
}

// rowsAtOnce is how many rows go into one statement: SQLite allows 32,766 parameters.
const rowsAtOnce = 500

// insertion is a statement that inserts so many rows of so many columns.
func insertion(into string, columns, rows int) string {
	row := ",(?" + strings.Repeat(",?", columns-1) + ")"
	return "INSERT INTO " + into + " VALUES " + strings.Repeat(row, rows)[1:]
}

// translated gives an error of the driver the form that gorm gives its own.
func translated(db *gorm.DB, err error) error {
	if t, ok := db.Dialector.(gorm.ErrorTranslator); ok && err != nil {
		return t.Translate(err)
	}
	return err
}
