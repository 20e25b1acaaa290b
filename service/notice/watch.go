package notice

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/feed"
)

const (
	watchMost = 200 // conversations of one account in one transaction
	// markFor is how long it is remembered that somebody was warned; who waits longer is told of once more.
	markFor = 30 * 24 * time.Hour
)

// watch warns of members who wait too long: first their clerk, or the queue they stand in, then the store's manager.
// Only business hours count, in the zone of the store.
func (s *Service) watch(ctx context.Context) error {
	accounts, err := s.deps.Accounts.List(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		for _, step := range []string{model.WaitRed, model.WaitAmber} {
			for more := true; more && ctx.Err() == nil; {
				if more, err = s.warn(ctx, a.ID, step); err != nil {
					return fmt.Errorf("warn of who waits: %w", err)
				}
			}
		}
	}
	return nil
}

// warn tells of some conversations that have waited for longer and of whom that was not told. What waits is ranked by
// its time, so that the look-up touches no other. It reports whether there may be more.
func (s *Service) warn(ctx context.Context, accountID, step string) (more bool, err error) {
	steps := []string{model.WaitRed}
	if step == model.WaitAmber {
		steps = append(steps, model.WaitAmber)
	}
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		if err := s.deps.Leases.HeldTx(tx, watchLease); err != nil {
			return err
		}
		waits, err := s.deps.Staff.WaitsTx(tx, accountID, "")
		if err != nil {
			return err
		}
		longer := waits.Red
		if step == model.WaitAmber {
			longer = waits.Amber
		}
		var late []model.Conversation
		for since, stores := range waits.Since(tx.Now, longer) {
			for part := range slices.Chunk(stores, 500) {
				var rows []model.Conversation
				err := tx.Where("conversations.account_id = ? AND conversations.store_id IN ?", accountID, part).
					Where("conversations.rank_at <= ? AND conversations.waiting_since > 0", since).
					Where("NOT EXISTS (SELECT 1 FROM waiting_marks WHERE waiting_marks.conversation_id = conversations.id "+
						"AND waiting_marks.waiting_since = conversations.waiting_since AND waiting_marks.step IN ?)", steps).
					Limit(watchMost - len(late)).Find(&rows).Error
				if err != nil {
					return fmt.Errorf("find who waits: %w", err)
				}
				if late = append(late, rows...); len(late) >= watchMost {
					more = true
					return s.tell(tx, late, step)
				}
			}
		}
		more = false
		return s.tell(tx, late, step)
	})
	return more, err
}

func (s *Service) tell(tx *database.Tx, late []model.Conversation, step string) error {
	if len(late) == 0 {
		return nil
	}
	marks := make([]model.WaitingMark, len(late))
	for i, c := range late {
		marks[i] = model.WaitingMark{ConversationID: c.ID, AccountID: c.AccountID, WaitingSince: c.WaitingSince, Step: step, At: tx.Millis()}
		e := feed.Event{AccountID: c.AccountID, Kind: "waiting", MemberID: c.MemberID, ConversationID: c.ID, Data: map[string]string{
			"step": step, "waiting_since": strconv.FormatInt(c.WaitingSince, 10),
		}}
		streams := []string{feed.Staff(c.ClerkID)}
		if c.ClerkID == "" && c.StoreID != "" {
			streams = append(streams, feed.Queue(c.StoreID))
		}
		switch {
		case c.StoreID == "":
			streams = append(streams, feed.Desk(c.AccountID))
		case step == model.WaitRed:
			streams = append(streams, feed.Store(c.StoreID))
		}
		s.deps.Feed.PublishTx(tx, e, streams...)
	}
	err := tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "conversation_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"waiting_since", "step", "at"}),
	}).Create(&marks).Error
	if err != nil {
		return fmt.Errorf("mark who was told of: %w", err)
	}
	return nil
}
