package handover

import (
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"liuke/model"
)

// askRows bounds the ids in one statement, moveRows the rows.
const (
	askRows  = 500
	moveRows = 1000
)

// membersOf gives all members of a clerk.
func membersOf(db *gorm.DB, accountID, clerkID string) ([]candidate, error) {
	var rows []model.Member
	err := db.Select("id", "store_id", "level").Where("account_id = ? AND clerk_id = ? AND merged_into = ''", accountID, clerkID).
		Limit(model.MaxMoves + 1).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the members of a clerk: %w", err)
	}
	members := make([]candidate, len(rows))
	for i, r := range rows {
		members[i] = candidate{id: r.ID, storeID: r.StoreID, level: r.Level}
	}
	return members, nil
}

// peopleOf gives the people of the account behind ids.
func peopleOf(db *gorm.DB, accountID string, ids []string) (map[string]model.Staff, error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !model.ValidID(id) })
	found := make(map[string]model.Staff, len(ids))
	for chunk := range slices.Chunk(ids, askRows) {
		var rows []model.Staff
		if err := db.Where("account_id = ? AND id IN ?", accountID, chunk).Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("find people: %w", err)
		}
		for _, r := range rows {
			found[r.ID] = r
		}
	}
	return found, nil
}

// loadsOf counts the members of people by level.
func loadsOf(db *gorm.DB, accountID string, ids []string) (map[string]map[string]int, error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !model.ValidID(id) })
	loads := map[string]map[string]int{}
	for chunk := range slices.Chunk(ids, askRows) {
		var rows []struct {
			ClerkID string
			Level   string
			N       int
		}
		err := db.Model(&model.Member{}).Select("clerk_id, level, COUNT(*) AS n").
			Where("account_id = ? AND clerk_id IN ? AND merged_into = ''", accountID, chunk).Group("clerk_id, level").Scan(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("count the members of people: %w", err)
		}
		for _, r := range rows {
			if loads[r.ClerkID] == nil {
				loads[r.ClerkID] = map[string]int{}
			}
			loads[r.ClerkID][r.Level] = r.N
		}
	}
	return loads, nil
}

// served notes which of the receivers had a member before, the latest first.
func served(db *gorm.DB, h model.Handover, members []candidate, to []string) error {
	var rows []model.Binding
	err := db.Select("bindings.member_id", "bindings.clerk_id").
		Joins("JOIN members ON members.id = bindings.member_id AND members.account_id = ? AND members.clerk_id = ?", h.AccountID, h.FromClerkID).
		Where("bindings.clerk_id IN ?", to).Order("bindings.from_at DESC, bindings.id DESC").Find(&rows).Error
	if err != nil {
		return fmt.Errorf("find who served before: %w", err)
	}
	of := map[string][]string{}
	for _, r := range rows {
		of[r.MemberID] = append(of[r.MemberID], r.ClerkID)
	}
	for i := range members {
		members[i].served = of[members[i].id]
	}
	return nil
}

// movesOf turns shares into rows, in the order of their key; the most valuable members of each receiver are due first.
// The ids of a row's bindings and to-do follow that order too, so that a run adds them at the end of their tables.
func movesOf(h model.Handover, shares []share, perDay int) []model.Move {
	given := map[string]int{}
	moves := make([]model.Move, len(shares))
	for i, s := range byRank(shares) {
		n := given[s.to.id]
		given[s.to.id]++
		moves[i] = model.Move{
			HandoverID: h.ID, MemberID: s.member.id, FromStoreID: s.member.storeID, ToClerkID: s.to.id, ToStoreID: s.to.storeID,
			Level: s.member.level, Why: s.why, DueDay: int64(n / perDay),
		}
	}
	slices.SortFunc(moves, func(a, b model.Move) int { return strings.Compare(a.MemberID, b.MemberID) })
	for i := range moves {
		moves[i].NewBindingID, moves[i].TodoID = model.NewID(), model.NewID()
	}
	for i := range moves {
		moves[i].UndoBindingID = model.NewID()
	}
	return moves
}

func byRank(shares []share) []share {
	sorted := slices.Clone(shares)
	slices.SortStableFunc(sorted, func(a, b share) int { return model.LevelRank(a.member.level) - model.LevelRank(b.member.level) })
	return sorted
}

func insertMoves(tx *gorm.DB, moves []model.Move) error {
	if len(moves) == 0 {
		return nil
	}
	if err := tx.CreateInBatches(&moves, moveRows).Error; err != nil {
		return fmt.Errorf("write down the moves: %w", err)
	}
	return nil
}
