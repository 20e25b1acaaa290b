package feed

import (
	"fmt"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/service/access"
)

// numbers reads where streams stand. A stream without events has no entry.
func numbers(db *gorm.DB, names []string) (map[string]model.FeedStream, error) {
	var rows []model.FeedStream
	if err := db.Where("stream IN ?", names).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the numbers of streams: %w", err)
	}
	found := make(map[string]model.FeedStream, len(rows))
	for _, r := range rows {
		found[r.Stream] = r
	}
	return found, nil
}

// eventsAfter reads up to limit events of a stream, in order.
func eventsAfter(db *gorm.DB, stream string, seq int64, limit int) ([]model.FeedEvent, error) {
	var rows []model.FeedEvent
	err := db.Where("stream = ? AND seq > ?", stream, seq).Order("seq").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return rows, nil
}

// holder is what a subscription rests on; the zero value is no valid session.
type holder struct{ AccountID, StaffID, Role, StoreID, RegionID string }

func holderOf(a access.Actor) holder {
	return holder{a.AccountID, a.StaffID, a.Role, a.StoreID, a.RegionID}
}

// holders tells whose the sessions are that are valid now (Unix milliseconds) and belong to people who are still there.
func holders(db *gorm.DB, hashes []string, now int64) (map[string]holder, error) {
	var rows []struct{ TokenHash, AccountID, StaffID, Role, StoreID, RegionID string }
	err := db.Table("sessions").
		Select("sessions.token_hash, staff.account_id, staff.id AS staff_id, staff.role, staff.store_id, staff.region_id").
		Joins("JOIN staff ON staff.id = sessions.staff_id").
		Where("sessions.token_hash IN ? AND sessions.expires_at > ? AND staff.active = ?", hashes, now, true).
		Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	found := make(map[string]holder, len(rows))
	for _, r := range rows {
		found[r.TokenHash] = holder{r.AccountID, r.StaffID, r.Role, r.StoreID, r.RegionID}
	}
	return found, nil
}

// visible tells which of the members the actor may see now: those in his scope and, for a clerk, those who wait in his
// store's queue.
func visible(db *gorm.DB, a access.Actor, members []string, now int64) (map[string]bool, error) {
	if len(members) == 0 {
		return nil, nil
	}
	scope := a.Members(now)
	condition, args := "("+scope.SQL+")", scope.Args
	if a.Role == model.RoleClerk && a.StoreID != "" {
		condition += " OR (members.account_id = ? AND members.store_id = ? AND members.clerk_id = '')"
		args = append(append([]any{}, args...), a.AccountID, a.StoreID)
	}
	var ids []string
	err := db.Model(&model.Member{}).Where("members.id IN ?", members).Where("("+condition+")", args...).Pluck("members.id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("check who may see whom: %w", err)
	}
	found := make(map[string]bool, len(ids))
	for _, id := range ids {
		found[id] = true
	}
	return found, nil
}
