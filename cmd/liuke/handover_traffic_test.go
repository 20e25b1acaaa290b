package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/wechat/simulator"
)

// ear listens to one person's feed, breaks off, and goes on elsewhere where it stopped.
type ear struct {
	mu    sync.Mutex
	heard []event
	feed  *sse
	done  chan struct{}
}

// listen goes on at an instance after the last event heard.
func (e *ear) listen(i *instance, token string) {
	e.stop()
	last := ""
	if heard := e.events(); len(heard) > 0 {
		last = heard[len(heard)-1].id
	}
	e.feed, e.done = i.feed(token, last), make(chan struct{})
	go func() {
		defer close(e.done)
		for got := range e.feed.events {
			e.mu.Lock()
			e.heard = append(e.heard, got)
			e.mu.Unlock()
		}
	}()
}

// stop breaks off; what has come is kept.
func (e *ear) stop() {
	if e.feed != nil {
		e.feed.close()
		<-e.done
	}
}

func (e *ear) events() []event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]event(nil), e.heard...)
}

// two starts a second instance beside the first, and a balancer before both that takes WeChat's pushes. On SQLite only
// one process may do the work.
func (w *running) two(t *testing.T) *instance {
	t.Helper()
	role := roleAll
	if w.kind == database.SQLite {
		role = roleAPI
	}
	other := w.start(t, role)
	w.callback(t, newBalancer(t, w.instance, other).url)
	return other
}

// rows reads the events of one person's stream from the database.
func (w *running) rows(t *testing.T, staffID string) []model.FeedEvent {
	t.Helper()
	var rows []model.FeedEvent
	require.NoError(t, w.app.db.Read(t.Context()).Where("stream = ?", "staff:"+staffID).Order("seq").Find(&rows).Error)
	return rows
}

// after gives the rows behind the first that fits.
func after(t *testing.T, rows []model.FeedEvent, fits func(model.FeedEvent) bool) []model.FeedEvent {
	t.Helper()
	for n, r := range rows {
		if fits(r) {
			return rows[n+1:]
		}
	}
	require.Fail(t, "the event that marks the change is not there")
	return nil
}

// Members write without a pause, to either of two instances, while their clerk is handed over, taken back and handed
// over for good: every push is accepted, every message is in its conversation once and in order, each is shown to one
// clerk, the old one hears nothing after the commit, the new one misses nothing, and his printed code leads to her.
func TestHandover_underTrafficShowsEachMessageToOneClerk(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		other := w.two(t)
		store := w.addStore("一店")
		old := w.addStaff(model.RoleClerk, "小王", store)
		fresh := []person{w.addStaff(model.RoleClerk, "小李", store), w.addStaff(model.RoleClerk, "小张", store)}
		scene := w.must(http.StatusCreated, "POST", "/api/codes", old.token, map[string]string{"kind": "clerk"}).str("scene")
		all := &talkers{}
		all.join(t, w, scene, 6)
		all.find(t, w.app.db)
		ears := map[string]*ear{old.id: {}, fresh[0].id: {}, fresh[1].id: {}}
		ears[old.id].listen(other, old.token)
		move := func(n int, i *instance) {
			for k, p := range fresh {
				ears[p.id].listen([]*instance{w.instance, other}[(n+k)%2], p.token)
			}
			all.pause(t, i)
		}
		plan := func(leaving bool) string {
			return w.must(http.StatusCreated, "POST", "/api/handovers", w.owner, map[string]any{
				"from_clerk_id": old.id, "leaving": leaving, "rule": map[string]any{"kind": "balanced", "to": []string{fresh[0].id, fresh[1].id}},
			}).str("id")
		}

		stop := all.chatter(t, 15*time.Millisecond)
		defer stop()
		move(0, w.instance)
		trial := plan(false)
		other.must(http.StatusAccepted, "POST", "/api/handovers/"+trial+"/run", w.owner, nil)
		w.reaches(w.owner, trial, "done")
		move(1, w.instance)
		w.must(http.StatusAccepted, "POST", "/api/handovers/"+trial+"/undo", w.owner, nil)
		other.reaches(w.owner, trial, "undone")
		move(2, w.instance)
		last := plan(true)
		all.join(t, w, scene, 2) // after the plan, before the run
		w.must(http.StatusAccepted, "POST", "/api/handovers/"+last+"/run", w.owner, nil)
		all.join(t, w, scene, 3) // during the run
		other.reaches(w.owner, last, "done")
		all.join(t, w, scene, 2) // after it
		move(3, w.instance)
		move(4, w.instance)
		stop()

		w.settle()
		all.find(t, w.app.db)
		all.arrives(t, w.app.db)
		var his int64
		eventually(t, func() bool {
			require.NoError(t, w.app.db.Read(t.Context()).Model(&model.Member{}).Where("clerk_id = ?", old.id).Count(&his).Error)
			return his == 0
		}, "nobody is left with who left")
		w.must(http.StatusUnauthorized, "GET", "/api/me", old.token, nil)
		all.inHistory(t, w, fresh)

		told := map[string]int{} // message id -> clerks it was told to
		for id := range ears {
			for _, r := range w.rows(t, id) {
				if r.Kind == "message" {
					told[messageIn(r.Data)]++
				}
			}
		}
		var messages []model.Message
		require.NoError(t, w.app.db.Read(t.Context()).Where("conversation_id IN ?", all.chats).Find(&messages).Error)
		for _, m := range messages {
			require.Equal(t, 1, told[m.ID], "each message was told to one clerk: %+v", m)
		}

		// The old clerk: nothing of the members between the commit of the run and that of the undo, nothing after the end.
		is := func(r model.FeedEvent, kind, handover, state string) bool {
			return r.Kind == kind && strings.Contains(r.Data, handover) && strings.Contains(r.Data, `"state":"`+state+`"`)
		}
		first := w.handover(t, trial)
		rest := after(t, w.rows(t, old.id), func(r model.FeedEvent) bool { return r.Kind == "scope" && r.At == first.DoneAt })
		for n, r := range rest {
			if is(r, "handover", trial, "undone") {
				rest = rest[:n]
				break
			}
		}
		require.Less(t, len(rest), 5, "only what concerns himself")
		for _, r := range rest {
			require.Empty(t, r.MemberID, "%s %s", r.Kind, r.Data)
		}
		end, planned := w.handover(t, last), []string{}
		require.NoError(t, w.app.db.Read(t.Context()).Model(&model.Move{}).Where("handover_id = ? AND why <> ?", last, model.WhyLate).
			Pluck("member_id", &planned).Error)
		require.Len(t, planned, 6)
		for _, r := range after(t, w.rows(t, old.id), func(r model.FeedEvent) bool { return r.Kind == "scope" && r.At == end.DoneAt }) {
			// A scan that saw him serve just before binds a stray to him; the loop brings her along.
			require.NotContains(t, planned, r.MemberID, "%s %s", r.Kind, r.Data)
		}
		require.NotEmpty(t, ears[old.id].events())
		<-ears[old.id].done // ended by the server

		// The new clerks: every message that became theirs by the last handover, once, across all breaks.
		for _, p := range fresh {
			var want, heard []string
			for _, r := range after(t, w.rows(t, p.id), func(r model.FeedEvent) bool { return is(r, "handover", last, "done") }) {
				if r.Kind == "message" {
					want = append(want, messageIn(r.Data))
				}
			}
			require.NotEmpty(t, want)
			eventually(t, func() bool {
				heard = nil
				begun := false
				for _, e := range ears[p.id].events() {
					switch {
					case e.kind == "handover" && strings.Contains(e.data, last) && strings.Contains(e.data, `"state":"done"`):
						begun = true
					case e.kind == "message" && begun:
						heard = append(heard, messageIn(e.data))
					}
				}
				return len(heard) >= len(want)
			}, "the feed tells everything")
			require.Equal(t, want, heard)
		}
		for _, p := range all.people {
			require.NotContains(t, w.inbox(p), simulator.UnavailableNotice)
		}
		for _, p := range w.sim.Pushes() {
			require.True(t, p.Delivered)
			require.NotContains(t, []string{"status", "bad_answer", "refused"}, p.Tries[0].Result, "answered as ever")
		}
	})
}

func (w *running) handover(t *testing.T, id string) model.Handover {
	t.Helper()
	var h model.Handover
	require.NoError(t, w.app.db.Read(t.Context()).First(&h, "id = ?", id).Error)
	return h
}

// messageIn reads the message's id out of an event's data; "" if it has none.
func messageIn(data string) string {
	_, rest, _ := strings.Cut(data, `"message_id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

// pause waits until each of those who write has got some further.
func (s *talkers) pause(t *testing.T, i *instance) {
	t.Helper()
	count := func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		n := 0
		for _, texts := range s.written {
			n += len(texts)
		}
		return n
	}
	goal := count() + 3*len(s.people)
	eventually(t, func() bool { return count() >= goal }, "they write on")
	i.must(200, "GET", "/healthz", "", nil)
}

// inHistory holds that the clerk of a member sees everything he ever wrote, and nobody else sees anything of him.
func (s *talkers) inHistory(t *testing.T, w *running, clerks []person) {
	t.Helper()
	for n, chat := range s.chats {
		seen := 0
		for _, p := range clerks {
			var texts []string
			for cursor := ""; ; {
				page := w.do("GET", "/api/conversations/"+chat+"/messages?limit=100&cursor="+cursor, p.token, nil)
				if page.status == http.StatusNotFound {
					break
				}
				require.Equal(t, 200, page.status)
				for k := range page.items() {
					if page.str("items", k, "kind") == model.KindText && page.str("items", k, "direction") == model.In {
						texts = append(texts, page.str("items", k, "text"))
					}
				}
				if cursor = page.str("next"); cursor == "" {
					seen++
					require.ElementsMatch(t, s.written[n], texts)
					break
				}
			}
		}
		require.Equal(t, 1, seen, "one clerk sees the conversation")
	}
}

// Two managers ask at the same moment, each on another instance, for handovers that overlap: every member goes to one,
// and who came second reads in his receipt why he did not get the others.
func TestHandover_ofOverlappingSetsAtOnceHasOneWinnerForEachMember(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		other := w.two(t)
		store := w.addStore("一店")
		from := w.addStaff(model.RoleClerk, "小王", store)
		to := []person{w.addStaff(model.RoleClerk, "小李", store), w.addStaff(model.RoleClerk, "小张", store)}
		managers := []person{w.addStaff(model.RoleManager, "店长", store), w.addStaff(model.RoleManager, "副店长", store)}
		var members []string
		for n := range 6 {
			body := map[string]string{"name": fmt.Sprintf("会员%d", n), "phone": fmt.Sprintf("1370000000%d", n)}
			members = append(members, w.must(http.StatusCreated, "POST", "/api/members", from.token, body).str("id"))
		}
		var plans []string
		for n, set := range [][]string{members[:4], members[2:]} {
			var moves []map[string]string
			for _, id := range set {
				moves = append(moves, map[string]string{"member_id": id, "to_clerk_id": to[n].id})
			}
			body := map[string]any{"from_clerk_id": from.id, "moves": moves, "leaving": false}
			plans = append(plans, w.must(http.StatusCreated, "POST", "/api/handovers", managers[n].token, body).str("id"))
		}
		w.atOnce(other, managers, plans)
		won := map[string][]string{}
		skipped := 0
		for n, id := range plans {
			other.reaches(managers[n].token, id, "done")
			moves := w.must(200, "GET", "/api/handovers/"+id+"/moves", managers[n].token, nil)
			for k := range moves.items() {
				member := moves.str("items", k, "member_id")
				if moves.str("items", k, "result") == model.MoveMoved {
					won[member] = append(won[member], to[n].id)
					continue
				}
				skipped++
				require.Equal(t, model.MoveSkipped, moves.str("items", k, "result"))
				require.Equal(t, "rebound", moves.str("items", k, "reason"))
			}
		}
		require.Equal(t, 2, skipped)
		for _, id := range members {
			require.Len(t, won[id], 1)
			require.Equal(t, won[id][0], w.must(200, "GET", "/api/members/"+id, w.owner, nil).str("clerk_id"))
			require.Len(t, w.must(200, "GET", "/api/members/"+id+"/bindings", w.owner, nil).items(), 2)
		}
	})
}

// atOnce lets each manager run his plan, each on another instance.
func (w *running) atOnce(other *instance, managers []person, plans []string) []answer {
	var wg sync.WaitGroup
	answers := make([]answer, len(plans))
	for n, i := range []*instance{w.instance, other} {
		wg.Go(func() { answers[n] = i.do("POST", "/api/handovers/"+plans[n]+"/run", managers[n].token, nil) })
	}
	wg.Wait()
	return answers
}

// The same for a leaver: one of the two carries it out, the other is refused with the reason, and his heirs are hers.
func TestHandover_ofALeaverTwiceAtOnceHasOneWinner(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		other := w.two(t)
		store := w.addStore("一店")
		from := w.addStaff(model.RoleClerk, "小王", store)
		to := []person{w.addStaff(model.RoleClerk, "小李", store), w.addStaff(model.RoleClerk, "小张", store)}
		managers := []person{w.addStaff(model.RoleManager, "店长", store), w.addStaff(model.RoleManager, "副店长", store)}
		scene := w.must(http.StatusCreated, "POST", "/api/codes", from.token, map[string]string{"kind": "clerk"}).str("scene")
		all := &talkers{}
		all.join(t, w, scene, 3)
		all.find(t, w.app.db)
		var plans []string
		for n := range managers {
			plans = append(plans, w.must(http.StatusCreated, "POST", "/api/handovers", managers[n].token, map[string]any{
				"from_clerk_id": from.id, "rule": map[string]any{"kind": "balanced", "to": []string{to[n].id}}, "leaving": true,
			}).str("id"))
		}
		answers := w.atOnce(other, managers, plans)
		var rows []model.Handover
		eventually(t, func() bool {
			rows = []model.Handover{w.handover(t, plans[0]), w.handover(t, plans[1])}
			return rows[0].State != model.HandoverRunning && rows[1].State != model.HandoverRunning
		}, "both have ended")
		winner := 0
		if rows[1].State == model.HandoverDone {
			winner = 1
		}
		loser := rows[1-winner]
		require.Equal(t, model.HandoverDone, rows[winner].State)
		require.EqualValues(t, 3, rows[winner].Moved)
		switch loser.State {
		case model.HandoverPlanned:
			require.Equal(t, "plan_outdated", answers[1-winner].str("reason"))
		default:
			require.Equal(t, model.HandoverFailed, loser.State)
			require.NotEmpty(t, loser.Reason)
		}
		all.join(t, w, scene, 2)
		all.find(t, w.app.db)
		var owners []string
		require.NoError(t, w.app.db.Read(t.Context()).Model(&model.Conversation{}).Where("id IN ?", all.chats).Distinct().Pluck("clerk_id", &owners).Error)
		require.Equal(t, []string{to[winner].id}, owners)
	})
}
