package feed

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/worker"
)

const (
	pruneLease = "feed.prune"
	// keepFor is how long events are kept, and so how long a reader may stay away and resume.
	keepFor = 7 * 24 * time.Hour
	// pruneRows is how many events go at a time.
	pruneRows = 500
)

// pruner deletes old events and notes in each stream up to where, so that a reader who comes too late is told.
type pruner struct {
	db     *database.DB
	leases *worker.Leases
}

func (p *pruner) run(ctx context.Context) error {
	before := model.Millis(p.db.Now().Add(-keepFor))
	for {
		n, err := p.some(ctx, before)
		if err != nil || n < pruneRows {
			return err
		}
	}
}

// some deletes the oldest events and tells how many it found.
func (p *pruner) some(ctx context.Context, before int64) (int, error) {
	var old []model.FeedEvent
	err := p.db.Read(ctx).Select("stream", "seq").Where("at < ?", before).Order("at").Limit(pruneRows).Find(&old).Error
	if err != nil {
		return 0, fmt.Errorf("find old events: %w", err)
	}
	last := map[string]int64{}
	for _, e := range old {
		last[e.Stream] = max(last[e.Stream], e.Seq)
	}
	if len(last) == 0 {
		return 0, nil
	}
	err = p.db.InTx(ctx, func(tx *database.Tx) error {
		if err := p.leases.HeldTx(tx, pruneLease); err != nil {
			return err
		}
		for _, stream := range slices.Sorted(maps.Keys(last)) { // in the order of the publishers' locks
			err := tx.Model(&model.FeedStream{}).Where("stream = ? AND pruned_seq < ?", stream, last[stream]).
				Update("pruned_seq", last[stream]).Error
			if err != nil {
				return fmt.Errorf("note what is pruned: %w", err)
			}
			if err := tx.Where("stream = ? AND seq <= ?", stream, last[stream]).Delete(&model.FeedEvent{}).Error; err != nil {
				return fmt.Errorf("delete old events: %w", err)
			}
		}
		return nil
	})
	return len(old), err
}
