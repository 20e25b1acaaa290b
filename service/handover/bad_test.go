package handover_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/account"
	"liuke/service/fault"
	"liuke/service/handover"
	"liuke/service/staff"
)

func TestPlan_refusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, left := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "走了")
		away := w.Hire(t, "外店", model.RoleClerk, w.Other)
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		supervisor := access.Actor{Kind: model.ByStaff, AccountID: w.Account.ID, StaffID: model.NewID(), Role: model.RoleSupervisor}
		require.NoError(t, w.Staff.Deactivate(t.Context(), w.Owner, left.StaffID))
		his, other := w.members(t, from, "A")[0], w.members(t, b, "A")[0]
		stranger, elsewhere := model.NewID(), w.elsewhere(t)
		lead := w.Hire(t, "督导", model.RoleSupervisor, model.Store{})
		noticed := w.Clerk(t, "要走")
		_, err := w.handover.SetLeaving(t.Context(), w.Owner, noticed.StaffID, time.Now().AddDate(0, 0, 7))
		require.NoError(t, err)
		leaves := func(codes ...string) handover.Plan {
			return handover.Plan{FromClerkID: from.StaffID, Leaving: true, Rule: balanced(b), CodesTo: codes}
		}
		hand := func(pairs ...string) []handover.ByHand {
			var moves []handover.ByHand
			for i := 0; i < len(pairs); i += 2 {
				moves = append(moves, handover.ByHand{MemberID: pairs[i], ToClerkID: pairs[i+1]})
			}
			return moves
		}
		rule := func(to ...string) *handover.Rule { return &handover.Rule{Kind: "balanced", To: to} }
		many := make([]string, model.MaxReceivers+1)
		for i := range many {
			many[i] = model.NewID()
		}
		for name, c := range map[string]struct {
			actor access.Actor
			in    handover.Plan
			kind  fault.Kind
			word  string
		}{
			"oneself":            {w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: rule(from.StaffID)}, fault.Invalid, "same_clerk"},
			"who left":           {w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: rule(left.StaffID)}, fault.Invalid, "left"},
			"another account":    {w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: rule(elsewhere.StaffID)}, fault.NotFound, "receiver_not_found"},
			"another account's":  {w.Owner, handover.Plan{FromClerkID: elsewhere.StaffID, Rule: rule(b.StaffID)}, fault.NotFound, "clerk_not_found"},
			"by hand to another": {w.Owner, handover.Plan{FromClerkID: from.StaffID, Moves: hand(his, elsewhere.StaffID)}, fault.NotFound, "receiver_not_found"},
			"from there":         {elsewhere, handover.Plan{FromClerkID: from.StaffID, Rule: rule(b.StaffID)}, fault.NotFound, "clerk_not_found"},
			"unknown receiver":   {w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: rule(stranger)}, fault.NotFound, "receiver_not_found"},
			"gave notice":        {w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: rule(noticed.StaffID)}, fault.Invalid, "leaving"},
			"serves nobody":      {w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: rule(lead.StaffID)}, fault.Invalid, "not_serving"},
			"by hand to himself": {w.Owner, handover.Plan{FromClerkID: from.StaffID, Moves: hand(his, from.StaffID)}, fault.Invalid, "same_clerk"},
			"by hand to nobody":  {w.Owner, handover.Plan{FromClerkID: from.StaffID, Moves: hand(his, "")}, fault.NotFound, "receiver_not_found"},
			"no clerk":           {w.Owner, handover.Plan{Rule: rule(b.StaffID)}, fault.NotFound, "clerk_not_found"},
			"codes to himself":   {w.Owner, leaves(from.StaffID), fault.Invalid, "same_clerk"},
			"codes to who left":  {w.Owner, leaves(b.StaffID, left.StaffID), fault.Invalid, "left"},
			"codes to a leaver":  {w.Owner, leaves(noticed.StaffID), fault.Invalid, "leaving"},
			"codes twice":        {w.Owner, leaves(b.StaffID, b.StaffID), fault.Invalid, "duplicate"},
			"codes elsewhere":    {w.Owner, leaves(elsewhere.StaffID), fault.NotFound, "receiver_not_found"},
			"codes to no id":     {w.Owner, leaves(""), fault.NotFound, "receiver_not_found"},
			"codes out of store": {manager, leaves(away.StaffID), fault.NotFound, "receiver_not_found"},
			"too many codes":     {w.Owner, leaves(many...), fault.Invalid, "too_many"},
			"too many receivers": {w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: rule(many...)}, fault.Invalid, "too_many"},
			"negative room":      {w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: &handover.Rule{Kind: "balanced", To: ids(b), Capacity: map[string]int{b.StaffID: -1}}}, fault.Invalid, "range"},
			"room of a stranger": {w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: &handover.Rule{Kind: "balanced", To: ids(b), Capacity: map[string]int{stranger: 1}}}, fault.Invalid, "not_a_receiver"},
			"some of a leaver's": {w.Owner, handover.Plan{FromClerkID: from.StaffID, Leaving: true, Rule: &handover.Rule{Kind: "balanced", To: ids(b), Count: 1}}, fault.Invalid, "not_for_leaving"},
			"contacts per day":   {w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: &handover.Rule{Kind: "balanced", To: ids(b), PerDay: -1}}, fault.Invalid, "range"},
			"one's own leaving":  {manager, handover.Plan{FromClerkID: manager.StaffID, Leaving: true, Rule: rule(b.StaffID)}, fault.Invalid, "yourself"},
			"no id at all":       {w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: rule("小明")}, fault.NotFound, "receiver_not_found"},
			"nobody":             {w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: rule()}, fault.Invalid, "required"},
			"no rule, no moves":  {w.Owner, handover.Plan{FromClerkID: from.StaffID}, fault.Invalid, "required"},
			"both":               {w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: rule(b.StaffID), Moves: hand(his, b.StaffID)}, fault.Invalid, "rule_or_moves"},
			"empty set":          {w.Owner, handover.Plan{FromClerkID: away.StaffID, Rule: rule(b.StaffID)}, fault.Invalid, "no_members"},
			"member twice":       {w.Owner, handover.Plan{FromClerkID: from.StaffID, Moves: hand(his, b.StaffID, his, away.StaffID)}, fault.Invalid, "duplicate"},
			"receiver twice":     {w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: rule(b.StaffID, b.StaffID)}, fault.Invalid, "duplicate"},
			"another's member":   {w.Owner, handover.Plan{FromClerkID: from.StaffID, Moves: hand(other, b.StaffID)}, fault.Invalid, "not_of_this_clerk"},
			"unknown member":     {w.Owner, handover.Plan{FromClerkID: from.StaffID, Moves: hand(stranger, b.StaffID)}, fault.NotFound, "member_not_found"},
			"unknown clerk":      {w.Owner, handover.Plan{FromClerkID: stranger, Rule: rule(b.StaffID)}, fault.NotFound, "clerk_not_found"},
			"unknown rule":       {w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: &handover.Rule{Kind: "dice", To: ids(b)}}, fault.Invalid, "unknown"},
			"no room":            {w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: &handover.Rule{Kind: "balanced", To: ids(b), Capacity: map[string]int{b.StaffID: 0}}}, fault.Invalid, "too_small"},
			"codes without need": {w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: rule(b.StaffID), CodesTo: ids(b)}, fault.Invalid, "only_when_leaving"},
			"other store":        {manager, handover.Plan{FromClerkID: from.StaffID, Rule: rule(away.StaffID)}, fault.NotFound, "receiver_not_found"},
			"other store's":      {manager, handover.Plan{FromClerkID: away.StaffID, Rule: rule(b.StaffID)}, fault.NotFound, "clerk_not_found"},
			"supervisor":         {supervisor, handover.Plan{FromClerkID: from.StaffID, Rule: rule(b.StaffID)}, fault.NotFound, "clerk_not_found"},
			"clerk":              {b, handover.Plan{FromClerkID: from.StaffID, Rule: rule(b.StaffID)}, fault.Forbidden, "not_allowed"},
		} {
			_, err := w.handover.Plan(t.Context(), c.actor, c.in)
			f := fault.Of(err)
			require.NotNil(t, f, "%s: %v", name, err)
			require.Equal(t, c.kind, f.Kind, name)
			word := f.Reason
			if len(f.Fields) > 0 {
				word = f.Fields[0].Reason
			}
			require.Equal(t, c.word, word, name)
		}
		var n int64
		require.NoError(t, w.DB.Read(t.Context()).Model(&model.Handover{}).Count(&n).Error)
		require.Zero(t, n)
	})
}

// elsewhere is the owner of another account.
func (w *world) elsewhere(t *testing.T) access.Actor {
	t.Helper()
	a, err := w.Accounts.Add(t.Context(), access.System(""), account.Add{AppID: "wx00000000000000ff", Secret: "app-secret", Token: "token1", Name: "别家"})
	require.NoError(t, err)
	p, err := w.Staff.Create(t.Context(), access.System(a.ID), staff.Create{Name: "别家老板", Phone: "13700000000", Password: "password-of-owner", Role: model.RoleOwner})
	require.NoError(t, err)
	return access.Actor{Kind: model.ByStaff, AccountID: a.ID, StaffID: p.ID, Name: p.Name, Role: p.Role}
}

// What is another account's is not found, whatever is asked of it.
func TestHandover_ofAnotherAccountIsNotFound(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, elsewhere := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.elsewhere(t)
		w.members(t, from, "A")
		id := w.plan(t, from, false, b).Handover.ID
		for _, ask := range []func() error{
			func() error { _, err := w.handover.Get(t.Context(), elsewhere, id); return err },
			func() error { _, err := w.handover.Run(t.Context(), elsewhere, id); return err },
			func() error { _, err := w.handover.Replan(t.Context(), elsewhere, id); return err },
			func() error { _, err := w.handover.Undo(t.Context(), elsewhere, id); return err },
			func() error {
				_, _, err := w.handover.Moves(t.Context(), elsewhere, id, handover.MoveFilter{Limit: 1})
				return err
			},
			func() error {
				return w.handover.Receipts(t.Context(), elsewhere, id, func(handover.Receipt) error { return nil })
			},
		} {
			require.True(t, fault.Is(ask(), fault.NotFound))
		}
		require.Equal(t, model.HandoverPlanned, w.state(t, id).State)
	})
}

func TestRun_ofAPlanThatNoLongerFitsIsRefusedUntilReplanned(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		members := w.members(t, from, "A", "A", "B", "B")
		plan := w.plan(t, from, false, b, c)
		old := time.Now().Add(-model.PlanLife - time.Minute).UnixMilli()
		planned := plan.Handover.PlannedAt
		set := func(at int64) {
			_, err := w.DB.Exec(t.Context(), "UPDATE handovers SET planned_at = ? WHERE id = ?", at, plan.Handover.ID)
			require.NoError(t, err)
		}
		set(old)
		_, err := w.handover.Run(t.Context(), w.Owner, plan.Handover.ID)
		require.Equal(t, "plan_outdated", fault.Of(err).Reason)
		require.Equal(t, true, fault.Of(err).Extra["too_old"])
		set(planned)

		require.NoError(t, w.Staff.Deactivate(t.Context(), w.Owner, c.StaffID))
		_, err = w.handover.Run(t.Context(), w.Owner, plan.Handover.ID)
		require.Equal(t, "plan_outdated", fault.Of(err).Reason)
		require.Equal(t, ids(c), fault.Of(err).Extra["receivers_gone"])
		seen, err := w.handover.Get(t.Context(), w.Owner, plan.Handover.ID)
		require.NoError(t, err)
		require.False(t, seen.Fit.OK)

		again, err := w.handover.Replan(t.Context(), w.Owner, plan.Handover.ID)
		require.NoError(t, err)
		require.True(t, again.Fit.OK)
		require.Equal(t, 4, again.Preview.Members)
		h := w.run(t, plan.Handover.ID)
		require.EqualValues(t, 4, h.Moved)
		for _, id := range members {
			require.Equal(t, b.StaffID, w.owner(t, id))
		}
		w.requireSound(t)
		_, err = w.handover.Replan(t.Context(), w.Owner, plan.Handover.ID)
		require.Equal(t, "not_planned", fault.Of(err).Reason)
	})
}

func TestRun_failsForAReceiverWhoLeftInTheLastMoment(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
		w.members(t, from, "A", "A")
		plan := w.plan(t, from, false, b, c)
		_, err := w.handover.Run(t.Context(), w.Owner, plan.Handover.ID)
		require.NoError(t, err)
		require.NoError(t, w.Staff.Deactivate(t.Context(), w.Owner, c.StaffID))
		require.NoError(t, w.handover.Work(t.Context()))
		h := w.state(t, plan.Handover.ID)
		require.Equal(t, []int64{1, 0, 1}, []int64{h.Moved, h.Skipped, h.Failed})
		for id, m := range w.moves(t, h.ID) {
			if m.Move.ToClerkID == c.StaffID {
				require.Equal(t, model.MoveFailed, m.Result)
				require.Equal(t, "receiver_left", m.Move.Reason)
				require.Equal(t, from.StaffID, w.owner(t, id))
			}
		}
		w.requireSound(t)

		leaving := w.plan(t, from, true, b)
		_, err = w.handover.Run(t.Context(), w.Owner, leaving.Handover.ID)
		require.NoError(t, err)
		require.NoError(t, w.Staff.Deactivate(t.Context(), w.Owner, b.StaffID))
		require.NoError(t, w.handover.Work(t.Context()))
		h = w.state(t, leaving.Handover.ID)
		require.Equal(t, model.HandoverFailed, h.State)
		require.Equal(t, "receiver_left", h.Reason)
		w.requireSound(t)
	})
}
