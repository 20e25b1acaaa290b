package handover_test

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/delivery"
	"liuke/service/handover"
	"liuke/service/member"
	"liuke/service/worldtest"
	"liuke/wechat/simulator"
)

// world is a world with the room that is tried.
type world struct {
	*worldtest.World

	handover *handover.Service
}

// each runs a story in a world of its own on every database.
func each(t *testing.T, story func(t *testing.T, w *world)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := &world{World: worldtest.New(t, db)}
		w.handover = w.room()
		w.Delivery.OnChange(delivery.Each(w.handover.DeliveredTx))
		story(t, w)
	})
}

// room makes another instance of the room, as after a restart.
func (w *world) room() *handover.Service {
	return handover.New(handover.Deps{
		DB: w.DB, Members: w.Members, Staff: w.Staff, Delivery: w.Delivery, Feed: w.Feed, Audit: audit.New(audit.Deps{DB: w.DB}), Bus: w.Bus,
		Log: slog.New(slog.DiscardHandler),
	})
}

// member adds a member of a clerk with a level.
func (w *world) member(t *testing.T, clerk access.Actor, level string) model.Member {
	t.Helper()
	var n int64
	require.NoError(t, w.DB.Read(t.Context()).Model(&model.Member{}).Count(&n).Error)
	m, err := w.Members.Create(t.Context(), clerk, member.Create{Name: fmt.Sprintf("会员%d", n+1), Phone: fmt.Sprintf("139%08d", n+1)})
	require.NoError(t, err)
	_, err = w.DB.Exec(t.Context(), "UPDATE members SET level = ? WHERE id = ?", level, m.ID)
	require.NoError(t, err)
	return m
}

// members adds several of a clerk.
func (w *world) members(t *testing.T, clerk access.Actor, levels ...string) []string {
	t.Helper()
	ids := make([]string, len(levels))
	for i, level := range levels {
		ids[i] = w.member(t, clerk, level).ID
	}
	return ids
}

// follower is a person with a phone who scanned the clerk's own code.
func (w *world) follower(t *testing.T, name, scene string) simulator.Person {
	t.Helper()
	p := w.Person(name)
	w.Scan(t, p, scene)
	return p
}

// plan plans by rule.
func (w *world) plan(t *testing.T, from access.Actor, leaving bool, to ...access.Actor) handover.Planned {
	t.Helper()
	p, err := w.handover.Plan(t.Context(), w.Owner, handover.Plan{FromClerkID: from.StaffID, Leaving: leaving, Rule: balanced(to...)})
	require.NoError(t, err)
	return p
}

func balanced(to ...access.Actor) *handover.Rule {
	return &handover.Rule{Kind: "balanced", To: ids(to...)}
}

func ids(people ...access.Actor) []string {
	all := make([]string, len(people))
	for i, p := range people {
		all[i] = p.StaffID
	}
	return all
}

// run runs a plan to its end.
func (w *world) run(t *testing.T, id string) model.Handover {
	t.Helper()
	h, err := w.handover.Run(t.Context(), w.Owner, id)
	require.NoError(t, err)
	require.Equal(t, model.HandoverRunning, h.State)
	require.NoError(t, w.handover.Work(t.Context()))
	return w.state(t, id)
}

// undo takes a handover back to its end.
func (w *world) undo(t *testing.T, id string) model.Handover {
	t.Helper()
	h, err := w.handover.Undo(t.Context(), w.Owner, id)
	require.NoError(t, err)
	require.Equal(t, model.HandoverUndoing, h.State)
	require.NoError(t, w.handover.Work(t.Context()))
	return w.state(t, id)
}

func (w *world) state(t *testing.T, id string) model.Handover {
	t.Helper()
	p, err := w.handover.Get(t.Context(), w.Owner, id)
	require.NoError(t, err)
	return p.Handover
}

// moves lists all moves by member.
func (w *world) moves(t *testing.T, id string) map[string]handover.Moved {
	t.Helper()
	rows, next, err := w.handover.Moves(t.Context(), w.Owner, id, handover.MoveFilter{Limit: 1000})
	require.NoError(t, err)
	require.Empty(t, next)
	of := map[string]handover.Moved{}
	for _, r := range rows {
		of[r.Move.MemberID] = r
	}
	return of
}

// owner is whose the member is.
func (w *world) owner(t *testing.T, memberID string) string {
	t.Helper()
	var m model.Member
	require.NoError(t, w.DB.Read(t.Context()).First(&m, "id = ?", memberID).Error)
	return m.ClerkID
}

// requireSound holds the invariants: at most one open binding, no gap or overlap in dates, what is kept beside follows
// the open binding.
func (w *world) requireSound(t *testing.T) {
	t.Helper()
	var members []model.Member
	require.NoError(t, w.DB.Read(t.Context()).Where("merged_into = ''").Find(&members).Error)
	for _, m := range members {
		var rows []model.Binding
		require.NoError(t, w.DB.Read(t.Context()).Where("member_id = ?", m.ID).Order("seq").Find(&rows).Error)
		open := 0
		for i, b := range rows {
			require.EqualValues(t, i+1, b.Seq)
			if b.Open() {
				open++
				require.Equal(t, m.ClerkID, b.ClerkID)
				require.Equal(t, m.StoreID, b.StoreID)
				require.Equal(t, m.BoundAt, b.FromAt)
				require.Equal(t, len(rows)-1, i, "the open binding is the last")
				continue
			}
			require.LessOrEqual(t, b.FromAt, b.ToAt)
			if i+1 < len(rows) {
				require.Equal(t, b.ToAt, rows[i+1].FromAt)
				require.Less(t, b.ID, rows[i+1].ID, "ids follow time")
			}
		}
		want := 0
		if m.ClerkID != "" {
			want = 1
		}
		require.Equal(t, want, open)
		var talks []model.Conversation
		require.NoError(t, w.DB.Read(t.Context()).Where("member_id = ?", m.ID).Find(&talks).Error)
		for _, c := range talks {
			require.Equal(t, m.ClerkID, c.ClerkID)
			require.Equal(t, m.StoreID, c.StoreID)
		}
	}
}
