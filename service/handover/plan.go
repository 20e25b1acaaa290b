package handover

import (
	"context"
	"encoding/json"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

// Rule says how members are spread.
type Rule struct {
	Kind           string         `json:"kind"` // balanced
	To             []string       `json:"to"`
	SameStoreFirst bool           `json:"same_store_first,omitempty"`
	ByLevel        *bool          `json:"by_level,omitempty"` // nil = true
	ServedBefore   bool           `json:"served_before,omitempty"`
	Capacity       map[string]int `json:"capacity,omitempty"` // how many a receiver may get at most
	KeepFamilies   bool           `json:"keep_families,omitempty"`
	Count          int            `json:"count,omitempty"`   // only so many, of each level the same part; 0 = all
	PerDay         int            `json:"per_day,omitempty"` // first contacts per receiver and day; 0 = model.FirstContacts
}

func (r Rule) levels() bool { return r.ByLevel == nil || *r.ByLevel }

// ByHand is one member and who shall get him.
type ByHand struct {
	MemberID  string
	ToClerkID string
}

// Plan is what a manager asks for: a rule, or moves by hand.
type Plan struct {
	FromClerkID string
	Kind        string // move or start; ignored when Leaving
	Rule        *Rule
	Moves       []ByHand
	Leaving     bool
	CodesTo     []string
}

// Planned is a handover with what it would do, or did.
type Planned struct {
	Handover model.Handover
	Preview  Preview
	Fit      *Fit     // of a plan that has not run
	Running  *Running // of a run or an undo under way
	Left     int64    // of one that is done: how many a retry would hold
}

// Plan works a handover out and writes it down. Nothing moves. For a leaver the plan holds all his members: those whom
// a plan by hand leaves out are spread over its receivers.
func (s *Service) Plan(ctx context.Context, actor access.Actor, in Plan) (Planned, error) {
	from, err := s.giver(ctx, actor, in)
	if err != nil {
		return Planned{}, err
	}
	if err := in.check(); err != nil {
		return Planned{}, err
	}
	var out Planned
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		h := model.Handover{
			ID: model.NewID(), AccountID: actor.AccountID, StoreID: from.StoreID, FromClerkID: from.ID, Kind: in.kind(),
			Leaving: in.Leaving, CodesTo: joinIDs(in.CodesTo), State: model.HandoverPlanned,
			CreatedBy: actor.StaffID, CreatedAt: tx.Millis(), PlannedAt: tx.Millis(),
		}
		if in.Rule != nil {
			text, err := json.Marshal(in.Rule)
			if err != nil {
				return fmt.Errorf("write down the rule: %w", err)
			}
			h.Rule = string(text)
		}
		if _, err := s.receivers(tx, actor, h.FromClerkID, in.CodesTo, "codes_to"); err != nil {
			return err
		}
		shares, receivers, err := s.share(tx, actor, h, in)
		if err != nil {
			return err
		}
		if h.Leaving && h.CodesTo == "" {
			h.CodesTo = joinIDs(named(receivers))
		}
		out, err = s.write(tx, h, shares, receivers, perDay(in.Rule))
		if err != nil {
			return err
		}
		if err := tx.Create(&out.Handover).Error; err != nil {
			return fmt.Errorf("write down a handover: %w", err)
		}
		return s.audit.RecordTx(tx, actor, entry("handover.plan", h.ID))
	})
	return out, err
}

func entry(action, id string) audit.Entry {
	return audit.Entry{Action: action, Object: "handover", ObjectID: id}
}

func named(receivers []*receiver) []string {
	ids := make([]string, len(receivers))
	for i, r := range receivers {
		ids[i] = r.id
	}
	return ids
}

func perDay(r *Rule) int {
	if r == nil || r.PerDay == 0 {
		return model.FirstContacts
	}
	return r.PerDay
}

func (in Plan) kind() string {
	switch {
	case in.Leaving:
		return model.HandoverLeaving
	case in.Kind == model.HandoverStart:
		return model.HandoverStart
	}
	return model.HandoverMove
}

// check holds what can be told from the plan alone.
func (in Plan) check() error {
	switch {
	case in.Rule == nil && len(in.Moves) == 0:
		return fault.Input("rule", "required")
	case in.Rule != nil && len(in.Moves) > 0:
		return fault.Input("moves", "rule_or_moves")
	case len(in.Moves) > model.MaxMoves:
		return fault.Input("moves", "too_many")
	case len(in.CodesTo) > 0 && !in.Leaving:
		return fault.Input("codes_to", "only_when_leaving")
	case len(in.CodesTo) > model.MaxReceivers:
		return fault.Input("codes_to", "too_many")
	case in.Rule == nil:
		return nil
	}
	switch r := in.Rule; {
	case r.Kind != "balanced":
		return fault.Input("rule.kind", "unknown")
	case len(r.To) == 0:
		return fault.Input("rule.to", "required")
	case len(r.To) > model.MaxReceivers:
		return fault.Input("rule.to", "too_many")
	case r.Count < 0 || r.Count > 0 && in.Leaving:
		return fault.Input("rule.count", "not_for_leaving")
	case r.PerDay < 0 || r.PerDay > 1000:
		return fault.Input("rule.per_day", "range")
	}
	for id, n := range in.Rule.Capacity {
		if n < 0 {
			return fault.Input("rule.capacity", "range")
		}
		if !contains(in.Rule.To, id) {
			return fault.Input("rule.capacity", "not_a_receiver")
		}
	}
	return nil
}

// share works out who gets whom.
func (s *Service) share(tx *database.Tx, actor access.Actor, h model.Handover, in Plan) ([]share, []*receiver, error) {
	members, err := membersOf(tx.DB, h.AccountID, h.FromClerkID)
	if err != nil {
		return nil, nil, err
	}
	if len(members) == 0 {
		return nil, nil, fault.Input("from_clerk_id", "no_members")
	}
	if len(members) > model.MaxMoves {
		return nil, nil, fault.Input("from_clerk_id", "too_many_members")
	}
	if in.Rule == nil {
		return s.byHand(tx, actor, h, members, in)
	}
	receivers, err := s.receivers(tx, actor, h.FromClerkID, in.Rule.To, "rule.to")
	if err != nil {
		return nil, nil, err
	}
	for _, r := range receivers {
		if n, limited := in.Rule.Capacity[r.id]; limited {
			r.room = n
		}
	}
	if members = sample(members, in.Rule.Count, in.Rule.KeepFamilies); len(members) == 0 {
		return nil, nil, fault.Input("rule.count", "too_small")
	}
	if err := inform(tx, h, *in.Rule, members, in.Rule.To); err != nil {
		return nil, nil, err
	}
	shares, ok := spread(members, receivers, *in.Rule)
	if !ok {
		return nil, nil, fault.Input("rule.capacity", "too_small")
	}
	return shares, receivers, nil
}

// inform notes what a rule asks about members beyond their rows.
func inform(tx *database.Tx, h model.Handover, rule Rule, members []candidate, to []string) error {
	if rule.ServedBefore {
		if err := served(tx.DB, h, members, to); err != nil {
			return err
		}
	}
	if rule.KeepFamilies {
		return kinOf(tx.DB, h, members, to)
	}
	return nil
}

// ruleOf reads the rule of a plan; one by hand has none.
func ruleOf(h model.Handover) (Rule, error) {
	var rule Rule
	if h.Rule == "" {
		return rule, nil
	}
	if err := json.Unmarshal([]byte(h.Rule), &rule); err != nil {
		return rule, fmt.Errorf("read the rule: %w", err)
	}
	return rule, nil
}

// byHand checks moves that were given one by one, and for a leaver adds the rest.
func (s *Service) byHand(tx *database.Tx, actor access.Actor, h model.Handover, members []candidate, in Plan) ([]share, []*receiver, error) {
	var to []string
	for _, m := range in.Moves {
		if !contains(to, m.ToClerkID) {
			to = append(to, m.ToClerkID)
		}
		if len(to) > model.MaxReceivers {
			return nil, nil, fault.Input("moves", "too_many_receivers")
		}
	}
	receivers, err := s.receivers(tx, actor, h.FromClerkID, to, "moves")
	if err != nil {
		return nil, nil, err
	}
	byID := map[string]*receiver{}
	for _, r := range receivers {
		byID[r.id] = r
	}
	his := make(map[string]candidate, len(members))
	for _, m := range members {
		his[m.id] = m
	}
	shares, named := make([]share, 0, len(in.Moves)), make(map[string]bool, len(in.Moves))
	for _, m := range in.Moves {
		if named[m.MemberID] {
			return nil, nil, fault.Input("moves", "duplicate").With("member_id", m.MemberID)
		}
		named[m.MemberID] = true
		c, ok := his[m.MemberID]
		if !ok {
			return nil, nil, s.notHis(tx, actor, m.MemberID)
		}
		r := byID[m.ToClerkID]
		r.take(c.level)
		shares = append(shares, share{c, r, model.WhyByHand})
	}
	if !in.Leaving {
		return shares, receivers, nil
	}
	var rest []candidate
	for _, m := range members {
		if !named[m.id] {
			rest = append(rest, m)
		}
	}
	more, _ := spread(rest, receivers, Rule{})
	for i := range more {
		more[i].why = model.WhyRest
	}
	return append(shares, more...), receivers, nil
}
