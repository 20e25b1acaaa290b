package feed

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
)

// mappingOf is the person's mapping for the stream he shares now, made or replaced where needed.
func (s *Service) mappingOf(ctx context.Context, staffID, stream string) (model.FeedReader, error) {
	m, found, err := reader(s.db.Read(ctx), staffID)
	if err != nil || (found && m.Stream == stream) {
		return m, err
	}
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		old, found, err := reader(tx.Lock(), staffID)
		if err != nil {
			return err
		}
		ends, err := numbers(tx.DB, []string{stream, old.Stream})
		if err != nil {
			return err
		}
		if !found {
			m = remap(staffID, stream, ends[stream].Seq, nil, 0)
			if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&m).Error; err != nil {
				return fmt.Errorf("begin the feed of a person: %w", err)
			}
			if old, found, err = reader(tx.Lock(), staffID); err != nil { // another device may have been first
				return err
			}
			if !found {
				return database.ErrAgain
			}
		}
		if old.Stream == stream {
			m = old
			return nil
		}
		m = remap(staffID, stream, ends[stream].Seq, &old, ends[old.Stream].Seq)
		err = tx.Model(&model.FeedReader{}).Where("staff_id = ?", staffID).
			Updates(map[string]any{"stream": m.Stream, "base_seq": m.BaseSeq, "base_id": m.BaseID}).Error
		if err != nil {
			return fmt.Errorf("change the feed of a person: %w", err)
		}
		return nil
	})
	if err != nil {
		return m, fmt.Errorf("prepare the feed of a person: %w", err)
	}
	return m, nil
}

func reader(db *gorm.DB, staffID string) (m model.FeedReader, found bool, err error) {
	var rows []model.FeedReader
	if err := db.Where("staff_id = ?", staffID).Limit(1).Find(&rows).Error; err != nil {
		return m, false, fmt.Errorf("read the feed of a person: %w", err)
	}
	if len(rows) == 0 {
		return m, false, nil
	}
	return rows[0], true, nil
}
