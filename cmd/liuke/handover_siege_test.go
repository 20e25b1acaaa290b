package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/config"
	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
)

// siege is a clerk with many members who is handed over and taken back again and again, while members write and the
// process that does the work may be killed.
type siege struct {
	*running

	t   *testing.T
	rng *rand.Rand
	db  *database.DB

	front  *process // takes calls and pushes; is never killed
	worker *process // does the work beside it
	pushes *balancer

	store     string
	leaver    person
	receivers []person
	crowd     crowd
	talkers
	asked []string // ids of what the leaver wrote them

	id      string // the handover that is planned, run or undone
	leaving bool
}

// crowd counts what hangs on the members who do not write.
type crowd struct{ members, todos, drafts, pending int64 }

// phonesOfSiege is how many members write.
const phonesOfSiege = 6

// besiege makes the chain, its people and the leaver's members.
func besiege(t *testing.T, kind string, members int, rng *rand.Rand) *siege {
	t.Helper()
	s := &siege{running: newChain(t, kind), t: t, rng: rng}
	cfg, err := config.Load(s.environ)
	require.NoError(t, err)
	s.db = databasetest.Open(t, database.Options{Kind: kind, Path: cfg.Database.Path, DSN: cfg.Database.DSN}, time.Now)
	s.front, s.worker = s.spawn(t, roleAPI), s.spawn(t, roleAll)
	s.instance = s.front.instance
	s.pushes = newBalancer(t, s.front.instance, s.worker.instance)
	s.callback(t, s.pushes.url)
	s.owner = s.signIn("13800000000", ownerPassword)
	s.store = s.addStore("一店")
	s.leaver = s.addStaff(model.RoleClerk, "小王", s.store)
	for n := range 3 {
		s.receivers = append(s.receivers, s.addStaff(model.RoleClerk, "小李"+strconv.Itoa(n), s.store))
	}
	scene := s.must(http.StatusCreated, "POST", "/api/codes", s.leaver.token, map[string]string{"kind": "clerk"}).str("scene")
	s.join(t, s.running, scene, phonesOfSiege)
	s.find(t, s.db)
	s.gather(members)
	s.crowd.members += phonesOfSiege
	return s
}

// gather gives the leaver members by rows: what matters here is how many they are, not how they came.
func (s *siege) gather(n int) {
	s.t.Helper()
	var (
		members       []model.Member
		bindings      []model.Binding
		followers     []model.Follower
		conversations []model.Conversation
		messages      []model.Message
		deliveries    []model.Delivery
		todos         []model.Todo
		drafts        []model.Draft
	)
	levels := []string{"diamond", "A", "B", "C", ""}
	now := time.Now().UnixMilli() - 1000
	for i := range n {
		m := model.Member{
			ID: model.NewID(), AccountID: s.accountID, CreatedAt: now, Kind: model.MemberKnown, Name: fmt.Sprintf("会员%d", i),
			StoreID: s.store, ClerkID: s.leaver.id, BoundAt: now, Level: levels[i%len(levels)], UpdatedAt: now,
		}
		f := model.Follower{
			ID: model.NewID(), AccountID: s.accountID, OpenID: fmt.Sprintf("o-crowd-%d", i), Kind: model.FollowerMember, MemberID: m.ID,
			Subscribed: true, SubscribedAt: now, CreatedAt: now,
		}
		c := model.Conversation{
			ID: model.NewID(), AccountID: s.accountID, FollowerID: f.ID, MemberID: m.ID, StoreID: s.store, ClerkID: s.leaver.id,
			LastSeq: 1, Unread: 1, WaitingSince: now, RankAt: model.Rank(now, now), LastKind: model.KindText, LastText: "在吗",
			LastDirection: model.In, LastAt: now, CreatedAt: now,
		}
		members, followers = append(members, m), append(followers, f)
		bindings = append(bindings, model.Binding{
			ID: model.NewID(), AccountID: s.accountID, MemberID: m.ID, Seq: 1, StoreID: s.store, ClerkID: s.leaver.id, FromAt: now,
			ToAt: model.OpenEnd, How: model.HowImport, ByKind: model.BySystem,
		})
		messages = append(messages, model.Message{
			Shard: model.Shard(c.ID), ConversationID: c.ID, Seq: 1, ID: model.NewID(), AccountID: s.accountID, Direction: model.In,
			Kind: model.KindText, Text: "在吗", State: model.StateReceived, AuthorKind: model.ByMember, AuthorID: m.ID, At: now,
		})
		if i%7 == 0 {
			drafts = append(drafts, model.Draft{
				AccountID: s.accountID, ConversationID: c.ID, StaffID: s.leaver.id, MemberID: m.ID, Text: "我想说", Version: 1, UpdatedAt: now,
			})
		}
		if i%10 == 0 {
			todos = append(todos, model.Todo{
				ID: model.NewID(), AccountID: s.accountID, StaffID: s.leaver.id, MemberID: m.ID, Kind: "promise", Level: m.Level,
				DueAt: now + day.Milliseconds(), CreatedAt: now,
			})
		}
		if i%13 == 0 {
			c.LastSeq++
			reply := model.Message{
				Shard: model.Shard(c.ID), ConversationID: c.ID, Seq: 2, ID: model.NewID(), AccountID: s.accountID, Direction: model.Out,
				Kind: model.KindText, Text: "等你回来", State: model.StatePending, AuthorKind: model.ByStaff, AuthorID: s.leaver.id, At: now,
			}
			messages = append(messages, reply)
			deliveries = append(deliveries, model.Delivery{
				ID: model.NewID(), AccountID: s.accountID, FollowerID: f.ID, MemberID: m.ID, ConversationID: c.ID, MessageID: reply.ID,
				Purpose: model.PurposeReply, AuthorKind: model.ByStaff, AuthorID: s.leaver.id, Kind: model.KindText, Payload: "{}",
				State: model.StatePending, CreatedAt: now, UpdatedAt: now,
			})
		}
		conversations = append(conversations, c)
	}
	err := s.db.InTx(s.t.Context(), func(tx *database.Tx) error {
		const rows = 500
		for _, all := range []any{&members, &bindings, &followers, &conversations, &messages, &deliveries, &todos, &drafts} {
			if err := tx.CreateInBatches(all, rows).Error; err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(s.t, err)
	s.crowd = crowd{int64(n), int64(len(todos)), int64(len(drafts)), int64(len(deliveries))}
}

const day = 24 * time.Hour

// plan plans the next handover; mostly the clerk leaves by it.
func (s *siege) plan() {
	s.t.Helper()
	s.leaving = s.rng.IntN(4) > 0
	var to []string
	for _, r := range s.receivers {
		to = append(to, r.id)
	}
	plan := s.must(http.StatusCreated, "POST", "/api/handovers", s.owner, map[string]any{
		"from_clerk_id": s.leaver.id, "rule": map[string]any{"kind": "balanced", "to": to}, "leaving": s.leaving,
	})
	require.EqualValues(s.t, s.crowd.members, plan.get("preview", "members"))
	s.id = plan.str("id")
}

// row reads the handover.
func (s *siege) row() model.Handover {
	s.t.Helper()
	var h model.Handover
	require.NoError(s.t, s.db.Read(s.t.Context()).First(&h, "id = ?", s.id).Error)
	return h
}

// ask asks for the next step of the handover and tells when it was taken.
func (s *siege) ask(step string) {
	s.t.Helper()
	s.must(http.StatusAccepted, "POST", "/api/handovers/"+s.id+"/"+step, s.owner, nil)
}

// ends waits until the handover has come to a state by itself.
func (s *siege) ends(state string) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { h := s.row(); return h.State == state && h.Phase == model.PhaseDone }, demoPatience, 2*time.Millisecond,
		"the handover did not become %s: %+v\n%s", state, s.row(), s.worker.logs)
}

// reply lets the leaver write to a member more than WeChat lets him send at once.
func (s *siege) reply(phone int) {
	s.t.Helper()
	for n := range model.UserWindowSends + 2 {
		name := fmt.Sprintf("%d-%d", len(s.asked), n)
		a := s.must(http.StatusAccepted, "POST", "/api/conversations/"+s.chats[phone]+"/messages", s.leaver.token,
			map[string]string{"client_id": name, "kind": "text", "text": "答复 " + name})
		s.asked = append(s.asked, a.str("id"))
	}
}

// answered holds that every answer of the leaver reached its member once, or says that this is not known.
func (s *siege) answered() {
	s.t.Helper()
	var rows []model.Message
	require.Eventually(s.t, func() bool {
		rows = nil
		require.NoError(s.t, s.db.Read(s.t.Context()).Where("id IN ?", s.asked).Find(&rows).Error)
		for _, m := range rows {
			if m.State == model.StateQueued || m.State == model.StateSending {
				return false
			}
		}
		return true
	}, demoPatience, 50*time.Millisecond, "answers are still on their way")
	require.Len(s.t, rows, len(s.asked))
	got := map[string]int{}
	for _, p := range s.people {
		for _, text := range s.inbox(p) {
			got[text]++
		}
	}
	for _, m := range rows {
		switch m.State {
		case model.StateAccepted:
			require.Equal(s.t, 1, got[m.Text], "%s was accepted", m.Text)
		case model.StateUnknown:
			require.LessOrEqual(s.t, got[m.Text], 1, "%s is unknown", m.Text)
		default:
			require.Equal(s.t, model.StatePending, m.State, "%s: %s", m.Text, m.Reason)
			require.Zero(s.t, got[m.Text], "%s is pending", m.Text)
		}
	}
}
