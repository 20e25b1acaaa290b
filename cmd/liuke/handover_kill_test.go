package main

import (
	"cmp"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
)

// How often the process that does the work is killed on each kind of database, and the seed of when. Unset, there are a
// few kills of a small handover; set to fullKills or more, the handover is large, leases run out by themselves, and the
// test fails when no kill hit the inside of a transaction.
const (
	killsVariable = "LIUKE_TEST_KILLS"
	seedVariable  = "LIUKE_TEST_SEED"

	fewKills, fullKills    = 3, 10
	fewMembers, allMembers = 400, 4000
)

// Where a kill hit.
const (
	beforeIt = "before it began"
	insideIt = "inside the transaction"
	afterIt  = "after the commit"
)

func number64(t *testing.T, variable string, otherwise uint64) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(cmp.Or(os.Getenv(variable), strconv.FormatUint(otherwise, 10)), 10, 64)
	require.NoError(t, err, variable)
	return n
}

// Wherever a process is killed while it runs a handover or takes it back, everything has moved or nothing, another
// goes on by itself, and nothing that members or the clerk wrote is lost or doubled.
func TestHandover_survivesKillsOfTheProcessThatRunsIt(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			kills, seed := number64(t, killsVariable, fewKills), number64(t, seedVariable, 1)
			full, members := kills >= fullKills, fewMembers
			if full {
				members = allMembers
			}
			s := besiege(t, kind, members, rand.New(rand.NewPCG(seed, uint64(len(kind)))))
			lasts := s.undisturbed()
			hits := map[string]map[string]int{"run": {}, "undo": {}}
			for n := range kills {
				step, end := "run", model.HandoverDone
				if moved(s.row()) {
					step, end = "undo", model.HandoverUndone
				}
				s.ready(step)
				stop := s.chatter(t, 50*time.Millisecond)
				s.ask(step)
				hits[step][s.strike(lasts, n%3 > 0)]++
				s.sound()
				s.worker = s.spawn(t, roleAll)
				s.pushes.to(t, s.front.instance, s.worker.instance)
				if !full {
					s.leasesRunOut()
				}
				s.ends(end)
				stop()
				s.sound()
				s.doors()
			}
			s.arrives(t, s.db)
			s.answered()
			t.Logf("seed %d, %d members; a step lasts %s; runs were hit %v, undoes %v", seed, s.crowd.members, lasts, hits["run"], hits["undo"])
			if full {
				require.Positive(t, hits["run"][insideIt], "no run was hit inside its transaction")
				require.Positive(t, hits["undo"][insideIt], "no undo was hit inside its transaction")
			}
		})
	}
}

// undisturbed runs a handover and takes it back, and tells how long the quicker transaction took.
func (s *siege) undisturbed() time.Duration {
	s.t.Helper()
	shortest := time.Minute
	for _, step := range [][2]string{{"run", model.HandoverDone}, {"undo", model.HandoverUndone}} {
		s.ready(step[0])
		s.ask(step[0])
		s.begun()
		began := time.Now()
		s.ends(step[1])
		shortest = min(shortest, time.Since(began))
		s.sound()
	}
	return shortest
}

// ready prepares a step: before a run the clerk, who is there, writes and the handover is planned.
func (s *siege) ready(step string) {
	s.t.Helper()
	if step != "run" {
		return
	}
	s.leaver.token = s.signIn(s.leaver.phone, s.leaver.password)
	s.reply(s.rng.IntN(len(s.people)))
	s.plan()
}

// begun waits until the work on a step is under way, or over.
func (s *siege) begun() {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return s.row().Phase != model.PhaseWaiting }, demoPatience, time.Millisecond, "the work did not begin")
}

// strike kills the worker at a random time and tells where it hit. With aim it waits until the work is under way.
func (s *siege) strike(lasts time.Duration, aim bool) string {
	s.t.Helper()
	after := time.Duration(s.rng.Int64N(int64(lasts)))
	if aim {
		s.begun()
	} else {
		after += time.Duration(s.rng.Int64N(int64(time.Second))) // the loop looks for work each second
	}
	<-time.After(after)
	s.worker.kill()
	s.pushes.to(s.t, s.front.instance)
	h := s.sound()
	switch {
	case h.State == model.HandoverDone || h.State == model.HandoverUndone:
		return afterIt
	case h.Phase == model.PhaseWaiting:
		return beforeIt
	}
	return insideIt
}

// leasesRunOut saves the wait for the leases of the process that was killed; on SQLite a start frees them.
func (s *siege) leasesRunOut() {
	s.t.Helper()
	if s.kind == database.MySQL {
		_, err := s.db.Exec(s.t.Context(), "UPDATE leases SET until_at = 1")
		require.NoError(s.t, err)
	}
}

// doors holds that who has left cannot come in, and who is back can, by a new sign-in alone.
func (s *siege) doors() {
	s.t.Helper()
	h := s.row()
	if !h.Leaving {
		return
	}
	s.must(http.StatusUnauthorized, "GET", "/api/me", s.leaver.token, nil)
	in := map[string]string{"phone": s.leaver.phone, "password": s.leaver.password}
	want := http.StatusCreated
	if moved(h) {
		want = http.StatusUnauthorized
	}
	s.must(want, "POST", "/api/session", "", in)
}
