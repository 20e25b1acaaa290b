package database

import (
	"context"
	"math/bits"
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
	if len(rows) <= bundlesKept {
		ctx = keep(ctx)
	}
	statement := insertion("push_bundles (lane, id, pushes, body, received_at)", 5, len(rows))
	for try := 1; ; try++ {
		_, err = pool.ExecContext(ctx, statement, args...)
		if !isDeadlock(err) || try == deadlockTries || !pause(ctx, try) {
			return translated(db.write, err)
		}
	}
}

// bundlesKept is up to how many bundles of a commit have a statement that is kept: each number of them has its own.
const bundlesKept = 16

// InsertPushes writes pushes, all or none. IsDuplicate tells of an error that one is known already.
func (tx *Tx) InsertPushes(rows []*model.Push) error {
	return tx.Savepoint(func(inner *Tx) error {
		return insertAll(inner, "pushes (lane, id, account_id, dedupe, openid, msg_type, event, body, state, received_at, done_at)", 11, "",
			rows, func(args []any, row **model.Push) []any {
				r := *row
				return append(args, r.Lane, r.ID, r.AccountID, r.Dedupe, r.OpenID, r.MsgType, r.Event, r.Body, r.State, r.ReceivedAt, r.DoneAt)
			})
	})
}

// InsertMessages writes messages.
func (tx *Tx) InsertMessages(rows []model.Message) error {
	return insertAll(tx, "messages (shard, conversation_id, seq, id, account_id, direction, kind, text, media_id, payload, state, reason,"+
		" author_kind, author_id, author_name, on_behalf_of, client_id, at)", 18, "", rows, func(args []any, r *model.Message) []any {
		return append(args, r.Shard, r.ConversationID, r.Seq, r.ID, r.AccountID, r.Direction, r.Kind, r.Text, r.MediaID, r.Payload,
			r.State, r.Reason, r.AuthorKind, r.AuthorID, r.AuthorName, r.OnBehalfOf, r.ClientID, r.At)
	})
}

// InsertEvents writes events of feeds.
func (tx *Tx) InsertEvents(rows []model.FeedEvent) error {
	return insertAll(tx, "feed_events (stream, seq, account_id, kind, member_id, data, at)", 7, "", rows, func(args []any, r *model.FeedEvent) []any {
		return append(args, r.Stream, r.Seq, r.AccountID, r.Kind, r.MemberID, r.Data, r.At)
	})
}

// AdvanceConversations writes what conversations say after new messages: their numbers, who waits, and the last message. The
// rows are there and locked, so that of the upsert only the update is ever done.
func (tx *Tx) AdvanceConversations(rows []model.Conversation) error {
	return insertAll(tx, "conversations (id, last_seq, unread, waiting_since, rank_at, last_kind, last_text, last_direction, last_at)", 9,
		tx.orUpdate("id", "last_seq", "unread", "waiting_since", "rank_at", "last_kind", "last_text", "last_direction", "last_at"),
		rows, func(args []any, r *model.Conversation) []any {
			return append(args, r.ID, r.LastSeq, r.Unread, r.WaitingSince, r.RankAt, r.LastKind, r.LastText, r.LastDirection, r.LastAt)
		})
}

// SaveAllowances writes allowances that are there and locked.
func (tx *Tx) SaveAllowances(rows []model.Allowance) error {
	return insertAll(tx, "allowances (follower_id, user_left, user_until, event_left, event_until, inflight, updated_at)", 7,
		tx.orUpdate("follower_id", "user_left", "user_until", "event_left", "event_until", "inflight", "updated_at"),
		rows, func(args []any, r *model.Allowance) []any {
			return append(args, r.FollowerID, r.UserLeft, r.UserUntil, r.EventLeft, r.EventUntil, r.Inflight, r.UpdatedAt)
		})
}

// AdvanceStreams adds to the numbers of streams, making those that are not there yet.
func (tx *Tx) AdvanceStreams(rows []model.FeedStream) error {
	set := " ON CONFLICT (stream) DO UPDATE SET seq = feed_streams.seq + excluded.seq"
	if tx.kind == MySQL {
		set = " ON DUPLICATE KEY UPDATE seq = seq + VALUES(seq)"
	}
	return insertAll(tx, "feed_streams (stream, seq)", 2, set, rows, func(args []any, r *model.FeedStream) []any {
		return append(args, r.Stream, r.Seq)
	})
}

// orUpdate turns an insertion into an update of these columns where the key is there.
func (tx *Tx) orUpdate(key string, columns ...string) string {
	verb, from := " ON CONFLICT ("+key+") DO UPDATE SET ", "excluded.%"
	if tx.kind == MySQL {
		verb, from = " ON DUPLICATE KEY UPDATE ", "VALUES(%)"
	}
	set := make([]string, len(columns))
	for i, c := range columns {
		set[i] = c + " = " + strings.Replace(from, "%", c, 1)
	}
	return verb + strings.Join(set, ", ")
}

// insertAll writes rows in statements of few sizes, which are kept. What follows the values may be empty.
func insertAll[T any](tx *Tx, into string, columns int, after string, rows []T, add func(args []any, row *T) []any) error {
	args := make([]any, 0, columns*min(len(rows), rowsAtOnce))
	for len(rows) > 0 {
		n := rowsOf(len(rows))
		args = args[:0]
		for i := range rows[:n] {
			args = add(args, &rows[i])
		}
		if _, err := tx.Statement.ConnPool.ExecContext(tx.kept, insertion(into, columns, n)+after, args...); err != nil {
			return translated(tx.DB, err)
		}
		rows = rows[n:]
	}
	return nil
}

// rowsAtOnce is how many rows go into one statement. With twice as many MariaDB takes no less for a row, and a server holds each for every connection.
const rowsAtOnce = 128

// rowsOf is how many of n rows go into the next statement: a power of two, so that there are few different ones.
func rowsOf(n int) int { return min(1<<(bits.Len(uint(n))-1), rowsAtOnce) } //nolint:gosec // n is positive

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
