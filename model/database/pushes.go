package database

import (
	"context"
	"strings"

	"liuke/model"
)

// InsertPushes writes pushes in one statement, leaving out those whose key is there already. It is written by hand
// because every push of every member goes through it. It tries again after a deadlock: repeats meet in the unique key.
func (db *DB) InsertPushes(ctx context.Context, rows []*model.Push) error {
	const columns = "(lane, id, account_id, dedupe, openid, msg_type, event, body, received_at)"
	const values = "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
	var b strings.Builder
	b.Grow(120 + len(rows)*(len(values)+1))
	b.WriteString("INSERT INTO pushes " + columns + " VALUES ")
	args := make([]any, 0, 9*len(rows))
	for i, r := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(values)
		args = append(args, r.Lane, r.ID, r.AccountID, r.Dedupe, r.OpenID, r.MsgType, r.Event, r.Body, r.ReceivedAt)
	}
	if db.kind == MySQL {
		b.WriteString(" ON DUPLICATE KEY UPDATE lane = pushes.lane")
	} else {
		b.WriteString(" ON CONFLICT DO NOTHING")
	}
	pool, err := db.pool()
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		_, err = pool.ExecContext(ctx, b.String(), args...)
		if !isDeadlock(err) || try == deadlockTries || !pause(ctx, try) {
			return err
		}
	}
}
