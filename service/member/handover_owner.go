package member

import (
	"context"
	"fmt"
	"time"

	"liuke/model"
	"liuke/service/access"
)

// OwnerAt tells to whom a member belonged at a time (E14): from the moment a binding begins until the one before it
// ends. A zero binding: to nobody.
func (s *Service) OwnerAt(ctx context.Context, actor access.Actor, id string, at time.Time) (model.Binding, error) {
	if _, err := s.find(ctx, actor, id); err != nil {
		return model.Binding{}, err
	}
	ms := model.Millis(at)
	var rows []model.Binding
	err := s.db.Read(ctx).Where("member_id = ? AND from_at <= ? AND (to_at IS NULL OR to_at > ?)", id, ms, ms).
		Order("from_at DESC, id DESC").Limit(1).Find(&rows).Error
	if err != nil {
		return model.Binding{}, fmt.Errorf("find owner: %w", err)
	}
	if len(rows) == 0 {
		return model.Binding{}, nil
	}
	return rows[0], nil
}
