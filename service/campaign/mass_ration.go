package campaign

import (
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
)

// massLeft is what is left of the mass ration of one follower this Beijing month.
type massLeft struct {
	taken  []int64 // slots
	closed string  // why his account sends no mass message now; empty: it does
}

func (m massLeft) left() int { return max(0, model.MassPerMonth-len(m.taken)) }

// free is the first slot that is not taken, or 0.
func free(taken []int64) int64 {
	for slot := int64(1); slot <= model.MassPerMonth; slot++ {
		if !slices.Contains(taken, slot) {
			return slot
		}
	}
	return 0
}

// massRations reads the rations of a batch of people, for a campaign that may send mass messages.
func massRations(db *gorm.DB, c model.Campaign, all map[string]*person, now time.Time) error {
	if !contains(c.Channels, model.ChannelMass) {
		return nil
	}
	var account []model.MassAccount
	if err := db.Where("account_id = ? AND closed_until > ? AND reason = ?", c.AccountID, now.UnixMilli(), reasonNoQuota).Find(&account).Error; err != nil {
		return fmt.Errorf("read whether an account sends mass messages: %w", err)
	}
	ids := make([]string, 0, len(all))
	for _, p := range all {
		if p.follower.ID != "" {
			ids = append(ids, p.follower.ID)
		}
	}
	taken, err := slotsTaken(db, model.MassMonth(now), ids)
	if err != nil {
		return err
	}
	for _, p := range all {
		p.mass.taken = taken[p.follower.ID]
		if len(account) > 0 {
			p.mass.closed = reasonNoQuota
		}
	}
	return nil
}

// slotsTaken reads which slots of a month followers have no more.
func slotsTaken(db *gorm.DB, month int64, followerIDs []string) (map[string][]int64, error) {
	taken := map[string][]int64{}
	for chunk := range slices.Chunk(followerIDs, rowsAtOnce) {
		var rows []model.MassRation
		if err := db.Select("follower_id", "slot").Where("month = ? AND follower_id IN ?", month, chunk).Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("read mass rations: %w", err)
		}
		for _, r := range rows {
			taken[r.FollowerID] = append(taken[r.FollowerID], r.Slot)
		}
	}
	return taken, nil
}

func reserve(tx *database.Tx, rows []model.MassRation) error {
	if len(rows) == 0 {
		return nil
	}
	if err := tx.CreateInBatches(&rows, rowsAtOnce).Error; err != nil {
		return fmt.Errorf("reserve mass rations: %w", err)
	}
	return nil
}

// giveBack returns what was reserved for some members of a job: it was not sent to them, for sure.
func giveBack(tx *database.Tx, jobID string, memberIDs []string) error {
	for chunk := range slices.Chunk(memberIDs, rowsAtOnce) {
		if err := tx.Where("job_id = ? AND member_id IN ?", jobID, chunk).Delete(&model.MassRation{}).Error; err != nil {
			return fmt.Errorf("give mass rations back: %w", err)
		}
	}
	return nil
}

// moveRations reserves the members of a job in another month, when it leaves later than it was thought to. It gives those
// who have none left there.
func moveRations(tx *database.Tx, job model.MassJob, month int64) (without map[string]bool, err error) {
	var rows []model.MassRation
	if err := tx.Where("job_id = ?", job.ID).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the mass rations of a job: %w", err)
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.FollowerID
	}
	taken, err := slotsTaken(tx.DB, month, ids)
	if err != nil {
		return nil, err
	}
	without = map[string]bool{}
	var fresh []model.MassRation
	for _, r := range rows {
		if r.Month, r.Slot = month, free(taken[r.FollowerID]); r.Slot == 0 {
			without[r.MemberID] = true
			continue
		}
		taken[r.FollowerID] = append(taken[r.FollowerID], r.Slot)
		fresh = append(fresh, r)
	}
	if err := tx.Where("job_id = ?", job.ID).Delete(&model.MassRation{}).Error; err != nil {
		return nil, fmt.Errorf("give mass rations back: %w", err)
	}
	return without, reserve(tx, fresh)
}
