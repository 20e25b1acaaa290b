package handover_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/binding"
	"liuke/service/chat"
	"liuke/service/fault"
	"liuke/service/handover"
	"liuke/service/member"
)

func (w *world) handIn(t *testing.T, actor access.Actor, staffID string) handover.HandIn {
	t.Helper()
	h, err := w.handover.HandIn(t.Context(), actor, staffID)
	require.NoError(t, err)
	return h
}

// holds lists the sides whose signatures hold.
func holds(h handover.HandIn) (sides []string) {
	for _, s := range h.Signatures {
		if s.VoidedAt == 0 {
			sides = append(sides, s.Side)
		}
	}
	return sides
}

func TestHandIn_isSignedByBothAndAChangeVoidsIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from := w.Clerk(t, "甲")
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		from = w.notice(t, manager, from)
		h := w.handIn(t, from, from.StaffID)
		require.Equal(t, model.SideLeaver, h.Side)
		require.Len(t, h.Items, 4)
		require.Equal(t, []string{"files", "promises", "gifts", "complaints"}, []string{h.Items[0].Kind, h.Items[1].Kind, h.Items[2].Kind, h.Items[3].Kind})

		done, note := true, "  都补齐了 "
		h, err := w.handover.ChangeHandIn(t.Context(), from, from.StaffID, h.Items[0].ID, handover.ItemChange{Done: &done, Note: &note})
		require.NoError(t, err)
		require.True(t, h.Items[0].Done)
		require.Equal(t, "都补齐了", h.Items[0].Note)
		require.Equal(t, from.StaffID, h.Items[0].ChangedBy)
		h, err = w.handover.AddToHandIn(t.Context(), manager, from.StaffID, "钥匙")
		require.NoError(t, err)
		require.Equal(t, "钥匙", h.Items[4].Title)

		_, err = w.handover.SignHandIn(t.Context(), from, from.StaffID, h.Version-1)
		require.Equal(t, "changed_meanwhile", fault.Of(err).Reason, "he did not see what he would sign")
		h, err = w.handover.SignHandIn(t.Context(), from, from.StaffID, h.Version)
		require.NoError(t, err)
		require.False(t, h.Signed())
		h, err = w.handover.SignHandIn(t.Context(), from, from.StaffID, h.Version)
		require.NoError(t, err)
		require.Equal(t, []string{model.SideLeaver}, holds(h), "signing twice is signing once")
		h, err = w.handover.SignHandIn(t.Context(), manager, from.StaffID, h.Version)
		require.NoError(t, err)
		require.True(t, h.Signed())
		signed := h.Signatures[1]
		require.Equal(t, "甲", signed.StaffName)
		items, _, err := handover.Signed(signed)
		require.NoError(t, err)
		require.Equal(t, handover.SignedItem{Kind: model.HandInFiles, Done: true, Note: "都补齐了"}, items[0])
		require.Equal(t, "钥匙", items[4].Title)

		same, err := w.handover.ChangeHandIn(t.Context(), manager, from.StaffID, h.Items[0].ID, handover.ItemChange{Done: &done})
		require.NoError(t, err)
		require.True(t, same.Signed(), "what changes nothing voids nothing")
		undone := false
		h, err = w.handover.ChangeHandIn(t.Context(), manager, from.StaffID, h.Items[0].ID, handover.ItemChange{Done: &undone})
		require.NoError(t, err)
		require.Empty(t, holds(h))
		require.Len(t, h.Signatures, 2, "they stay to be seen")
		require.Equal(t, manager.StaffID, h.Signatures[0].VoidedBy)
		kept, _, err := handover.Signed(h.Signatures[1])
		require.NoError(t, err)
		require.True(t, kept[0].Done, "with what was signed then")

		h, err = w.handover.SignHandIn(t.Context(), from, from.StaffID, h.Version)
		require.NoError(t, err)
		h, err = w.handover.DropFromHandIn(t.Context(), manager, from.StaffID, h.Items[4].ID)
		require.NoError(t, err)
		require.Len(t, h.Items, 4)
		require.Empty(t, holds(h))

		rows, _, err := audit.New(audit.Deps{DB: w.DB}).List(t.Context(), w.Owner, audit.Filter{Action: "hand_in.sign"})
		require.NoError(t, err)
		require.Len(t, rows, 3)
	})
}

func TestHandIn_isForTheTwoAloneAndRefusesNonsense(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		manager, other := w.Hire(t, "店长", model.RoleManager, w.Store), w.Hire(t, "二店长", model.RoleManager, w.Other)
		_, err := w.handover.HandIn(t.Context(), from, from.StaffID)
		require.Equal(t, "hand_in_not_found", fault.Of(err).Reason, "he has not given notice")
		from = w.notice(t, manager, from)
		h := w.handIn(t, manager, from.StaffID)
		for _, stranger := range []access.Actor{b, other} {
			_, err := w.handover.HandIn(t.Context(), stranger, from.StaffID)
			require.True(t, fault.Is(err, fault.NotFound))
			_, err = w.handover.SignHandIn(t.Context(), stranger, from.StaffID, h.Version)
			require.True(t, fault.Is(err, fault.NotFound))
		}
		require.Equal(t, model.SideManager, w.handIn(t, w.Owner, from.StaffID).Side)
		done := true
		long, title := strings.Repeat("长", model.MaxHandInNote+1), strings.Repeat("长", model.MaxHandInTitle+1)
		for name, err := range map[string]error{
			"title:required": second(w.handover.AddToHandIn(t.Context(), manager, from.StaffID, " ")),
			"title:too_long": second(w.handover.AddToHandIn(t.Context(), manager, from.StaffID, title)),
			"note:too_long":  second(w.handover.ChangeHandIn(t.Context(), from, from.StaffID, h.Items[0].ID, handover.ItemChange{Note: &long})),
			"not_allowed":    second(w.handover.AddToHandIn(t.Context(), from, from.StaffID, "自己加的")),
			"item_not_found": second(w.handover.ChangeHandIn(t.Context(), from, from.StaffID, model.NewID(), handover.ItemChange{Done: &done})),
		} {
			f := fault.Of(err)
			require.NotNil(t, f, name)
			if len(f.Fields) > 0 {
				require.Equal(t, name, f.Fields[0].Name+":"+f.Fields[0].Reason)
				continue
			}
			require.Equal(t, name, f.Reason)
		}
		_, err = w.handover.DropFromHandIn(t.Context(), manager, from.StaffID, h.Items[0].ID)
		require.Equal(t, "not_allowed", fault.Of(err).Reason, "the four of every checklist stay")
		for range model.MaxHandInItems - 4 {
			_, err := w.handover.AddToHandIn(t.Context(), manager, from.StaffID, "又一项")
			require.NoError(t, err)
		}
		_, err = w.handover.AddToHandIn(t.Context(), manager, from.StaffID, "再一项")
		require.Equal(t, "too_many_items", fault.Of(err).Reason)
	})
}

func TestHandIn_beginsAnewWithANewNoticeAndStaysAsItWasOfWhoLeft(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		w.members(t, from, "A")
		from = w.notice(t, w.Owner, from)
		first := w.handIn(t, from, from.StaffID)
		done := true
		_, err := w.handover.ChangeHandIn(t.Context(), from, from.StaffID, first.Items[0].ID, handover.ItemChange{Done: &done})
		require.NoError(t, err)
		w.notice(t, w.Owner, from)
		require.Equal(t, first.ID, w.handIn(t, from, from.StaffID).ID, "another last day, the same checklist")
		_, err = w.handover.EndLeaving(t.Context(), w.Owner, from.StaffID)
		require.NoError(t, err)
		w.notice(t, w.Owner, from)
		next := w.handIn(t, w.Owner, from.StaffID)
		require.NotEqual(t, first.ID, next.ID)
		require.False(t, next.Items[0].Done)

		w.run(t, w.plan(t, from, true, b).Handover.ID)
		after := w.handIn(t, w.Owner, from.StaffID)
		require.False(t, after.Person.Active)
		_, err = w.handover.SignHandIn(t.Context(), w.Owner, from.StaffID, after.Version)
		require.Equal(t, "left", fault.Of(err).Reason)

		_, err = w.DB.Exec(t.Context(), "UPDATE staff SET leaving_at = ? WHERE id = ?", time.Now().Add(time.Hour).UnixMilli(), b.StaffID)
		require.NoError(t, err)
		require.Len(t, w.handIn(t, b, b.StaffID).Items, 4, "who gave notice before there were checklists has one too")
	})
}

func TestHandIn_showsWhatIsKnown(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from := w.Clerk(t, "甲")
		p := w.follower(t, "一", w.Code(t, from, binding.Mint{Kind: model.CodeClerk}).Scene) // no phone yet
		w.member(t, from, "A")
		_, err := w.Members.Create(t.Context(), from, member.Create{Name: "没有手机"})
		require.NoError(t, err)
		w.Write(t, p, "在吗")
		_, _, err = w.Chat.SaveDraft(t.Context(), from, w.Conversation(t, p).ID, chat.Typed{Text: "还没写完"})
		require.NoError(t, err)
		from = w.notice(t, w.Owner, from)
		f := w.handIn(t, from, from.StaffID).Facts
		require.Equal(t, handover.HandInFacts{Members: 3, Incomplete: 2, Drafts: 1, Waiting: 1}, f)
	})
}

func TestHandIn_twoSidesSigningAtOnceBothHold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from := w.Clerk(t, "甲")
		from = w.notice(t, w.Owner, from)
		h := w.handIn(t, from, from.StaffID)
		var wg sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			actor := from
			if i%2 == 1 {
				actor = w.Owner
			}
			wg.Go(func() { _, errs[i] = w.handover.SignHandIn(t.Context(), actor, from.StaffID, h.Version) })
		}
		wg.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		require.ElementsMatch(t, []string{model.SideLeaver, model.SideManager}, holds(w.handIn(t, from, from.StaffID)))
	})
}

func TestHandIn_mustBeSignedBeforeTheRunWhereTheAccountWantsIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		members := w.members(t, from, "A", "B", "C")
		_, err := w.handover.SetDutySettings(t.Context(), w.Owner, model.DutySettings{HandInRequired: true})
		require.NoError(t, err)
		refused := func(id string) {
			seen, err := w.handover.Get(t.Context(), w.Owner, id)
			require.NoError(t, err)
			require.True(t, seen.Fit.Unsigned)
			require.False(t, seen.Fit.OK)
			_, err = w.handover.Run(t.Context(), w.Owner, id)
			require.True(t, fault.Is(err, fault.Conflict))
			require.Equal(t, "hand_in_unsigned", fault.Of(err).Reason)
			require.Equal(t, model.HandoverPlanned, w.state(t, id).State)
			require.Equal(t, from.StaffID, w.owner(t, members[0]))
		}

		moving, err := w.handover.Plan(t.Context(), w.Owner, handover.Plan{FromClerkID: from.StaffID, Moves: []handover.ByHand{{MemberID: members[2], ToClerkID: b.StaffID}}})
		require.NoError(t, err)
		require.True(t, moving.Fit.OK, "only of who leaves")
		w.run(t, moving.Handover.ID)

		plan := w.plan(t, from, true, b)
		require.True(t, plan.Fit.Unsigned)
		id := plan.Handover.ID
		refused(id) // he has no checklist at all
		from = w.notice(t, manager, from)
		refused(id)
		h := w.handIn(t, from, from.StaffID)
		h, err = w.handover.SignHandIn(t.Context(), from, from.StaffID, h.Version)
		require.NoError(t, err)
		refused(id)
		_, err = w.handover.SignHandIn(t.Context(), manager, from.StaffID, h.Version)
		require.NoError(t, err)
		done := true
		h, err = w.handover.ChangeHandIn(t.Context(), from, from.StaffID, h.Items[0].ID, handover.ItemChange{Done: &done})
		require.NoError(t, err)
		refused(id) // the change has voided both
		for _, who := range []access.Actor{from, manager} {
			_, err = w.handover.SignHandIn(t.Context(), who, from.StaffID, h.Version)
			require.NoError(t, err)
		}
		seen, err := w.handover.Replan(t.Context(), w.Owner, id)
		require.NoError(t, err)
		require.True(t, seen.Fit.OK)
		require.Equal(t, model.HandoverDone, w.run(t, id).State)
		require.Equal(t, b.StaffID, w.owner(t, members[0]))
	})
}
