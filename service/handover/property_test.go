package handover_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/account"
	"liuke/service/binding"
	"liuke/service/chat"
	"liuke/service/fault"
	"liuke/service/handover"
	"liuke/service/member"
	"liuke/service/worldtest"
	"liuke/wechat/simulator"
)

// sequencesVariable sets how many sequences are tried on each kind of database; unset, a few.
const sequencesVariable = "LIUKE_TEST_SEQUENCES"

// Whatever is scanned, claimed, assigned, merged, handed over, taken back and substituted in whatever order: a member
// has at most one open binding, his bindings have neither gap nor overlap while he has a clerk, his conversation and
// his row say the same as the open binding, and who owned him at any time can still be told.
func TestHandover_anySequenceKeepsBindingsSound(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			var hand ahead
			w := &world{World: worldtest.New(t, databasetest.Open(t, databasetest.Fresh(t, kind), hand.Now))}
			w.handover = w.room()
			left, failed := sequences(t, kind), false
			rapid.Check(t, func(r *rapid.T) {
				if left == 0 && !failed { // a failure is repeated as often as it takes to make it small
					return
				}
				left--
				defer func() { failed = failed || r.Failed() }()
				s := newStory(t, r, w, &hand)
				r.Repeat(s.acts())
				s.settles(r)
			})
		})
	}
}

// acts are what may happen.
func (s *story) acts() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"": s.holds, "scan": s.scan, "scan the store's code": s.scanStore, "follow": s.follow, "write down": s.writeDown,
		"claim": s.claim, "assign": s.assign, "answer": s.answer, "merge": s.merge, "take a merge back": s.unmerge,
		"plan by rule": s.planByRule, "plan by hand": s.planByHand, "plan anew": s.replan, "run": s.runOne, "undo": s.undoOne, "retry": s.retry,
		"hand over by rule": s.handOver(s.planByRule), "hand over by hand": s.handOver(s.planByHand), "take back": s.takeBack,
		"work": s.work, "substitute": s.substitute, "end a substitution": s.endSubstitute, "give notice": s.notice,
		"leave": s.leave, "come back": s.comeBack, "change the rule for second scans": s.secondScan, "let time pass": s.pass,
	}
}

func sequences(t *testing.T, kind string) int {
	t.Helper()
	few := map[string]int{database.SQLite: 20, database.MySQL: 5}[kind]
	n, err := strconv.Atoi(cmp.Or(os.Getenv(sequencesVariable), strconv.Itoa(few)))
	require.NoError(t, err)
	return n
}

// ahead is a clock that a story puts forward.
type ahead struct{ by atomic.Int64 }

func (a *ahead) Now() time.Time { return time.Now().Add(time.Duration(a.by.Load())) }

func (a *ahead) pass(d time.Duration) { a.by.Add(int64(d)) }

// story is one sequence, with stores, clerks and members of its own.
type story struct {
	*world

	t    *testing.T
	hand *ahead
	from string // all members of the story have later ids

	clerks    []access.Actor
	scenes    []string // of the clerks' codes
	store     string   // scene of the first store's code
	people    []simulator.Person
	follows   []bool
	merges    []string
	handovers []string
	subs      []string
	files     int
	said      int
	past      []moment
}

// moment is who owned whom when an act had ended.
type moment struct {
	at     int64
	owners map[string]string
}

func newStory(t *testing.T, r *rapid.T, w *world, hand *ahead) *story {
	t.Helper()
	s := &story{world: w, t: t, hand: hand, from: model.NewID()}
	for n, store := range []string{s.newStore(), s.newStore()} {
		for range 2 - n {
			s.hire(store)
		}
	}
	for _, c := range s.clerks {
		s.scenes = append(s.scenes, s.Code(t, c, binding.Mint{Kind: model.CodeClerk}).Scene)
	}
	s.store = s.Code(t, s.clerks[0], binding.Mint{Kind: model.CodeStore, StoreID: s.clerks[0].StoreID}).Scene
	for n := range 3 {
		s.people = append(s.people, s.Person("客人"+strconv.Itoa(n)))
	}
	s.follows = make([]bool, len(s.people))
	s.secondScan(r)
	for range s.people {
		s.scan(r)
		s.writeDown(r)
	}
	return s
}

func (s *story) newStore() string {
	s.t.Helper()
	row := model.Store{ID: model.NewID(), AccountID: s.Account.ID, Name: "店", TimeZone: "Asia/Shanghai"}
	row.Code = row.ID
	s.insert(&row)
	return row.ID
}

// hire adds a clerk by his rows: the hash of a password would take longest of all.
func (s *story) hire(store string) {
	s.t.Helper()
	p := model.Staff{
		ID: model.NewID(), AccountID: s.Account.ID, Name: "店员", Role: model.RoleClerk, StoreID: store, Active: true,
		SeenAt: s.DB.Now().UnixMilli(),
	}
	p.PhoneHash = p.ID
	s.insert(&p, &model.Assignment{ID: model.NewID(), AccountID: p.AccountID, StaffID: p.ID, Role: p.Role, StoreID: store})
	s.clerks = append(s.clerks, access.Actor{
		Kind: model.ByStaff, AccountID: p.AccountID, StaffID: p.ID, Name: p.Name, Role: p.Role, StoreID: store,
	})
}

func (s *story) insert(rows ...any) {
	s.t.Helper()
	require.NoError(s.t, s.DB.InTx(s.t.Context(), func(tx *database.Tx) error {
		for _, row := range rows {
			if err := tx.Create(row).Error; err != nil {
				return err
			}
		}
		return nil
	}))
}

// refused lets pass what the room forbids on purpose, and nothing else. It reports whether the act was done.
func (s *story) refused(r *rapid.T, err error) (refused bool) {
	r.Helper()
	if err != nil {
		require.NotNil(r, fault.Of(err), "%v", err)
	}
	return err != nil
}

func one[T any](r *rapid.T, name string, of []T) T {
	r.Helper()
	if len(of) == 0 {
		r.Skip()
	}
	return of[rapid.IntRange(0, len(of)-1).Draw(r, name)]
}

func (s *story) active(id string) bool {
	s.t.Helper()
	var n int64
	require.NoError(s.t, s.DB.Read(s.t.Context()).Model(&model.Staff{}).Where("id = ? AND active = ?", id, true).Count(&n).Error)
	return n == 1
}

func (s *story) scan(r *rapid.T) {
	n := rapid.IntRange(0, len(s.people)-1).Draw(r, "who")
	s.Scan(s.t, s.people[n], one(r, "code", s.scenes))
	s.follows[n] = true
}

func (s *story) scanStore(r *rapid.T) {
	n := rapid.IntRange(0, len(s.people)-1).Draw(r, "who")
	s.Scan(s.t, s.people[n], s.store)
	s.follows[n] = true
}

func (s *story) follow(r *rapid.T) {
	n := rapid.IntRange(0, len(s.people)-1).Draw(r, "who")
	if s.follows[n] {
		r.Skip()
	}
	s.Follow(s.t, s.people[n])
	s.follows[n] = true
}

func (s *story) writeDown(r *rapid.T) {
	clerk := one(r, "clerk", s.clerks)
	if !s.active(clerk.StaffID) {
		r.Skip()
	}
	s.files++
	_, err := s.Members.Create(s.t.Context(), clerk, member.Create{Name: fmt.Sprintf("会员%d", s.files)})
	require.NoError(r, err)
}

// talks are the conversations of the story.
func (s *story) talks() []model.Conversation {
	s.t.Helper()
	var rows []model.Conversation
	require.NoError(s.t, s.DB.Read(s.t.Context()).Where("account_id = ? AND id > ?", s.Account.ID, s.from).Order("id").Find(&rows).Error)
	return rows
}

// all are all members of the story, merged ones too.
func (s *story) all() []model.Member {
	s.t.Helper()
	var rows []model.Member
	require.NoError(s.t, s.DB.Read(s.t.Context()).Where("account_id = ? AND id > ?", s.Account.ID, s.from).Order("id").Find(&rows).Error)
	return rows
}

func (s *story) claim(r *rapid.T) {
	talks := slices.DeleteFunc(s.talks(), func(c model.Conversation) bool { return c.ClerkID != "" })
	talk, clerk := one(r, "conversation", talks), one(r, "clerk", s.clerks)
	if !s.active(clerk.StaffID) {
		r.Skip()
	}
	if talk.StoreID == "" {
		clerk.Role = model.RoleManager // managers claim what has no store
	}
	_, err := s.Chat.Claim(s.t.Context(), clerk, talk.ID)
	s.refused(r, err)
}

func (s *story) assign(r *rapid.T) {
	_, err := s.Chat.Assign(s.t.Context(), s.Owner, one(r, "conversation", s.talks()).ID, one(r, "clerk", s.clerks).StaffID)
	s.refused(r, err)
}

// answer lets the clerk of a conversation write, so that an undo leaves the member where he is.
func (s *story) answer(r *rapid.T) {
	talks := slices.DeleteFunc(s.talks(), func(c model.Conversation) bool { return c.ClerkID == "" || !s.active(c.ClerkID) })
	talk := one(r, "conversation", talks)
	clerk := s.clerks[slices.IndexFunc(s.clerks, func(a access.Actor) bool { return a.StaffID == talk.ClerkID })]
	s.said++
	_, err := s.Chat.Send(s.t.Context(), clerk, talk.ID, chat.Write{ClientID: strconv.Itoa(s.said), Kind: model.KindText, Text: "答复"})
	s.refused(r, err)
}

func (s *story) merge(r *rapid.T) {
	all := s.all()
	m, err := s.Members.Merge(s.t.Context(), s.Owner, one(r, "from", all).ID, one(r, "into", all).ID, false)
	if !s.refused(r, err) {
		s.merges = append(s.merges, m.ID)
	}
}

func (s *story) unmerge(r *rapid.T) {
	_, err := s.Members.Unmerge(s.t.Context(), s.Owner, one(r, "merge", s.merges))
	s.refused(r, err)
}

func (s *story) secondScan(r *rapid.T) {
	rule := rapid.SampledFrom([]string{model.SecondScanKeep, model.SecondScanChange, model.SecondScanAsk}).Draw(r, "rule")
	_, err := s.Accounts.Update(s.t.Context(), s.Owner, account.Update{SecondScan: &rule})
	require.NoError(r, err)
}

// giver draws a clerk who has members.
func (s *story) giver(r *rapid.T) string {
	return one(r, "from", slices.DeleteFunc(s.all(), func(m model.Member) bool { return m.ClerkID == "" })).ClerkID
}

// others draws who gets members of a clerk.
func (s *story) others(r *rapid.T, from string) []string {
	to := []string{one(r, "to", s.clerks).StaffID}
	for _, c := range s.clerks {
		if c.StaffID != from && c.StaffID != to[0] && rapid.Bool().Draw(r, "receives") {
			to = append(to, c.StaffID)
		}
	}
	return to
}

// handOver plans and runs without anything in between.
func (s *story) handOver(plan func(*rapid.T)) func(*rapid.T) {
	return func(r *rapid.T) {
		before := len(s.handovers)
		if plan(r); len(s.handovers) == before {
			return
		}
		_, err := s.handover.Run(s.t.Context(), s.Owner, s.handovers[before])
		require.NoError(r, err)
		s.work(r)
	}
}

// takeBack takes back one that has been run.
func (s *story) takeBack(r *rapid.T) {
	done := slices.DeleteFunc(slices.Clone(s.handovers), func(id string) bool { return s.state(s.t, id).State != model.HandoverDone })
	_, err := s.handover.Undo(s.t.Context(), s.Owner, one(r, "handover", done))
	if !s.refused(r, err) {
		s.work(r)
	}
}

func (s *story) planByRule(r *rapid.T) {
	from := s.giver(r)
	in := handover.Plan{
		FromClerkID: from, Leaving: rapid.Bool().Draw(r, "leaving"),
		Kind: rapid.SampledFrom([]string{model.HandoverMove, model.HandoverStart}).Draw(r, "kind"),
		Rule: &handover.Rule{Kind: "balanced", To: s.others(r, from), ServedBefore: rapid.Bool().Draw(r, "served before")},
	}
	if !in.Leaving {
		in.Rule.Count = rapid.IntRange(0, 2).Draw(r, "count")
	}
	s.planned(r, in)
}

func (s *story) planByHand(r *rapid.T) {
	from := s.giver(r)
	in := handover.Plan{FromClerkID: from, Leaving: rapid.Bool().Draw(r, "leaving")}
	for _, m := range s.all() {
		if m.ClerkID == from && rapid.Bool().Draw(r, "moves") {
			in.Moves = append(in.Moves, handover.ByHand{MemberID: m.ID, ToClerkID: one(r, "to", s.clerks).StaffID})
		}
	}
	s.planned(r, in)
}

func (s *story) planned(r *rapid.T, in handover.Plan) {
	p, err := s.handover.Plan(s.t.Context(), s.Owner, in)
	if !s.refused(r, err) {
		s.handovers = append(s.handovers, p.Handover.ID)
	}
}

func (s *story) replan(r *rapid.T) {
	_, err := s.handover.Replan(s.t.Context(), s.Owner, one(r, "handover", s.handovers))
	s.refused(r, err)
}

func (s *story) retry(r *rapid.T) {
	p, err := s.handover.Retry(s.t.Context(), s.Owner, one(r, "handover", s.handovers), nil)
	if !s.refused(r, err) {
		s.handovers = append(s.handovers, p.Handover.ID)
	}
}

func (s *story) runOne(r *rapid.T) {
	_, err := s.handover.Run(s.t.Context(), s.Owner, one(r, "handover", s.handovers))
	if !s.refused(r, err) && rapid.Bool().Draw(r, "at once") {
		s.work(r)
	}
}

func (s *story) undoOne(r *rapid.T) {
	_, err := s.handover.Undo(s.t.Context(), s.Owner, one(r, "handover", s.handovers))
	if !s.refused(r, err) && rapid.Bool().Draw(r, "at once") {
		s.work(r)
	}
}

func (s *story) work(r *rapid.T) { require.NoError(r, s.handover.Work(s.t.Context())) }

func (s *story) substitute(r *rapid.T) {
	now := s.DB.Now()
	from := now.Add(time.Duration(rapid.IntRange(0, 2).Draw(r, "in hours")) * time.Hour)
	sub, err := s.handover.Substitute(s.t.Context(), s.Owner, handover.StandIn{
		ClerkID: one(r, "clerk", s.clerks).StaffID, SubstituteID: one(r, "substitute", s.clerks).StaffID,
		From: from, To: from.Add(time.Duration(rapid.IntRange(1, 3).Draw(r, "hours")) * time.Hour),
	})
	if !s.refused(r, err) {
		s.subs = append(s.subs, sub.ID)
	}
}

func (s *story) endSubstitute(r *rapid.T) {
	require.NoError(r, s.handover.EndSubstitute(s.t.Context(), s.Owner, one(r, "substitution", s.subs)))
}

func (s *story) notice(r *rapid.T) {
	clerk := one(r, "clerk", s.clerks).StaffID
	if rapid.Bool().Draw(r, "takes it back") {
		_, err := s.handover.EndLeaving(s.t.Context(), s.Owner, clerk)
		s.refused(r, err)
		return
	}
	_, err := s.handover.SetLeaving(s.t.Context(), s.Owner, clerk, s.DB.Now().Add(day))
	s.refused(r, err)
}

const day = 24 * time.Hour

func (s *story) leave(r *rapid.T) {
	s.refused(r, s.Staff.Deactivate(s.t.Context(), s.Owner, one(r, "clerk", s.clerks).StaffID))
}

func (s *story) comeBack(r *rapid.T) {
	s.refused(r, s.Staff.Reactivate(s.t.Context(), s.Owner, one(r, "clerk", s.clerks).StaffID))
}

func (s *story) pass(r *rapid.T) {
	s.hand.pass(time.Duration(rapid.IntRange(1, 90).Draw(r, "minutes")) * time.Minute)
}

// holds looks at every member of the story, and notes who owns whom.
func (s *story) holds(r *rapid.T) {
	members := s.all()
	of := s.bindings()
	now := moment{at: s.DB.Now().UnixMilli(), owners: map[string]string{}}
	s.hand.pass(time.Millisecond) // what comes next is later
	places := map[string][2]string{}
	for _, m := range members {
		now.owners[m.ID], places[m.ID] = m.ClerkID, [2]string{m.StoreID, m.ClerkID}
	}
	s.past = append(s.past, now)
	for _, m := range members {
		s.sound(r, m, of[m.ID])
	}
	for _, c := range s.talks() {
		require.Equal(r, [2]string{c.StoreID, c.ClerkID}, places[c.MemberID], "the conversation is where its member is")
	}
}

// span is a binding as far as its dates go; to is far away while it is open.
type span struct {
	ID, MemberID, StoreID, ClerkID string
	FromAt, ToAt                   int64
}

const far = int64(1) << 50

// bindings reads those of the story, the oldest first.
func (s *story) bindings() map[string][]span {
	s.t.Helper()
	var rows []span
	require.NoError(s.t, s.DB.Read(s.t.Context()).Model(&model.Binding{}).
		Select("id, member_id, store_id, clerk_id, from_at, COALESCE(to_at, ?) AS to_at", far).
		Where("account_id = ? AND member_id > ?", s.Account.ID, s.from).Order("from_at, id").Scan(&rows).Error)
	of := map[string][]span{}
	for _, b := range rows {
		of[b.MemberID] = append(of[b.MemberID], b)
	}
	return of
}

// sound holds what must be true of one member's bindings.
func (s *story) sound(r *rapid.T, m model.Member, rows []span) {
	open := 0
	for i, b := range rows {
		if b.ToAt >= far {
			open++
			require.Equal(r, [2]string{m.StoreID, m.ClerkID}, [2]string{b.StoreID, b.ClerkID}, "the open binding is the owner")
			require.Equal(r, m.BoundAt, b.FromAt)
			require.Equal(r, len(rows)-1, i, "the open binding is the last")
			continue
		}
		require.LessOrEqual(r, b.FromAt, b.ToAt)
		if i+1 == len(rows) || b.ToAt == rows[i+1].FromAt {
			continue
		}
		require.Less(r, b.ToAt, rows[i+1].FromAt, "no overlap")
		require.True(r, slices.ContainsFunc(s.past, func(p moment) bool {
			return p.at >= b.ToAt && p.at < rows[i+1].FromAt && p.owners[m.ID] == ""
		}), "no gap while he had a clerk")
	}
	want := 0
	if m.ClerkID != "" {
		want = 1
		require.Empty(r, m.MergedInto, "who was merged belongs to nobody")
	}
	require.Equal(r, want, open, "open bindings")
}

// settles lets what was asked for be done, and looks back over the whole story.
func (s *story) settles(r *rapid.T) {
	ctx := s.t.Context()
	s.work(r)
	require.NoError(r, s.handover.KeepSubstitutes(ctx))
	s.holds(r)
	s.remembers(r)
	s.substitutesServe(r)
	for _, id := range s.handovers {
		s.adds(r, s.state(s.t, id))
	}
}

// remembers holds that who owned a member at any moment can still be told (E14).
func (s *story) remembers(r *rapid.T) {
	of, last := s.bindings(), map[string]string{}
	members := s.all()
	for _, p := range s.past {
		for _, m := range members {
			owner, there := p.owners[m.ID]
			told := ""
			for _, b := range of[m.ID] {
				if b.FromAt <= p.at && p.at < b.ToAt {
					require.Empty(r, told, "one owner at a time")
					told = b.ClerkID
				}
			}
			require.Equal(r, owner, told)
			owners := p.of(members, m.ID)
			if !there || m.MergedInto != "" || owners[0] == last[m.ID] {
				continue
			}
			last[m.ID] = owners[0]
			b, err := s.handover.OwnerAt(s.t.Context(), s.Owner, m.ID, p.at)
			require.NoError(r, err)
			require.Contains(r, owners, b.ClerkID)
		}
	}
}

// of tells who may be named as the owner of a member at that moment: his own, or if he had none those of the members who
// have been merged into him since; "" if none of them had one either.
func (p moment) of(members []model.Member, id string) []string {
	for ids := []string{id}; len(ids) > 0; {
		var owners, into []string
		for _, m := range members {
			if slices.Contains(ids, m.ID) && p.owners[m.ID] != "" {
				owners = append(owners, p.owners[m.ID])
			}
			if m.MergedInto != "" && slices.Contains(ids, m.MergedInto) {
				into = append(into, m.ID)
			}
		}
		if len(owners) > 0 {
			return owners
		}
		ids = into
	}
	return []string{""}
}

// substitutesServe holds that a substitution opens the clerk's members of today and no others.
func (s *story) substitutesServe(r *rapid.T) {
	now := s.DB.Now().UnixMilli()
	for _, id := range s.subs {
		var sub model.Substitute
		require.NoError(r, s.DB.Read(s.t.Context()).First(&sub, "id = ?", id).Error)
		var served, want []string
		require.NoError(r, s.DB.Read(s.t.Context()).Model(&model.Access{}).
			Where("staff_id = ? AND source_id = ? AND to_at > ?", sub.SubstituteID, sub.ID, now).Order("member_id").Pluck("member_id", &served).Error)
		if sub.EndedAt == 0 && sub.ToAt > now {
			require.NoError(r, s.DB.Read(s.t.Context()).Model(&model.Member{}).
				Where("account_id = ? AND clerk_id = ? AND merged_into = ''", s.Account.ID, sub.ClerkID).Order("id").Pluck("id", &want).Error)
		}
		require.ElementsMatch(r, want, served)
	}
}

// adds holds that the figures of a handover add up and agree with its receipt.
func (s *story) adds(r *rapid.T, h model.Handover) {
	results := map[string]int64{}
	for _, m := range s.moves(s.t, h.ID) {
		results[m.Result]++
	}
	switch h.State {
	case model.HandoverDone:
		require.Equal(r, h.Total, h.Moved+h.Skipped+h.Failed)
		require.Equal(r, h.Moved, results[model.MoveMoved])
	case model.HandoverUndone:
		require.Equal(r, h.Moved, h.Undone+h.Stayed)
		require.Equal(r, h.Undone, results[model.MoveUndone])
		require.Equal(r, h.Stayed, results[model.MoveStays])
	default:
		require.Contains(r, []string{model.HandoverPlanned, model.HandoverFailed}, h.State, "nothing is left half way")
		require.Zero(r, h.Moved)
	}
}
