package member

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// PhoneToSend gives the whole number of a member to the program that sends him a message right now, and to nobody else:
// who reads it asks RevealPhone. It is empty where he has none, or is merged into somebody else.
func (s *Service) PhoneToSend(ctx context.Context, actor access.Actor, id string) (string, error) {
	if actor.Kind != model.BySystem {
		return "", fault.New(fault.Forbidden, "system_only")
	}
	var m model.Member
	err := s.db.Read(ctx).Select("id", "phone_sealed", "merged_into").First(&m, "id = ? AND account_id = ?", id, actor.AccountID).Error
	if database.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find a member: %w", err)
	}
	if m.MergedInto != "" {
		return "", nil
	}
	return s.phone(m)
}
