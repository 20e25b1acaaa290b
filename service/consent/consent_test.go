package consent_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/consent"
	"liuke/service/fault"
	"liuke/service/member"
	"liuke/service/worldtest"
)

type house struct {
	*worldtest.World
	*consent.Service

	t *testing.T
}

func each(t *testing.T, story func(h house)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := worldtest.New(t, db)
		s := consent.New(consent.Deps{DB: db, Audit: audit.New(audit.Deps{DB: db})})
		w.Members.OnMerge(s.MergedTx, nil)
		story(house{w, s, t})
	})
}

func (h house) file(actor access.Actor, name, phone string) model.Member {
	h.t.Helper()
	m, err := h.Members.Create(h.t.Context(), actor, member.Create{Name: name, Phone: phone})
	require.NoError(h.t, err)
	return m
}

func (h house) today(id string) map[string]string {
	h.t.Helper()
	rows, err := h.Today(h.t.Context(), h.Owner, id)
	require.NoError(h.t, err)
	states := map[string]string{}
	for _, r := range rows {
		states[r.Purpose] = r.State
	}
	return states
}

func TestTell_keepsTheHistoryAndTodaysWord(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		clerk, stranger := h.Clerk(t, "王芳"), h.Clerk(t, "李娜")
		m := h.file(clerk, "林小雨", "13912345678")
		given := consent.Word{Purpose: model.ConsentForMarketing, State: model.ConsentGiven, Text: "同意接收活动消息"}
		require.NoError(t, h.Tell(t.Context(), clerk, m.ID, given))
		require.NoError(t, h.Tell(t.Context(), clerk, m.ID, consent.Word{Purpose: model.ConsentForMarketing, State: model.ConsentWithdrawn}))
		require.Equal(t, map[string]string{model.ConsentForMarketing: model.ConsentWithdrawn}, h.today(m.ID))
		rows, next, err := h.History(t.Context(), clerk, m.ID, "", 1)
		require.NoError(t, err)
		require.Equal(t, model.ConsentWithdrawn, rows[0].State)
		rows, _, err = h.History(t.Context(), clerk, m.ID, next, 1)
		require.NoError(t, err)
		require.Equal(t, "同意接收活动消息", rows[0].Text)
		require.Equal(t, clerk.StaffID, rows[0].ByID)

		require.Equal(t, fault.NotFound, fault.Of(h.Tell(t.Context(), stranger, m.ID, given)).Kind)
		for field, spoil := range map[string]func(w *consent.Word){
			"purpose": func(w *consent.Word) { w.Purpose = "fun" },
			"state":   func(w *consent.Word) { w.State = "perhaps" },
			"text":    func(w *consent.Word) { w.Text = " " },
		} {
			bad := given
			spoil(&bad)
			require.Equal(t, field, fault.Of(h.Tell(t.Context(), clerk, m.ID, bad)).Fields[0].Name)
		}
		long := given
		long.Text = strings.Repeat("字", model.MaxConsentText+1)
		require.Equal(t, "too_long", fault.Of(h.Tell(t.Context(), clerk, m.ID, long)).Fields[0].Reason)
	})
}

func TestMerge_aNoOfEitherIsANo(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		const given, withdrawn = model.ConsentGiven, model.ConsentWithdrawn
		say := func(m model.Member, purpose, state string) {
			if state != "" {
				require.NoError(t, h.Tell(t.Context(), h.Owner, m.ID, consent.Word{Purpose: purpose, State: state, Text: "同意"}))
			}
		}
		for i, c := range []struct{ from, into, want string }{
			{"", given, given}, {given, "", given}, {withdrawn, "", withdrawn}, {withdrawn, given, withdrawn}, {given, withdrawn, withdrawn}, {given, given, given},
		} {
			from := h.file(h.Owner, "甲", "1390000000"+string(rune('0'+i)))
			into := h.file(h.Owner, "乙", "1391000000"+string(rune('0'+i)))
			say(from, model.ConsentForMarketing, c.from)
			say(into, model.ConsentForMarketing, c.into)
			_, err := h.Members.Merge(t.Context(), h.Owner, from.ID, into.ID, false)
			require.NoError(t, err)
			require.Equal(t, c.want, h.today(into.ID)[model.ConsentForMarketing], c)
			says, err := h.SaysOf(h.DB.Read(t.Context()), []string{into.ID})
			require.NoError(t, err)
			require.Equal(t, consent.Says{Offers: c.want == given}, says[into.ID])
		}
	})
}
