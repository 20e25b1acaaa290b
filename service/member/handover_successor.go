package member

import (
	"fmt"
	"slices"

	"liuke/model"
	"liuke/model/database"
)

// maxSuccession bounds how many who left one after the other are followed.
const maxSuccession = 20

// SuccessorTx tells who serves in the place of a clerk who left: those his handover named, in turn, and where one of
// them left too, his successors (E12). present is the member's clerk of today: if he is among them, it is him. A zero
// person: nobody serves.
func (s *Service) SuccessorTx(tx *database.Tx, accountID, clerkID, present string) (model.Staff, error) {
	seen := []string{clerkID}
	left := []string{clerkID}
	var serving []model.Staff
	turn := map[string]model.Successor{}
	for range maxSuccession {
		if len(left) == 0 {
			break
		}
		var rows []model.Successor
		err := tx.Where("clerk_id IN ? AND account_id = ? AND ended_at = 0", left, accountID).Order("turn_at, staff_id").Find(&rows).Error
		if err != nil {
			return model.Staff{}, fmt.Errorf("find successors: %w", err)
		}
		var ids []string
		for _, r := range rows {
			if !slices.Contains(seen, r.StaffID) {
				seen, ids = append(seen, r.StaffID), append(ids, r.StaffID)
				turn[r.StaffID] = r
			}
		}
		if left, serving, err = s.sort(tx, ids, serving); err != nil {
			return model.Staff{}, err
		}
	}
	if len(serving) == 0 {
		return model.Staff{}, nil
	}
	next := serving[0]
	for _, p := range serving {
		if p.ID == present {
			return p, nil
		}
		if p.Away != next.Away {
			if next.Away {
				next = p
			}
			continue
		}
		if turn[p.ID].TurnAt < turn[next.ID].TurnAt {
			next = p
		}
	}
	last := tx.Millis()
	for _, t := range turn {
		last = max(last, t.TurnAt+1)
	}
	err := tx.Model(&model.Successor{}).Where("handover_id = ? AND staff_id = ?", turn[next.ID].HandoverID, next.ID).
		Update("turn_at", last).Error
	if err != nil {
		return model.Staff{}, fmt.Errorf("take the turn of a successor: %w", err)
	}
	return next, nil
}

// sort tells which of the people left, and adds the others to those who serve.
func (s *Service) sort(tx *database.Tx, ids []string, serving []model.Staff) (left []string, _ []model.Staff, _ error) {
	if len(ids) == 0 {
		return nil, serving, nil
	}
	var people []model.Staff
	if err := tx.Where("id IN ?", ids).Find(&people).Error; err != nil {
		return nil, nil, fmt.Errorf("find successors: %w", err)
	}
	for _, p := range people {
		switch {
		case !p.Active:
			left = append(left, p.ID)
		case p.LeavingAt == 0:
			serving = append(serving, p)
		}
	}
	return left, serving, nil
}
