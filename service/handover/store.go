package handover

import (
	"cmp"
	"encoding/json"
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
	members, err := candidates(db.Where("members.account_id = ? AND members.clerk_id = ? AND members.merged_into = ''", accountID, clerkID).
		Limit(model.MaxMoves + 1))
	if err != nil {
		return nil, fmt.Errorf("read the members of a clerk: %w", err)
	}
	return members, nil
}

// candidates reads members with their open bindings and families.
func candidates(q *gorm.DB) ([]candidate, error) {
	var rows []struct {
		ID, StoreID, Level  string
		BindingID, FamilyID string
		Seq                 int64
	}
	err := q.Model(&model.Member{}).
		Select("members.id, members.store_id, members.level, bindings.id AS binding_id, bindings.seq, COALESCE(member_families.family_id, '') AS family_id").
		Joins("JOIN bindings ON bindings.member_id = members.id AND bindings.to_at = ?", int64(model.OpenEnd)).
		Joins("LEFT JOIN member_families ON member_families.member_id = members.id").Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	members := make([]candidate, len(rows))
	for i, r := range rows {
		members[i] = candidate{id: r.ID, storeID: r.StoreID, level: r.Level, bindingID: r.BindingID, seq: r.Seq, family: r.FamilyID}
	}
	return members, nil
}

// flow is how many members go from a store to a clerk.
type flow struct {
	ToClerkID   string `json:"to"`
	ToStoreID   string `json:"to_store"`
	FromStoreID string `json:"from_store"`
	N           int64  `json:"n"`
}

// flowsIn counts the moves of a plan.
func flowsIn(moves []model.Move) []flow {
	counts := map[flow]int64{}
	for _, m := range moves {
		counts[flow{ToClerkID: m.ToClerkID, ToStoreID: m.ToStoreID, FromStoreID: m.FromStoreID}]++
	}
	flows := make([]flow, 0, len(counts))
	for f, n := range counts {
		f.N = n
		flows = append(flows, f)
	}
	slices.SortFunc(flows, func(a, b flow) int {
		return cmp.Or(cmp.Compare(a.ToClerkID, b.ToClerkID), cmp.Compare(a.ToStoreID, b.ToStoreID), cmp.Compare(a.FromStoreID, b.FromStoreID))
	})
	return flows
}

// plannedFlows are those of a plan that has not run. One that was planned before they were kept is counted.
func plannedFlows(db *gorm.DB, h model.Handover) ([]flow, error) {
	var p Preview
	if err := json.Unmarshal([]byte(h.Preview), &p); err != nil {
		return nil, fmt.Errorf("read the preview: %w", err)
	}
	if len(p.Flows) > 0 {
		return p.Flows, nil
	}
	return flowsOf(db, h.ID)
}

// flowsOf counts the moves without an exception, all in one pass.
func flowsOf(db *gorm.DB, id string) ([]flow, error) {
	var flows []flow
	err := db.Model(&model.Move{}).Select("to_clerk_id, to_store_id, from_store_id, COUNT(*) AS n").
		Where("handover_id = ? AND result = ''", id).Group("to_clerk_id, to_store_id, from_store_id").Scan(&flows).Error
	if err != nil {
		return nil, fmt.Errorf("count the moves: %w", err)
	}
	return flows, nil
}

// clerksIn lists the receivers of flows, storesIn the stores on either side and receivingStores those that get members,
// each once and in order.
func clerksIn(flows []flow) []string {
	return each(flows, func(f flow) []string { return []string{f.ToClerkID} })
}

func storesIn(flows []flow) []string {
	return each(flows, func(f flow) []string { return []string{f.FromStoreID, f.ToStoreID} })
}

func receivingStores(flows []flow) []string {
	return each(flows, func(f flow) []string { return []string{f.ToStoreID} })
}

func each(flows []flow, of func(flow) []string) []string {
	var ids []string
	for _, f := range flows {
		ids = append(ids, of(f)...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
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

// served notes which of the receivers had a member of the clerk before, the latest first. It asks for all members of the
// clerk at once: with a list of ids the database would go through every binding for each part of the list.
func served(db *gorm.DB, h model.Handover, members []candidate, to []string) error {
	// Who has had one binding only was served by nobody else, so that there is nothing to look for.
	if !slices.ContainsFunc(members, func(m candidate) bool { return m.seq > 1 }) {
		return nil
	}
	var rows []struct{ MemberID, ClerkID string }
	err := db.Model(&model.Binding{}).Select("bindings.member_id, bindings.clerk_id").
		Joins("JOIN members ON members.id = bindings.member_id").
		Where("members.account_id = ? AND members.clerk_id = ? AND members.merged_into = '' AND bindings.clerk_id IN ?", h.AccountID, h.FromClerkID, to).
		Order("bindings.member_id, bindings.seq DESC").Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("find who served before: %w", err)
	}
	of := map[string][]string{}
	for _, r := range rows {
		if !contains(of[r.MemberID], r.ClerkID) {
			of[r.MemberID] = append(of[r.MemberID], r.ClerkID)
		}
	}
	for i := range members {
		members[i].served = of[members[i].id]
	}
	return nil
}

// kinOf notes which of the receivers get others of a member's family by the moves that are planned already, and which
// have others of it.
func kinOf(db *gorm.DB, h model.Handover, members []candidate, to []string) error {
	var families []string
	for _, m := range members {
		if m.family != "" {
			families = append(families, m.family)
		}
	}
	slices.Sort(families)
	of := map[string][]string{}
	for chunk := range slices.Chunk(slices.Compact(families), askRows) {
		planned := db.Model(&model.Family{}).Select("member_families.family_id, handover_moves.to_clerk_id AS clerk_id").
			Joins("JOIN handover_moves ON handover_moves.handover_id = ? AND handover_moves.member_id = member_families.member_id", h.ID).
			Where("member_families.family_id IN ? AND handover_moves.to_clerk_id IN ?", chunk, to)
		theirs := db.Model(&model.Family{}).Select("member_families.family_id, members.clerk_id").
			Joins("JOIN members ON members.id = member_families.member_id AND members.merged_into = ''").
			Where("member_families.family_id IN ? AND members.clerk_id IN ?", chunk, to)
		for _, q := range []*gorm.DB{planned, theirs} {
			var rows []struct{ FamilyID, ClerkID string }
			if err := q.Distinct().Order("1, 2").Scan(&rows).Error; err != nil {
				return fmt.Errorf("find who serves the families: %w", err)
			}
			for _, r := range rows {
				of[r.FamilyID] = append(of[r.FamilyID], r.ClerkID)
			}
		}
	}
	for i := range members {
		if members[i].family != "" {
			members[i].kin = of[members[i].family]
		}
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
			Level: s.member.level, Why: s.why, DueDay: int64(n / perDay), BindingID: s.member.bindingID, BindingSeq: s.member.seq,
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
