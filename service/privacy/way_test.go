package privacy_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/member"
	"liuke/service/privacy"
	"liuke/service/worldtest"
)

func (h house) exec(statement string, args ...any) {
	h.t.Helper()
	_, err := h.DB.Exec(h.t.Context(), statement, args...)
	require.NoError(h.t, err)
}

func (h house) create(row any) {
	h.t.Helper()
	require.NoError(h.t, h.DB.InTx(h.t.Context(), func(tx *database.Tx) error { return tx.Create(row).Error }))
}

func (h house) work() {
	h.t.Helper()
	h.clock.pass(2 * time.Second)
	require.NoError(h.t, h.Work(h.t.Context()))
}

func (h house) get(id string) privacy.Certificate {
	h.t.Helper()
	c, err := h.Get(h.t.Context(), h.Owner, id)
	require.NoError(h.t, err)
	return c
}

// What is on its way to him and from him ends first, and is not lost half way: what waits is withdrawn, what leaves is
// waited for, and so is what he sent before.
func TestErasure_waitsForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		p, m := h.guest()
		var last model.Message
		for n := range model.UserWindowSends + 1 {
			last = h.Reply(h.t, h.clerk, p, fmt.Sprintf("c-%d", n), fmt.Sprintf("第%d句", n))
			if n < model.UserWindowSends {
				h.Becomes(h.t, last.ID, model.StateAccepted)
			}
		}
		h.Becomes(h.t, last.ID, model.StatePending)
		follower := h.Follower(h.t, p)
		sending := model.Delivery{
			ID: model.NewID(), AccountID: h.Account.ID, FollowerID: follower.ID, MemberID: m.ID, Channel: model.ChannelCustomer, Payload: "{}",
			// No longer than a clock may differ, or it would be one that was written before a clock was put back.
			State: model.StateSending, Owner: "elsewhere", LeaseUntil: h.DB.Now().Add(time.Minute).UnixMilli(),
		}
		h.create(&sending)
		h.create(&model.Journal{ID: model.NewID(), Oldest: model.NewID(), Pushes: 1, SeenAt: h.DB.Now().UnixMilli()})
		id := h.ask(m)

		h.work()
		require.Equal(h.t, model.WaitsForJournal, h.get(id).WaitsFor)
		require.Equal(h.t, p.OpenID, h.Follower(h.t, p).OpenID, "nothing is erased yet")
		push := model.Push{
			ID: model.NewID(), AccountID: h.Account.ID, OpenID: p.OpenID, Dedupe: []byte("x"), State: model.PushNew, Body: []byte("<xml/>"),
			DueAt: h.DB.Now().Add(time.Hour).UnixMilli(),
		}
		push.Lane = h.laneOf(p.OpenID)
		h.exec("UPDATE erasures SET asked_at = ?", time.Now().UnixMilli()+1000)
		h.create(&push)
		h.exec("DELETE FROM journals")
		h.work()
		require.Equal(h.t, model.WaitsForPushes, h.get(id).WaitsFor)
		h.exec("UPDATE pushes SET state = ? WHERE id = ?", model.PushAside, push.ID)
		h.work()
		require.Equal(h.t, model.WaitsForSending, h.get(id).WaitsFor)
		state, _ := h.State(h.t, last.ID)
		require.Equal(h.t, model.StateWithdrawn, state, "the clerk sees that it does not leave")
		h.exec("UPDATE deliveries SET state = ?, lease_until = 0 WHERE id = ?", model.StateAccepted, sending.ID)
		h.done(id)
		require.NotContains(h.t, h.Texts(p), fmt.Sprintf("第%d句", model.UserWindowSends))
		require.Empty(h.t, finds(h.dump(), p.OpenID, "第"))
	})
}

// laneOf reads in which lane the person's pushes are.
func (h house) laneOf(openID string) int {
	h.t.Helper()
	var lanes []int
	require.NoError(h.t, h.DB.Read(h.t.Context()).Model(&model.Push{}).Where("openid = ?", openID).Pluck("lane", &lanes).Error)
	require.NotEmpty(h.t, lanes)
	return lanes[0]
}

// Whoever worked with his file in the moment in which the identity went writes after it: that is found and erased as well.
func TestErasure_findsWhatIsWrittenLate(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		p, m := h.guest()
		follower, talk := h.Follower(h.t, p), h.Conversation(h.t, p).ID
		id := h.ask(m)
		worldtest.Eventually(h.t, func() bool { h.work(); return h.get(id).WaitsFor == model.WaitsForCalm }, "the first round is over")
		late := model.Delivery{
			ID: model.NewID(), AccountID: h.Account.ID, FollowerID: follower.ID, MemberID: m.ID, Channel: model.ChannelCustomer,
			Payload: `{"text":"` + mark + `"}`, State: model.StatePending,
		}
		h.create(&late)
		leaves := late // the outbox takes it up: it must end there, and make nobody of whom it was for
		leaves.ID, leaves.State, leaves.ConversationID, leaves.MessageID, leaves.Kind = model.NewID(), model.StateQueued, talk, model.NewID(), model.KindText
		h.create(&leaves)
		worldtest.Eventually(h.t, func() bool {
			var d model.Delivery
			require.NoError(h.t, h.DB.Read(h.t.Context()).First(&d, "id = ?", leaves.ID).Error)
			return d.State == model.StateRefused && d.Reason == "unsubscribed"
		}, "nothing leaves")
		var people int64
		require.NoError(h.t, h.DB.Read(h.t.Context()).Model(&model.Member{}).Count(&people).Error)
		require.EqualValues(h.t, 1, people)
		h.create(&model.Note{ID: model.NewID(), AccountID: h.Account.ID, MemberID: m.ID, Text: mark})
		c := h.done(id)
		require.Contains(h.t, c.Counts, `"member_notes":1`)
		require.Empty(h.t, finds(h.dump(), mark))
	})
}

// His days are over only when they are: who comes back within them keeps everything, and a rule erases nobody sooner
// than its days after it began.
func TestGrace_erasesWhoStaysAwayAndNobodyElse(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		gone, _ := h.guest()
		back := h.Person("回来的人")
		h.Follow(h.t, back)
		h.Write(h.t, back, "我会回来")
		stays := h.Person("没走的人")
		h.Follow(h.t, stays)
		for _, p := range []string{gone.OpenID, back.OpenID} {
			require.NoError(h.t, h.Sim.Unfollow(worldtest.AppID, p))
		}
		worldtest.Eventually(h.t, func() bool {
			return !h.Follower(h.t, gone).Subscribed && !h.Follower(h.t, back).Subscribed
		}, "both have left")
		require.NoError(h.t, h.Grace(h.t.Context()), "the rule begins")
		require.Empty(h.t, h.erasures())
		_, err := h.Set(h.t.Context(), h.Owner, 30)
		require.NoError(h.t, err)

		h.clock.pass(29 * 24 * time.Hour)
		require.NoError(h.t, h.Grace(h.t.Context()))
		require.Empty(h.t, h.erasures(), "there is a day left")
		h.clock.pass(25 * time.Hour)
		require.NoError(h.t, h.Grace(h.t.Context()))
		require.NoError(h.t, h.Grace(h.t.Context()), "asked once")
		require.Len(h.t, h.erasures(), 2)
		h.exec("UPDATE followers SET subscribed = ? WHERE openid = ?", true, back.OpenID) // in the last moment
		for range 20 {
			h.work()
		}
		states := map[string]int{}
		for _, e := range h.erasures() {
			states[e.State]++
			require.Equal(h.t, model.EraseUnfollowed, e.Cause)
			require.Empty(h.t, e.Name)
		}
		require.Equal(h.t, map[string]int{model.ErasureDone: 1, model.ErasureCancelled: 1}, states)
		require.Empty(h.t, finds(h.dump(), gone.OpenID, hisText))
		require.NotEmpty(h.t, finds(h.dump(), "我会回来"))
		require.NotEmpty(h.t, h.Member(h.t, stays).ID)
		require.NoError(h.t, h.Grace(h.t.Context()))
		require.Len(h.t, h.erasures(), 2, "who was erased is not asked for again")
	})
}

func (h house) erasures() []privacy.Certificate {
	h.t.Helper()
	all, _, err := h.List(h.t.Context(), h.Owner, "", 100)
	require.NoError(h.t, err)
	return all
}

func TestGrace_ofZeroDaysErasesNobody(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		gone, _ := h.guest()
		_, err := h.Set(h.t.Context(), h.Owner, 0)
		require.NoError(h.t, err)
		h.exec("UPDATE followers SET subscribed = ?, unsubscribed_at = 1 WHERE openid = ?", false, gone.OpenID)
		h.clock.pass(9999 * 24 * time.Hour)
		require.NoError(h.t, h.Grace(h.t.Context()))
		require.Empty(h.t, h.erasures())
		_, err = h.Set(h.t.Context(), h.Owner, 10)
		require.NoError(h.t, err)
		require.NoError(h.t, h.Grace(h.t.Context()))
		require.Empty(h.t, h.erasures(), "a rule that is switched on counts from then on")
		for _, days := range []int64{-1, model.MaxGraceDays + 1} {
			_, err := h.Set(h.t.Context(), h.Owner, days)
			require.Equal(h.t, fault.Invalid, fault.Of(err).Kind, "%d", days)
		}
	})
}

// Whoever was merged into him goes with him.
func TestErasure_takesWhoeverWasMergedIntoHim(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		p, m := h.guest()
		double, err := h.Members.Create(h.t.Context(), h.clerk, member.Create{Name: "赵小雨二号", CardNo: "CARD-OLD"})
		require.NoError(h.t, err)
		_, err = h.Members.AddNote(h.t.Context(), h.clerk, double.ID, "旧档案"+mark)
		require.NoError(h.t, err)
		_, err = h.Members.Merge(h.t.Context(), h.Owner, double.ID, m.ID, false)
		require.NoError(h.t, err)
		h.done(h.ask(m))
		require.Empty(h.t, finds(h.dump(), hisName, mark, "CARD-OLD", p.OpenID))
	})
}

func TestErasure_isForOwnersAndManagersWhoStay(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		_, m := h.guest()
		wish := privacy.Ask{Cause: model.EraseWish, How: model.WishByPhone}
		manager := h.Hire(h.t, "店长", model.RoleManager, h.Store)
		far := h.Hire(h.t, "别店店长", model.RoleManager, h.Other)
		leaver := manager
		leaver.Leaving = true
		for _, c := range []struct {
			who    access.Actor
			ask    privacy.Ask
			kind   fault.Kind
			reason string
		}{
			{h.clerk, wish, fault.Forbidden, "managers_only"},
			{leaver, wish, fault.Forbidden, "leaving"},
			{far, wish, fault.NotFound, "member_not_found"},
			{manager, privacy.Ask{}, fault.Invalid, ""},
			{manager, privacy.Ask{Cause: model.EraseWish}, fault.Invalid, ""},
			{manager, privacy.Ask{Cause: model.EraseUnfollowed}, fault.Invalid, ""},
			{manager, privacy.Ask{Cause: model.EraseNoPurpose, How: model.WishByPhone}, fault.Invalid, ""},
		} {
			_, err := h.Erase(h.t.Context(), c.who, m.ID, c.ask)
			require.Equal(h.t, c.kind, fault.Of(err).Kind, "%+v", c)
			if c.reason != "" {
				require.Equal(h.t, c.reason, fault.Of(err).Reason)
			}
		}
		require.Empty(h.t, h.erasures())
		asked, err := h.Erase(h.t.Context(), manager, m.ID, wish)
		require.NoError(h.t, err)
		require.Equal(h.t, manager.Name, asked.Name)
		_, err = h.Erase(h.t.Context(), h.Owner, m.ID, wish)
		require.Equal(h.t, "erasing", fault.Of(err).Reason)
		_, err = h.Get(h.t.Context(), far, asked.ID)
		require.Equal(h.t, fault.NotFound, fault.Of(err).Kind)
		mine, _, err := h.List(h.t.Context(), manager, "", 10)
		require.NoError(h.t, err)
		require.Len(h.t, mine, 1)
		theirs, _, err := h.List(h.t.Context(), far, "", 10)
		require.NoError(h.t, err)
		require.Empty(h.t, theirs)
	})
}

// A text message hangs on no follower, and what somebody of the house sent himself on none of the member's: both are found.
func TestErasure_findsTextMessagesAndTests(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		_, m := h.guest()
		campaign, tester := model.NewID(), model.NewID()
		h.create(&model.Recipient{CampaignID: campaign, MemberID: m.ID, AccountID: h.Account.ID, State: model.RecipientQueued})
		sms := func(state string, at int) string {
			key := fmt.Sprintf("campaign/%s/%s//%d", campaign, m.ID, at)
			d := model.Delivery{
				ID: model.NewID(), AccountID: h.Account.ID, MemberID: m.ID, Channel: model.ChannelSMS, State: state, DedupeKey: &key,
				Purpose: model.PurposeCampaign, SourceID: campaign, Payload: `{"text":"` + hisName + `"}`, DueAt: h.DB.Now().Add(time.Hour).UnixMilli(),
			}
			h.create(&d)
			return d.ID
		}
		sms(model.StateAccepted, 1)
		waiting := sms(model.StateQueued, 2)
		h.exec("UPDATE campaign_recipients SET delivery_id = ?", waiting)
		h.create(&model.Audit{ID: model.NewID(), AccountID: h.Account.ID, At: 4711, ActorID: tester, Action: "campaign.test", MemberID: m.ID})
		for _, at := range []int64{4711, 4712} {
			h.create(&model.Delivery{
				ID: model.NewID(), AccountID: h.Account.ID, Purpose: model.PurposeTest, SourceID: tester, State: model.StateAccepted, CreatedAt: at,
				Payload: fmt.Sprintf(`{"text":"%d"}`, at),
			})
		}
		h.done(h.ask(m))
		lines := finds(h.dump(), "deliveries id=")
		require.Empty(h.t, finds(lines, hisName, `{"text":"4711"}`))
		require.Len(h.t, finds(lines, `{"text":"4712"}`), 1, "another member's test stays")
		require.Len(h.t, finds(finds(lines, waiting), "state="+model.StateWithdrawn), 1)
		var r model.Recipient
		require.NoError(h.t, h.DB.Read(h.t.Context()).First(&r, "member_id = ?", m.ID).Error)
		require.Equal(h.t, model.RecipientSkipped+" "+model.Erased, r.State+" "+r.Reason)
	})
}

// A push that is worked off in the moment in which an identity goes waits for the member's row; then it must not write to
// the one who is gone, but meet somebody new.
func TestErasure_andAPushAtTheSameMoment(t *testing.T) {
	t.Parallel()
	each(t, func(h house) {
		p, m := h.guest()
		var person member.Person
		met := make(chan error, 1)
		meet := func() {
			met <- h.DB.InTx(h.t.Context(), func(tx *database.Tx) error {
				var err error
				person, err = h.Members.PersonTx(tx, h.Account.ID, p.OpenID)
				return err
			})
		}
		require.NoError(h.t, h.DB.InTx(h.t.Context(), func(tx *database.Tx) error {
			found, who, err := h.Members.LockTx(tx, m.ID)
			if err != nil {
				return err
			}
			if _, err := h.Members.EraseTx(tx, access.System(h.Account.ID), found, who); err != nil {
				return err
			}
			go meet()
			if h.DB.Kind() == database.SQLite {
				return nil // it has one writer: nothing comes between
			}
			worldtest.Eventually(h.t, func() bool {
				// InnoDB's own list of waits is not renewed for somebody who asks more often than ten times a second, and TiDB has none.
				var n int64
				require.NoError(h.t, h.DB.Read(h.t.Context()).Raw("SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE()"+
					" AND id <> CONNECTION_ID() AND command = 'Query' AND time >= 1 AND info LIKE '%members%'").Scan(&n).Error)
				return n > 0
			}, "the push waits for the row")
			return nil
		}))
		require.NoError(h.t, <-met)
		require.True(h.t, person.Fresh)
		require.NotEqual(h.t, m.ID, person.Member.ID)
		require.NotEqual(h.t, m.ID, h.Member(h.t, p).ID)
	})
}
