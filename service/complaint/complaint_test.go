package complaint_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/complaint"
	"liuke/service/fault"
	"liuke/service/member"
	"liuke/service/worldtest"
)

type house struct {
	*worldtest.World
	*complaint.Service

	t *testing.T
}

func each(t *testing.T, story func(h house)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := worldtest.New(t, db)
		s := complaint.New(complaint.Deps{DB: db, Audit: audit.New(audit.Deps{DB: db})})
		w.Members.OnMerge(s.MergedTx, s.UnmergedTx)
		story(house{w, s, t})
	})
}

func (h house) file(actor access.Actor, name, phone string) model.Member {
	h.t.Helper()
	m, err := h.Members.Create(h.t.Context(), actor, member.Create{Name: name, Phone: phone})
	require.NoError(h.t, err)
	return m
}

func (h house) record(memberID string) complaint.Complaint {
	h.t.Helper()
	c, err := h.Record(h.t.Context(), h.Owner, memberID, model.ComplaintByPhone, "等了一个小时没有人理我")
	require.NoError(h.t, err)
	return c
}

// open lists whose complaints are open, by the list and by what campaigns ask.
func (h house) open() []string {
	h.t.Helper()
	rows, _, err := h.List(h.t.Context(), h.Owner, complaint.Filter{Limit: 10})
	require.NoError(h.t, err)
	ids := []string{}
	for _, r := range rows {
		ids = append(ids, r.MemberID)
	}
	open, err := h.OpenOf(h.DB.Read(h.t.Context()), ids)
	require.NoError(h.t, err)
	for _, id := range ids {
		require.True(h.t, open[id])
	}
	return ids
}

func TestComplaint_isTheOwnersFromRecordToClose(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		clerk := h.Clerk(t, "王芳")
		m := h.file(clerk, "林小雨", "13912345678")
		c := h.record(m.ID)
		require.Equal(t, clerk.StaffID, c.ClerkID)
		require.Equal(t, 72*time.Hour, time.Duration(c.DueAt-c.CreatedAt)*time.Millisecond)
		require.Equal(t, []string{m.ID}, h.open())

		_, err := h.Close(t.Context(), h.Owner, c.ID, " ")
		require.Equal(t, "result", fault.Of(err).Fields[0].Name)
		closed, err := h.Close(t.Context(), h.Owner, c.ID, "已致歉，换了新的")
		require.NoError(t, err)
		require.Equal(t, "林小雨", closed.MemberName)
		require.Empty(t, h.open())
		_, err = h.Close(t.Context(), h.Owner, c.ID, "再关一次")
		require.Equal(t, "closed", fault.Of(err).Reason)
		rows, _, err := h.List(t.Context(), h.Owner, complaint.Filter{Closed: true, MemberID: m.ID, Limit: 10})
		require.NoError(t, err)
		require.Equal(t, "已致歉，换了新的", rows[0].Result)
	})
}

func TestComplaint_nobodyButTheOwnerSeesIt(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		clerk := h.Clerk(t, "王芳")
		m := h.file(clerk, "林小雨", "13912345678")
		c := h.record(m.ID)
		for _, actor := range []access.Actor{clerk, {Kind: model.ByStaff, AccountID: h.Owner.AccountID, StaffID: "x", Role: model.RoleManager, StoreID: m.StoreID}} {
			_, err := h.Record(t.Context(), actor, m.ID, model.ComplaintByPhone, "不好")
			require.Equal(t, fault.Forbidden, fault.Of(err).Kind)
			_, _, err = h.List(t.Context(), actor, complaint.Filter{Limit: 1})
			require.Equal(t, fault.Forbidden, fault.Of(err).Kind)
			_, err = h.Close(t.Context(), actor, c.ID, "好了")
			require.Equal(t, fault.Forbidden, fault.Of(err).Kind)
		}
		other := h.Owner
		other.AccountID = model.NewID()
		_, err := h.Close(t.Context(), other, c.ID, "好了")
		require.Equal(t, fault.NotFound, fault.Of(err).Kind)
		_, err = h.Record(t.Context(), other, m.ID, model.ComplaintByPhone, "不好")
		require.Equal(t, fault.NotFound, fault.Of(err).Kind)
		for field, bad := range map[string][2]string{"channel": {"pigeon", "不好"}, "text": {model.ComplaintOther, strings.Repeat("字", model.MaxComplaintText+1)}} {
			_, err = h.Record(t.Context(), h.Owner, m.ID, bad[0], bad[1])
			require.Equal(t, field, fault.Of(err).Fields[0].Name)
		}
	})
}

func TestComplaint_pagesByWhenItIsDue(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		var want []string
		for _, phone := range []string{"13900000001", "13900000002", "13900000003"} {
			want = append(want, h.record(h.file(h.Owner, "甲", phone).ID).ID)
		}
		var got []string
		for after := ""; ; {
			rows, next, err := h.List(t.Context(), h.Owner, complaint.Filter{After: after, Limit: 2})
			require.NoError(t, err)
			for _, r := range rows {
				got = append(got, r.ID)
			}
			if after = next; after == "" {
				break
			}
		}
		require.Equal(t, want, got)
	})
}

func TestComplaint_goesAlongWithAMergeAndComesBack(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		from, into := h.file(h.Owner, "甲", "13900000001"), h.file(h.Owner, "乙", "13900000002")
		h.record(from.ID)
		merging, err := h.Members.Merge(t.Context(), h.Owner, from.ID, into.ID, false)
		require.NoError(t, err)
		require.Equal(t, []string{into.ID}, h.open())
		_, err = h.Members.Unmerge(t.Context(), h.Owner, merging.ID)
		require.NoError(t, err)
		require.Equal(t, []string{from.ID}, h.open())
	})
}
