package handover

import (
	"encoding/json"
	"fmt"
	"maps"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
)

// Preview is what a plan would do (E9).
type Preview struct {
	Members   int            `json:"members"`
	Why       map[string]int `json:"why"` // model.Why… -> how many
	Receivers []Receiving    `json:"receivers"`
	Open      Open           `json:"open"`
	// Flows are kept with the plan so that its run need not count them.
	Flows []flow `json:"flows,omitempty"`
}

// Receiving is one receiver, with what he has and would have by level.
type Receiving struct {
	ClerkID string `json:"clerk_id"`
	Name    string `json:"name"`
	StoreID string `json:"store_id"`
	Gets    int    `json:"gets"`
	Days    int    `json:"days"` // over which his first contacts are spread
	Before  Load   `json:"before"`
	After   Load   `json:"after"`
}

// Load is how many members somebody has; the level of those without one is "".
type Load struct {
	Total   int            `json:"total"`
	ByLevel map[string]int `json:"by_level"`
}

// Open is what is under way with the members: it goes along.
type Open struct {
	Waiting int64 `json:"waiting"` // conversations with an unanswered message
	Pending int64 `json:"pending"` // replies kept until the member opens a window
	Queued  int64 `json:"queued"`  // messages on their way
	Planned int64 `json:"planned"` // messages that are to go out at a time to come
	Drafts  int64 `json:"drafts"`  // what the clerk has typed and not sent
	Guests  int64 `json:"guests"`  // dated rights of others to the members
	Grants  int64 `json:"grants"`  // dated rights of the clerk to other members; they end when he leaves
	Codes   int64 `json:"codes"`   // permanent codes of the clerk
	Todos   int64 `json:"todos"`   // open to-dos of the clerk
}

// write adds moves and preview of a plan. The handover row itself is the caller's.
func (s *Service) write(tx *database.Tx, h model.Handover, shares []share, receivers []*receiver, daily int) (Planned, error) {
	moves := movesOf(h, shares, daily)
	if err := insertMoves(tx.DB, moves); err != nil {
		return Planned{}, err
	}
	p := Preview{Members: len(moves), Why: map[string]int{}, Receivers: make([]Receiving, 0, len(receivers))}
	p.Flows = flowsIn(moves)
	given := map[string]map[string]int{}
	for _, m := range moves {
		p.Why[m.Why]++
		if given[m.ToClerkID] == nil {
			given[m.ToClerkID] = map[string]int{}
		}
		given[m.ToClerkID][m.Level]++
	}
	for _, r := range receivers {
		before := Load{r.total, maps.Clone(r.load)}
		for level, n := range given[r.id] {
			before.Total -= n
			if before.ByLevel[level] -= n; before.ByLevel[level] == 0 {
				delete(before.ByLevel, level)
			}
		}
		p.Receivers = append(p.Receivers, Receiving{
			ClerkID: r.id, Name: r.name, StoreID: r.storeID, Gets: r.gets, Days: (r.gets + daily - 1) / daily,
			Before: before, After: Load{r.total, r.load},
		})
	}
	var err error
	if p.Open, err = openOf(tx.DB, h, tx.Millis()); err != nil {
		return Planned{}, err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return Planned{}, fmt.Errorf("write down the preview: %w", err)
	}
	h.Total, h.Days, h.ObligedDays, h.Preview = int64(len(moves)), dueDays(moves), 0, string(text)
	missing, err := unsigned(tx.DB, h)
	return Planned{Handover: h, Preview: p, Fit: &Fit{OK: !missing, Unsigned: missing}}, err
}

// openOf counts what is under way.
func openOf(db *gorm.DB, h model.Handover, now int64) (Open, error) {
	var o Open
	const inPlan = "JOIN handover_moves ON handover_moves.handover_id = ? AND handover_moves.member_id = "
	conversations := func() *gorm.DB {
		return db.Model(&model.Conversation{}).Joins(inPlan+"conversations.member_id", h.ID).Where("conversations.clerk_id = ?", h.FromClerkID)
	}
	deliveries := func(states ...string) *gorm.DB {
		return db.Model(&model.Delivery{}).Joins(inPlan+"deliveries.member_id", h.ID).
			Where("deliveries.account_id = ? AND deliveries.state IN ?", h.AccountID, states)
	}
	for _, ask := range []struct {
		q    *gorm.DB
		into *int64
	}{
		{conversations().Where("conversations.waiting_since > 0"), &o.Waiting},
		{deliveries(model.StatePending), &o.Pending},
		{deliveries(model.StateQueued, model.StateSending).Where("deliveries.due_at <= ?", now), &o.Queued},
		{deliveries(model.StateQueued).Where("deliveries.due_at > ?", now), &o.Planned},
		{conversations().Joins("JOIN drafts ON drafts.conversation_id = conversations.id AND drafts.staff_id = ?", h.FromClerkID), &o.Drafts},
		{db.Model(&model.Access{}).Joins(inPlan+"member_access.member_id", h.ID).
			Where("member_access.account_id = ? AND member_access.to_at > ? AND member_access.staff_id <> ?", h.AccountID, now, h.FromClerkID), &o.Guests},
		{db.Model(&model.Access{}).Where("staff_id = ? AND to_at > ?", h.FromClerkID, now), &o.Grants},
		{db.Model(&model.Code{}).Where("account_id = ? AND clerk_id = ? AND kind = ? AND target IS NOT NULL", h.AccountID, h.FromClerkID, model.CodeClerk), &o.Codes},
		{db.Model(&model.Todo{}).Where("staff_id = ? AND done_at = 0", h.FromClerkID), &o.Todos},
	} {
		if err := ask.q.Count(ask.into).Error; err != nil {
			return o, fmt.Errorf("count what is under way: %w", err)
		}
	}
	return o, nil
}
