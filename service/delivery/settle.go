package delivery

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"liuke/model"
	"liuke/model/database"
)

// Outcomes share transactions. The events of each lock the streams of a store until the commit is on the disk: one by one,
// a campaign would go as fast as the disk writes. Whoever comes while a commit is under way shares the next one.

// settleAtOnce is how many outcomes share a transaction.
const settleAtOnce = 32

// result is a delivery that was tried, and what came of it.
type result struct {
	d model.Delivery
	o outcome
}

// plain reports whether nothing but this follower's rows is touched. What WeChat refused, or will tell more of, may touch
// campaigns and members too, and is written alone.
func (r result) plain() bool {
	return r.o.state == model.StateAccepted && r.d.Channel == model.ChannelCustomer
}

// results are plain outcomes that wait to be written.
type results struct {
	mu      sync.Mutex
	waiting []result
	writing bool
}

// add reports whether nobody writes at the moment: then whoever added does.
func (q *results) add(r result) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, r)
	mine := !q.writing
	q.writing = true
	return mine
}

// next takes what is written together; none: there is nothing left, and the writer is free.
func (q *results) next() []result {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.waiting), settleAtOnce)
	batch := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	q.writing = n > 0
	return batch
}

// conclude has a plain outcome written down, by this goroutine or by the one that writes already.
func (s *Service) conclude(ctx context.Context, r result) {
	if !s.unwritten.add(r) {
		return
	}
	for batch := s.unwritten.next(); len(batch) > 0; batch = s.unwritten.next() {
		err := s.settle(ctx, batch...)
		if err != nil && len(batch) > 1 { // one of them may be the reason
			for _, one := range batch {
				s.lost(ctx, one, s.settle(ctx, one))
			}
		} else {
			s.lost(ctx, batch[0], err)
		}
		for _, r := range batch {
			s.hands.leave(r.d)
			s.lanes.written(laneOf(r.d))
			s.calls.Done()
			s.wakeLoop(laneOf(r.d).campaign)
		}
	}
}

// lost tells of an outcome that could not be written. The lease runs out and the rescue marks the delivery unknown, which is
// the truth: nobody wrote down what WeChat said.
func (s *Service) lost(ctx context.Context, r result, err error) {
	if err != nil {
		s.log.LogAttrs(ctx, slog.LevelError, "outcome of delivery not written", slog.String("delivery_id", r.d.ID), slog.Any("error", err))
	}
}

// settle writes outcomes down, of those deliveries that are still in our hands. What they touch is locked first, in the order
// that holds everywhere: conversations, allowances, deliveries.
func (s *Service) settle(ctx context.Context, all ...result) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		if err := lockTalks(tx, all); err != nil {
			return err
		}
		allowances, err := s.lockAllowances(tx, all)
		if err != nil {
			return err
		}
		ours, err := lockOurs(tx, all)
		if err != nil {
			return err
		}
		var plain []result
		for _, r := range all {
			switch {
			case !ours[r.d.ID]: // it counts as unknown already
			case r.plain():
				plain = append(plain, r)
			default:
				if err := s.settleTx(tx, allowances[r.d.FollowerID], r); err != nil {
					return err
				}
			}
		}
		return s.settlePlain(tx, plain, allowances)
	})
}

func lockTalks(tx *database.Tx, all []result) error {
	ids := make([]string, len(all))
	for i, r := range all {
		ids[i] = r.d.ConversationID
	}
	var locked []string
	if err := tx.Lock().Model(&model.Conversation{}).Where("id IN ?", ids).Order("id").Pluck("id", &locked).Error; err != nil {
		return fmt.Errorf("lock conversations: %w", err)
	}
	return nil
}

// lockAllowances gives the allowances by follower; those of text messages, which have no window, are empty.
func (s *Service) lockAllowances(tx *database.Tx, all []result) (map[string]*model.Allowance, error) {
	var followers []model.Follower
	for _, r := range all {
		if r.d.Channel != model.ChannelSMS {
			followers = append(followers, model.Follower{ID: r.d.FollowerID, AccountID: r.d.AccountID})
		}
	}
	found, err := s.allowances(tx, followers)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if r.d.Channel == model.ChannelSMS {
			found[r.d.FollowerID] = &model.Allowance{}
		}
	}
	return found, nil
}

// lockOurs tells which of the deliveries are still in the hands that tried them.
func lockOurs(tx *database.Tx, all []result) (map[string]bool, error) {
	owners := map[string]string{}
	ids := make([]string, len(all))
	for i, r := range all {
		ids[i], owners[r.d.ID] = r.d.ID, r.d.Owner
	}
	var rows []model.Delivery
	err := tx.Lock().Select("id", "owner").Where("id IN ? AND state = ?", ids, model.StateSending).Order("id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("lock deliveries: %w", err)
	}
	ours := map[string]bool{}
	for _, d := range rows {
		ours[d.ID] = d.Owner == owners[d.ID]
	}
	return ours, nil
}
