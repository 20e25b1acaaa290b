package inbound

import (
	"context"
	"fmt"

	"liuke/model"
)

// Aside lists pushes that were set aside, the oldest first, for the operator.
func (s *Service) Aside(ctx context.Context, limit int) ([]model.Push, error) {
	var rows []model.Push
	err := s.db.Read(ctx).Omit("body").Where("state = ?", model.PushAside).Order("lane, id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list pushes set aside: %w", err)
	}
	return rows, nil
}

// Retry puts pushes that were set aside back to work: one by its id, or all with an empty id. It tells how many.
func (s *Service) Retry(ctx context.Context, id string) (int64, error) {
	statement := "UPDATE pushes SET state = ?, tries = 0, due_at = 0 WHERE state = ?"
	args := []any{model.PushNew, model.PushAside}
	if id != "" {
		statement += " AND id = ?"
		args = append(args, id)
	}
	n, err := s.db.Exec(ctx, statement, args...)
	if err != nil {
		return 0, fmt.Errorf("put pushes back to work: %w", err)
	}
	return n, nil
}
