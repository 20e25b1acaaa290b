package handover

import (
	"fmt"
	"slices"

	"gorm.io/gorm"

	"liuke/model"
)

// Fit says whether a plan can still run as it was seen.
type Fit struct {
	OK      bool     // it can
	TooOld  bool     // older than model.PlanLife
	Gone    []string // receivers who no longer serve
	Rebound int64    // members who were bound anew since; a run leaves them where they are
	Late    int64    // members who became the leaver's since; a run spreads them too
	// Unsigned: the account wants the leaver's hand-in checklist signed by both before, and it is not.
	Unsigned bool
}

// fitOf looks whether a plan still fits. Members who were bound anew are told, but do not stop a run unless nobody else
// is left; a receiver who no longer serves, or a week gone by, does.
func fitOf(db *gorm.DB, h model.Handover, now int64) (Fit, error) {
	f := Fit{TooOld: now-h.PlannedAt > model.PlanLife.Milliseconds()}
	receivers, err := receiversOf(db, h.ID)
	if err != nil {
		return f, err
	}
	if f.Gone, err = gone(db, h, receivers); err != nil {
		return f, err
	}
	var stay int64
	if err := staying(db, h).Count(&stay).Error; err != nil {
		return f, fmt.Errorf("count who can still be moved: %w", err)
	}
	f.Rebound = h.Total - stay
	if h.Leaving {
		late, err := lateOf(db, h)
		if err != nil {
			return f, err
		}
		f.Late = int64(len(late))
	}
	if f.Unsigned, err = unsigned(db, h); err != nil {
		return f, err
	}
	f.OK = !f.TooOld && len(f.Gone) == 0 && stay+f.Late > 0 && !f.Unsigned
	return f, nil
}

// staying are the moves whose members are still the clerk's as they were when it was planned.
func staying(db *gorm.DB, h model.Handover) *gorm.DB {
	return db.Model(&model.Move{}).Joins("JOIN members ON members.id = handover_moves.member_id").
		Where("handover_moves.handover_id = ? AND members.clerk_id = ? AND members.merged_into = '' AND members.bound_at <= ?",
			h.ID, h.FromClerkID, h.PlannedAt)
}

// fits is fitOf for who only wants to know whether a plan can run as far as it goes itself, and does not count.
func fits(db *gorm.DB, h model.Handover, now int64) (bool, error) {
	if now-h.PlannedAt > model.PlanLife.Milliseconds() {
		return false, nil
	}
	flows, err := plannedFlows(db, h)
	if err != nil {
		return false, err
	}
	if left, err := gone(db, h, clerksIn(flows)); err != nil || len(left) > 0 {
		return false, err
	}
	var one []string
	if err := staying(db, h).Limit(1).Pluck("handover_moves.member_id", &one).Error; err != nil {
		return false, fmt.Errorf("look for who can still be moved: %w", err)
	}
	if len(one) > 0 || !h.Leaving {
		return len(one) > 0, nil
	}
	late, err := lateOf(db, h)
	return len(late) > 0, err
}

// receiversOf lists to whom the moves of a handover go.
func receiversOf(db *gorm.DB, id string) ([]string, error) {
	var ids []string
	err := db.Model(&model.Move{}).Where("handover_id = ?", id).Distinct().Order("to_clerk_id").Pluck("to_clerk_id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("find the receivers: %w", err)
	}
	return ids, nil
}

// gone lists those of the receivers and heirs of codes who no longer serve.
func gone(db *gorm.DB, h model.Handover, receivers []string) ([]string, error) {
	asked := slices.Concat(receivers, codesTo(h))
	slices.Sort(asked)
	asked = slices.Compact(asked)
	people, err := peopleOf(db, h.AccountID, asked)
	if err != nil {
		return nil, err
	}
	var gone []string
	for _, id := range asked {
		if p, ok := people[id]; !ok || unfit(p) != "" {
			gone = append(gone, id)
		}
	}
	return gone, nil
}

// lateOf gives the members who became the clerk's after the plan.
func lateOf(db *gorm.DB, h model.Handover) ([]candidate, error) {
	late, err := candidates(db.
		Where("members.account_id = ? AND members.clerk_id = ? AND members.merged_into = ''", h.AccountID, h.FromClerkID).
		Where("NOT EXISTS (SELECT 1 FROM handover_moves WHERE handover_moves.handover_id = ? AND handover_moves.member_id = members.id AND members.bound_at <= ?)",
			h.ID, h.PlannedAt))
	if err != nil {
		return nil, fmt.Errorf("find who came after the plan: %w", err)
	}
	return late, nil
}
