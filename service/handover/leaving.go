package handover

import (
	"context"
	"time"

	"liuke/model"
	"liuke/service/access"
)

// SetLeaving begins the time between notice and last day (E5): new members go elsewhere, and the clerk sees no whole
// phone number. lastDay is a day as 2006-01-02; it ends at midnight in the zone of the clerk's store.
func (s *Service) SetLeaving(ctx context.Context, actor access.Actor, staffID string, lastDay time.Time) (model.Staff, error) {
	return s.staff.SetLeaving(ctx, actor, staffID, &lastDay)
}

// EndLeaving takes a notice back.
func (s *Service) EndLeaving(ctx context.Context, actor access.Actor, staffID string) (model.Staff, error) {
	return s.staff.SetLeaving(ctx, actor, staffID, nil)
}
