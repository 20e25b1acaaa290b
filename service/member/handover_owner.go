package member

import (
	"context"
	"fmt"
	"time"

	"liuke/model"
	"liuke/service/access"
)

// maxMergeChain bounds how many merges into merged members are followed.
const maxMergeChain = 10

// OwnerAt tells to whom a member belonged at a time (E14): from the moment a binding begins until the one before it
// ends. If he had none of his own then, it is that of a member who was merged into him since. A zero binding: to nobody.
func (s *Service) OwnerAt(ctx context.Context, actor access.Actor, id string, at time.Time) (model.Binding, error) {
	if _, err := s.find(ctx, actor, id); err != nil {
		return model.Binding{}, err
	}
	ms := model.Millis(at)
	ids := []string{id}
	for range maxMergeChain {
		var rows []model.Binding
		err := s.db.Read(ctx).Where("member_id IN ? AND from_at <= ? AND to_at > ?", ids, ms, ms).
			Order("from_at DESC, id DESC").Limit(1).Find(&rows).Error
		if err != nil {
			return model.Binding{}, fmt.Errorf("find owner: %w", err)
		}
		if len(rows) > 0 {
			return rows[0], nil
		}
		err = s.db.Read(ctx).Model(&model.Merge{}).Where("into_member_id IN ? AND undone_at = 0", ids).Pluck("from_member_id", &ids).Error
		if err != nil {
			return model.Binding{}, fmt.Errorf("find merged members: %w", err)
		}
		if len(ids) == 0 {
			break
		}
	}
	return model.Binding{}, nil
}
