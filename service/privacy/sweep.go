package privacy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/member"
)

// sweep prepares one bounded part of a table's step and gives what is to be done in its transaction.
type sweep func(ctx context.Context, s *Service, e model.Erasure, who subject) (func(tx *database.Tx) (part, error), error)

// Bounds of one part.
const (
	messagesAtOnce   = 500
	filesAtOnce      = 20
	deliveriesAtOnce = 500
)

// sweeping are the rules of tables that are gone through after his identity is gone, in their order.
func sweeping() []rule {
	return slices.DeleteFunc(rules(), func(r rule) bool { return r.cut || r.fate == FateKept })
}

// ids gives what a column is searched for.
func ids(column string, who member.Subject) []string {
	switch column {
	case "conversation_id":
		return who.Conversations
	case "follower_id":
		return who.Followers
	}
	return who.Members
}

// plain is the step of a table that one statement settles. A second time it finds nothing.
func plain(r rule) sweep {
	return func(_ context.Context, _ *Service, _ model.Erasure, who subject) (func(*database.Tx) (part, error), error) {
		return func(tx *database.Tx) (part, error) {
			statement, args := r.statement(who.Subject)
			done := tx.Exec(statement, args...)
			if done.Error != nil {
				return part{}, fmt.Errorf("erase from %s: %w", r.table, done.Error)
			}
			return part{rows: map[string]int64{r.table: done.RowsAffected}}, nil
		}, nil
	}
}

// statement erases the rows of a person from the rule's table. All of it is of ours but the ids.
func (r rule) statement(who member.Subject) (string, []any) {
	var set, still, found []string
	var values, args []any
	for _, b := range r.blank {
		set = append(set, b.column+" = ?")
		values = append(values, b.value)
		if b.value == nil {
			still = append(still, b.column+" IS NOT NULL")
			continue
		}
		still, args = append(still, b.column+" <> ?"), append(args, b.value)
	}
	for _, column := range r.by {
		found = append(found, column+" IN ?")
	}
	where := "(" + strings.Join(found, " OR ") + ")"
	var keys []any
	for _, column := range r.by {
		keys = append(keys, ids(column, who))
	}
	if r.only != "" {
		where += " AND " + r.only
	}
	if r.fate == FateRemoved {
		return "DELETE FROM " + r.table + " WHERE " + where, keys
	}
	return "UPDATE " + r.table + " SET " + strings.Join(set, ", ") + " WHERE " + where + " AND (" + strings.Join(still, " OR ") + ")",
		slices.Concat(values, keys, args)
}

// messages are deleted some hundred at a time, from the first of a conversation on.
func messages(_ context.Context, _ *Service, _ model.Erasure, who subject) (func(*database.Tx) (part, error), error) {
	return func(tx *database.Tx) (part, error) {
		for _, id := range who.Conversations {
			var seqs []int64
			of := tx.Model(&model.Message{}).Where("shard = ? AND conversation_id = ?", model.Shard(id), id)
			if err := of.Order("seq").Limit(messagesAtOnce).Pluck("seq", &seqs).Error; err != nil {
				return part{}, fmt.Errorf("find messages: %w", err)
			}
			if len(seqs) == 0 {
				continue
			}
			r := tx.Exec("DELETE FROM messages WHERE shard = ? AND conversation_id = ? AND seq <= ?", model.Shard(id), id, seqs[len(seqs)-1])
			if r.Error != nil {
				return part{}, fmt.Errorf("erase messages: %w", r.Error)
			}
			return part{rows: map[string]int64{"messages": r.RowsAffected}, more: true}, nil
		}
		return part{}, nil
	}, nil
}

// files deletes bytes first and then their rows: what a crash leaves in between comes again.
func files(ctx context.Context, s *Service, _ model.Erasure, who subject) (func(*database.Tx) (part, error), error) {
	gone, n, busy, err := s.media.EraseSome(ctx, who.Conversations, filesAtOnce)
	if err != nil {
		return nil, err
	}
	if err := s.before("media rows"); err != nil {
		return nil, err
	}
	return func(tx *database.Tx) (part, error) {
		if busy {
			return part{waits: model.WaitsForFile}, nil
		}
		if len(gone) == 0 {
			return part{}, nil
		}
		r := tx.Exec("DELETE FROM media WHERE id IN ?", gone)
		if r.Error != nil {
			return part{}, fmt.Errorf("erase media: %w", r.Error)
		}
		return part{rows: map[string]int64{"media": r.RowsAffected}, files: n, more: true}, nil
	}, nil
}

// deliveries lose their texts: those to his openid, text messages to his phone, and what a person of the house sent
// himself to see how he would read it. Nothing of them is under way any more; if something is all the same, it ends first.
func deliveries(_ context.Context, s *Service, e model.Erasure, who subject) (func(*database.Tx) (part, error), error) {
	return func(tx *database.Tx) (part, error) {
		texts, err := textMessages(tx.DB, e.AccountID, who.Subject)
		if err != nil {
			return part{}, err
		}
		tests, err := tested(tx.DB, who.Subject)
		if err != nil {
			return part{}, err
		}
		if _, err := s.delivery.EndTx(tx, who.Followers, texts); err != nil {
			return part{}, err
		}
		open, err := underWay(tx.DB, who.Subject, append(texts, tests...))
		if err != nil || open > 0 {
			return part{waits: model.WaitsForSending}, err
		}
		var full []string
		err = tx.Model(&model.Delivery{}).Where("(follower_id IN ? OR id IN ?) AND payload <> '{}'", who.Followers, append(texts, tests...)).
			Limit(deliveriesAtOnce).Pluck("id", &full).Error
		if err != nil || len(full) == 0 {
			return part{}, err
		}
		r := tx.Exec("UPDATE deliveries SET payload = '{}', dedupe_key = NULL WHERE id IN ?", full)
		if r.Error != nil {
			return part{}, fmt.Errorf("erase texts of deliveries: %w", r.Error)
		}
		return part{rows: map[string]int64{"deliveries": r.RowsAffected}, more: true}, nil
	}, nil
}

// tested finds what people sent themselves as a member would read it: the record of it names the member, and was written
// in the same moment.
func tested(db *gorm.DB, who member.Subject) ([]string, error) {
	var records []model.Audit
	if err := db.Where("member_id IN ? AND action = 'campaign.test'", who.Members).Find(&records).Error; err != nil {
		return nil, fmt.Errorf("find tests: %w", err)
	}
	var all []string
	for _, r := range records {
		var some []string
		err := db.Model(&model.Delivery{}).Where("source_id = ? AND purpose = ? AND created_at = ?", r.ActorID, model.PurposeTest, r.At).Pluck("id", &some).Error
		if err != nil {
			return nil, fmt.Errorf("find tests: %w", err)
		}
		all = append(all, some...)
	}
	return all, nil
}

// answersAtOnce is how many ids are looked for in kept answers at a time.
const answersAtOnce = 50

// answers of creating calls are kept for a day, so that a repeat gets the same; those that name him go. A repeat of such
// a call then finds nobody.
func answers(_ context.Context, _ *Service, e model.Erasure, who subject) (func(*database.Tx) (part, error), error) {
	return func(tx *database.Tx) (part, error) {
		var n int64
		for some := range slices.Chunk(slices.Concat(who.Members, who.Conversations, who.Recent), answersAtOnce) {
			var likes []string
			args := []any{e.AccountID}
			for _, id := range some {
				likes, args = append(likes, "body LIKE ?"), append(args, "%"+id+"%")
			}
			r := tx.Exec("DELETE FROM idempotency_keys WHERE account_id = ? AND ("+strings.Join(likes, " OR ")+")", args...)
			if r.Error != nil {
				return part{}, fmt.Errorf("erase kept answers: %w", r.Error)
			}
			n += r.RowsAffected
		}
		return part{rows: map[string]int64{"idempotency_keys": n}}, nil
	}, nil
}
