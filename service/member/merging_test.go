package member_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/keys"
	"liuke/service/access"
	"liuke/service/binding"
	"liuke/service/fault"
	"liuke/service/member"
	"liuke/service/worldtest"
	"liuke/wechat/simulator"
)

// twice is one person with two files: at the till, and as a follower bound to a clerk.
type twice struct {
	till, fan model.Member
	person    simulator.Person
	clerk     access.Actor
	manager   access.Actor
}

func twoFiles(t *testing.T, w *worldtest.World) twice {
	t.Helper()
	d := twice{clerk: w.Clerk(t, "小李"), manager: w.Hire(t, "店长", model.RoleManager, w.Store), person: w.Person("她")}
	till, err := w.Members.Create(t.Context(), d.manager, member.Create{Name: "王敏", CardNo: "C-1", StoreID: w.Store.ID})
	require.NoError(t, err)
	d.till = till
	w.Scan(t, d.person, w.Code(t, d.clerk, binding.Mint{Kind: model.CodeClerk}).Scene)
	d.fan = w.Member(t, d.person)
	_, err = w.Members.Edit(t.Context(), d.clerk, d.fan.ID, member.Edit{Phone: ptr("13900000001"), Class: ptr(model.ClassSeed), Birthday: ptr("1990-05-01")})
	require.NoError(t, err)
	_, err = w.Members.SetTags(t.Context(), d.clerk, d.fan.ID, []string{"二胎"})
	require.NoError(t, err)
	_, err = w.Members.AddNote(t.Context(), d.clerk, d.fan.ID, "怕冷")
	require.NoError(t, err)
	w.Write(t, d.person, "在吗")
	return d
}

func messages(t *testing.T, w *worldtest.World) []model.Message {
	t.Helper()
	var rows []model.Message
	require.NoError(t, w.DB.Read(t.Context()).Order("id").Find(&rows).Error)
	return rows
}

func TestMerge_tellsBeforehandDoesAndTakesBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		d := twoFiles(t, w)
		_, err := w.Members.Merge(t.Context(), d.clerk, d.fan.ID, d.till.ID, true)
		require.True(t, fault.Is(err, fault.Forbidden))
		before := messages(t, w)

		plan, err := w.Members.Merge(t.Context(), d.manager, d.fan.ID, d.till.ID, true)
		require.NoError(t, err)
		want := member.Preview{
			Followers: 1, Conversations: 1, Phones: 1, Takes: []string{"phone"}, Tags: []string{"二胎"},
			StoreID: w.Store.ID, ClerkID: d.clerk.StaffID,
		}
		require.Equal(t, want, plan.Preview)
		require.Equal(t, d.fan.ID, w.Follower(t, d.person).MemberID, "nothing has moved")

		done, err := w.Members.Merge(t.Context(), d.manager, d.fan.ID, d.till.ID, false)
		require.NoError(t, err)
		require.Equal(t, d.till.ID, w.Follower(t, d.person).MemberID)
		f := file(t, w, d.clerk, d.till.ID)
		require.Equal(t, "139****0001", f.Phone)
		require.Equal(t, []string{"二胎"}, f.Tags)
		require.Equal(t, model.ClassSeed, f.Class.Class)
		require.Equal(t, "1990-05-01", f.Facts.Birthday)
		notes, _, err := w.Members.Notes(t.Context(), d.clerk, d.till.ID, "", 5)
		require.NoError(t, err)
		require.Len(t, notes, 1)

		list, _, err := w.Members.Merges(t.Context(), d.manager, "", "", 10)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, done.ID, list[0].ID)

		undone, err := w.Members.Unmerge(t.Context(), d.manager, done.ID)
		require.NoError(t, err)
		require.NotZero(t, undone.UndoAt)
		require.Equal(t, d.fan.ID, w.Follower(t, d.person).MemberID)
		c := w.Conversation(t, d.person)
		require.Equal(t, []string{d.fan.ID, d.clerk.StaffID}, []string{c.MemberID, c.ClerkID})
		require.Equal(t, "139****0001", file(t, w, d.clerk, d.fan.ID).Phone)
		till := file(t, w, d.manager, d.till.ID)
		require.Empty(t, till.Phone)
		require.Empty(t, till.Tags)
		require.Empty(t, till.Class.Class)
		require.Empty(t, till.Facts.Birthday)
		require.Empty(t, till.Member.ClerkID)
		require.Equal(t, before, messages(t, w), "no message is touched")
		var open int64
		require.NoError(t, w.DB.Read(t.Context()).Model(&model.Binding{}).Where("to_at = ?", int64(model.OpenEnd)).Count(&open).Error)
		require.EqualValues(t, 1, open)
		_, err = w.Members.Unmerge(t.Context(), d.manager, done.ID)
		require.Contains(t, fault.Of(err).Extra["reasons"], "already_undone")
	})
}

// The phone that was taken over stands in two rows, which a change of the data key seals each in its own way.
func TestUnmerge_knowsThePhoneAgainThatWasSealedAnew(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		d := twoFiles(t, w)
		done, err := w.Members.Merge(t.Context(), d.manager, d.fan.ID, d.till.ID, false)
		require.NoError(t, err)
		ring, err := keys.Load(t.Context(), w.DB, [][]byte{bytes.Repeat([]byte{7}, keys.Size)})
		require.NoError(t, err)
		require.NoError(t, ring.Announce(t.Context()))
		require.NoError(t, ring.Switch(t.Context()))
		for _, id := range []string{d.fan.ID, d.till.ID} { // one by one, as if each stood in a batch of its own
			var m model.Member
			require.NoError(t, w.DB.Read(t.Context()).Take(&m, "id = ?", id).Error)
			phone, err := ring.Open(m.PhoneSealed)
			require.NoError(t, err)
			_, err = w.DB.Exec(t.Context(), "UPDATE members SET phone_sealed = ? WHERE id = ?", ring.Seal(phone), id)
			require.NoError(t, err)
		}
		_, err = w.Members.Unmerge(t.Context(), d.manager, done.ID)
		require.NoError(t, err)
		require.Equal(t, "139****0001", file(t, w, d.clerk, d.fan.ID).Phone)
		require.Empty(t, file(t, w, d.manager, d.till.ID).Phone)
	})
}

func TestMerge_isRefusedForTwoFollowersAndOutsideTheStore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		d := twoFiles(t, w)
		q := w.Person("另一位")
		w.Scan(t, q, w.Code(t, d.clerk, binding.Mint{Kind: model.CodeClerk}).Scene)
		other := w.Member(t, q)
		plan, err := w.Members.Merge(t.Context(), d.manager, d.fan.ID, other.ID, true)
		require.NoError(t, err)
		require.Equal(t, []string{"two_followers"}, plan.Conflicts)
		_, err = w.Members.Merge(t.Context(), d.manager, d.fan.ID, other.ID, false)
		require.Equal(t, "two_followers", fault.Of(err).Reason)
		_, err = w.Members.Merge(t.Context(), w.Hire(t, "二店店长", model.RoleManager, w.Other), d.fan.ID, d.till.ID, false)
		require.True(t, fault.Is(err, fault.NotFound))
		_, err = w.Members.Merge(t.Context(), d.manager, d.fan.ID, d.fan.ID, false)
		require.True(t, fault.Is(err, fault.Invalid))
	})
}

func TestUnmerge_isRefusedWithReasonsWhenThingsHaveChanged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		d := twoFiles(t, w)
		done, err := w.Members.Merge(t.Context(), d.manager, d.fan.ID, d.till.ID, false)
		require.NoError(t, err)
		_, err = w.Members.Edit(t.Context(), d.manager, d.till.ID, member.Edit{Phone: ptr("13900000009")})
		require.NoError(t, err)
		_, err = w.DB.Exec(t.Context(), "UPDATE merges SET created_at = created_at - ?", member.UndoMergeWithin.Milliseconds()+1)
		require.NoError(t, err)
		_, err = w.Members.Unmerge(t.Context(), d.manager, done.ID)
		require.Equal(t, "cannot_undo", fault.Of(err).Reason)
		require.Equal(t, []string{"file_changed", "identity_changed", "too_late"}, fault.Of(err).Extra["reasons"])
		_, err = w.Members.Unmerge(t.Context(), w.Hire(t, "二店店长", model.RoleManager, w.Other), done.ID)
		require.True(t, fault.Is(err, fault.NotFound))
		require.Equal(t, d.till.ID, w.Follower(t, d.person).MemberID)
	})
}
