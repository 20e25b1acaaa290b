package media

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/worker"
)

// EraseSome deletes the bytes of some media of conversations, at most limit, and gives their ids: the caller deletes the
// rows, and after a crash in between the same ones come again. What is still to be fetched is not fetched any more; busy
// tells that an instance fetches one at this moment, which must end first. Each file belongs to one row alone.
func (s *Service) EraseSome(ctx context.Context, conversationIDs []string, limit int) (ids []string, files int64, busy bool, err error) {
	if len(conversationIDs) == 0 {
		return nil, 0, false, nil
	}
	below, above := worker.Lapsed(s.db.Now(), lease)
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		return tx.Model(&model.Media{}).
			Where("conversation_id IN ? AND (state = ? OR state = ? AND (lease_until < ? OR lease_until > ?))",
				conversationIDs, model.MediaWaiting, model.MediaFetching, below, above).
			Updates(map[string]any{"state": model.MediaFailed, "reason": model.Erased}).Error
	})
	if err != nil {
		return nil, 0, false, fmt.Errorf("fetch nothing more: %w", err)
	}
	var rows []model.Media
	err = s.db.Read(ctx).Where("conversation_id IN ? AND state NOT IN ?", conversationIDs, []string{model.MediaWaiting, model.MediaFetching}).
		Order("id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, 0, false, fmt.Errorf("find media: %w", err)
	}
	for _, m := range rows {
		// Also of one whose row does not say that it has any: a crash may have left them.
		if err := s.store.Delete(ctx, blobKey(m)); err != nil {
			return nil, 0, false, fmt.Errorf("delete the bytes of media %s: %w", m.ID, err)
		}
		if m.BlobKey != "" {
			files++
		}
		ids = append(ids, m.ID)
	}
	if len(rows) > 0 {
		return ids, files, false, nil
	}
	var fetching int64
	if err := s.db.Read(ctx).Model(&model.Media{}).Where("conversation_id IN ?", conversationIDs).Count(&fetching).Error; err != nil {
		return nil, 0, false, fmt.Errorf("count media: %w", err)
	}
	return nil, 0, fetching > 0, nil
}
