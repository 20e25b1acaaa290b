package inbound

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"liuke/model"
	"liuke/model/database"
)

// nextBundles reads the oldest bundles of a lane, and their pushes in the order of arrival. One that holds a push which
// must wait for a journal is left, with all that came after it.
func (s *Service) nextBundles(ctx context.Context, lane int) (taken []model.PushBundle, all []*model.Push, more bool, err error) {
	var rows []model.PushBundle
	if err := s.db.Read(ctx).Where("lane = ?", lane).Order("id").Limit(bundlesAtOnce).Find(&rows).Error; err != nil {
		return nil, nil, false, fmt.Errorf("read bundles: %w", err)
	}
	floor, cost, most := s.barrier.floor(s.db.Now()), 0, workAtOnce
	if s.db.Kind() == database.SQLite {
		most = workAtOnceLite
	}
	for _, b := range rows {
		pushes, err := unbundle(b)
		if err != nil {
			return nil, nil, false, fmt.Errorf("bundle %s: %w", b.ID, err)
		}
		if floor != "" && pushes[len(pushes)-1].ID >= floor {
			break
		}
		if cost >= most {
			more = true
			break
		}
		for _, p := range pushes {
			cost += 1 + len(p.Body)/bytesCost
			if p.Event != "" {
				cost += eventCosts - 1
			}
		}
		taken, all = append(taken, b), append(all, pushes...)
	}
	slices.SortStableFunc(all, func(a, b *model.Push) int { return cmp.Compare(a.ID, b.ID) })
	return taken, all, more || len(taken) == bundlesAtOnce, nil
}

// takeBundles commits the effects of the pushes of whole bundles.
func (s *Service) takeBundles(ctx context.Context, lease string, bs []model.PushBundle, all []*model.Push) error {
	return s.inLane(ctx, lease, func(tx *database.Tx) error {
		fresh, err := s.unpack(tx, bs, all, model.PushDone)
		if err != nil {
			return err
		}
		return s.dispatch(tx, fresh)
	})
}

// spread gives the pushes of bundles a row each.
func (s *Service) spread(ctx context.Context, lease string, bs []model.PushBundle, all []*model.Push) error {
	return s.inLane(ctx, lease, func(tx *database.Tx) error {
		_, err := s.unpack(tx, bs, all, model.PushNew)
		return err
	})
}

// unpack removes bundles and gives their pushes rows in that state, but for repeats of one that is known. It returns those
// that have a row now.
func (s *Service) unpack(tx *database.Tx, bs []model.PushBundle, all []*model.Push, state int) ([]*model.Push, error) {
	ids := make([]string, len(bs))
	for i, b := range bs {
		ids[i] = b.ID
	}
	// The order makes MariaDB look the rows up by their key, and wait for no commit that adds others to the lane.
	r := tx.Where("lane = ? AND id IN ?", bs[0].Lane, ids).Order("lane, id").Limit(len(ids)).Delete(&model.PushBundle{})
	if r.Error != nil {
		return nil, fmt.Errorf("remove bundles: %w", r.Error)
	}
	if int(r.RowsAffected) != len(bs) {
		return nil, errTaken
	}
	known := make(map[string]bool, len(all))
	fresh := unknown(all, known)
	err := insert(tx, fresh, state)
	if database.IsDuplicate(err) {
		var before []model.Push
		keys := make([][]byte, len(fresh))
		for i, p := range fresh {
			keys[i] = p.Dedupe
		}
		if err := tx.Select("dedupe").Where("dedupe IN ?", keys).Find(&before).Error; err != nil {
			return nil, fmt.Errorf("find repeats: %w", err)
		}
		clear(known)
		for _, p := range before {
			known[string(p.Dedupe)] = true
		}
		fresh = unknown(fresh, known)
		err = insert(tx, fresh, state)
	}
	if err != nil {
		return nil, fmt.Errorf("give pushes rows: %w", err)
	}
	return fresh, nil
}

// unknown leaves out pushes whose key is known, and makes those of the others known.
func unknown(all []*model.Push, known map[string]bool) []*model.Push {
	fresh := make([]*model.Push, 0, len(all))
	for _, p := range all {
		if !known[string(p.Dedupe)] {
			known[string(p.Dedupe)] = true
			fresh = append(fresh, p)
		}
	}
	return fresh
}

// insert writes rows of pushes. What is done needs its contents no more.
func insert(tx *database.Tx, pushes []*model.Push, state int) error {
	if len(pushes) == 0 {
		return nil
	}
	rows := make([]*model.Push, len(pushes))
	for i, p := range pushes {
		row := *p
		row.State = state
		if state == model.PushDone {
			row.Body, row.DoneAt = nil, tx.Millis()
		}
		rows[i] = &row
	}
	return tx.InsertPushes(rows)
}
