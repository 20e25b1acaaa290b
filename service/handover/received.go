package handover

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/service/access"
)

// Received is a handover as the person sees it who got members by it.
type Received struct {
	HandoverID  string
	FromClerkID string
	FromName    string
	Members     int64
	Open        int64 // first contacts that are still owed
	Introduced  int64 // members to whom an introduction was written, whatever became of it on its way
	At          int64
	DismissedAt int64
}

// Received lists the handovers by which the actor got members, the newest first; those he has put away only if asked
// for.
func (s *Service) Received(ctx context.Context, actor access.Actor, all bool, before string, limit int) ([]Received, string, error) {
	db := s.db.Read(ctx)
	q := db.Table("handover_receivers").
		Select("handover_receivers.handover_id, handover_receivers.members, handover_receivers.at, handover_receivers.dismissed_at,"+
			" handovers.from_clerk_id, staff.name AS from_name").
		Joins("JOIN handovers ON handovers.id = handover_receivers.handover_id").
		Joins("LEFT JOIN staff ON staff.id = handovers.from_clerk_id").
		Where("handover_receivers.staff_id = ? AND handover_receivers.account_id = ? AND handover_receivers.ended_at = 0", actor.StaffID, actor.AccountID)
	if !all {
		q = q.Where("handover_receivers.dismissed_at = 0")
	}
	if before != "" {
		q = q.Where("handover_receivers.handover_id < ?", before)
	}
	var rows []Received
	if err := q.Order("handover_receivers.handover_id DESC").Limit(limit + 1).Scan(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list received handovers: %w", err)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].HandoverID
	}
	for i := range rows {
		err := db.Model(&model.Todo{}).Where("staff_id = ? AND done_at = 0 AND handover_id = ? AND kind = ?", actor.StaffID, rows[i].HandoverID, model.TodoFirstContact).
			Count(&rows[i].Open).Error
		if err != nil {
			return nil, "", fmt.Errorf("count first contacts: %w", err)
		}
		err = db.Model(&model.Introduction{}).
			Where("handover_id = ? AND staff_id = ? AND state NOT IN ?", rows[i].HandoverID, actor.StaffID, []string{model.StateRefused, model.StateWithdrawn}).
			Count(&rows[i].Introduced).Error
		if err != nil {
			return nil, "", fmt.Errorf("count introductions: %w", err)
		}
	}
	return rows, next, nil
}

// DismissReceived puts the news of a handover away, for the actor alone.
func (s *Service) DismissReceived(ctx context.Context, actor access.Actor, id string) error {
	if !model.ValidID(id) {
		return notFound()
	}
	now := s.db.Now().UnixMilli()
	n, err := s.db.Exec(ctx, "UPDATE handover_receivers SET dismissed_at = CASE dismissed_at WHEN 0 THEN ? ELSE dismissed_at END"+
		" WHERE handover_id = ? AND staff_id = ? AND account_id = ?", now, id, actor.StaffID, actor.AccountID)
	if err != nil {
		return fmt.Errorf("put the news of a handover away: %w", err)
	}
	if n == 0 {
		return notFound()
	}
	return nil
}
