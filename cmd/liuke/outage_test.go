package main

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/config"
	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
)

// outageVariable names the environment variable that makes the outage of the test as long as it says (such as 10m).
const outageVariable = "LIUKE_TEST_OUTAGE"

// outageLength is how long the database is away.
func outageLength(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv(outageVariable)
	if text == "" {
		return 8 * time.Second
	}
	d, err := time.ParseDuration(text)
	require.NoError(t, err)
	return d
}

// throughEach runs a test beside a MySQL server that can be taken away. db goes past the proxy.
func throughEach(t *testing.T, f func(t *testing.T, w *running, proxy *databasetest.Proxy, db *database.DB)) {
	t.Helper()
	for _, kind := range databasetest.Kinds(t) {
		if kind == database.SQLite {
			continue // no outage of its own, and no journal
		}
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newChain(t, kind)
			cfg, err := config.Load(w.environ)
			require.NoError(t, err)
			db := databasetest.Open(t, database.Options{Kind: kind, DSN: cfg.Database.DSN}, time.Now)
			proxy := databasetest.Through(t, cfg.Database.DSN)
			at := slices.IndexFunc(w.environ, func(s string) bool { return strings.HasPrefix(s, "LIUKE_DATABASE=") })
			w.environ[at] = "LIUKE_DATABASE=mysql:" + proxy.DSN
			f(t, w, proxy, db)
		})
	}
}

// journaled reads from /metrics how many pushes wait in an instance's journal.
func (p *process) journaled() string {
	p.t.Helper()
	found := regexp.MustCompile(`(?m)^liuke_journal_pushes (\S+)$`).FindSubmatch(p.must(200, "GET", "/metrics", "", nil).raw)
	require.NotNil(p.t, found)
	return string(found[1])
}

// The database goes away under traffic on two instances, first cut off and then silent; one instance is killed meanwhile
// and started again on the same disk. Nothing is lost, nothing doubled, and the members' order is kept.
func TestOutage_losesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	throughEach(t, func(t *testing.T, w *running, proxy *databasetest.Proxy, db *database.DB) {
		a, b := w.spawn(t, roleAll), w.spawn(t, roleAll)
		w.instance = a.instance
		pushes := newBalancer(t, a.instance, b.instance)
		w.callback(t, pushes.url)
		w.owner = w.signIn("13800000000", ownerPassword)
		clerk := w.addStaff(model.RoleClerk, "小王", w.addStore("一店"))
		scene := w.must(http.StatusCreated, "POST", "/api/codes", clerk.token, map[string]string{"kind": "clerk"}).str("scene")
		var crowd talkers
		crowd.join(t, w, scene, phonesOfSiege)
		crowd.find(t, db)
		require.Equal(t, "ok", a.must(200, "GET", "/readyz", "", nil).str("journal"))
		wait := func(d time.Duration) {
			select {
			case <-time.After(d):
			case <-t.Context().Done():
			}
		}

		stop := crowd.chatter(t, 25*time.Millisecond)
		defer stop()
		wait(time.Second)
		length := outageLength(t)
		proxy.Cut()
		wait(length / 4)
		b.kill()
		pushes.to(t, a.instance)
		b = w.spawn(t, roleAll)
		pushes.to(t, a.instance, b.instance)
		wait(length / 4)
		require.Equal(t, "ok\n", string(b.must(200, "GET", "/healthz", "", nil).raw))
		require.Equal(t, "database_unavailable", b.do("GET", "/api/me", w.owner, nil).str("reason"))
		for _, p := range []*process{a, b} {
			ready := p.must(http.StatusServiceUnavailable, "GET", "/readyz", "", nil)
			require.Equal(t, "unavailable", ready.str("database"))
			require.Equal(t, "holding", ready.str("journal"))
			require.Contains(t, ready.str("note"), "journal")
			require.NotEqual(t, "0", p.journaled())
		}
		proxy.Hang()
		wait(length / 2)
		proxy.Heal()
		for _, p := range []*process{a, b} {
			require.Eventually(t, func() bool { return p.do("GET", "/readyz", "", nil).str("journal") == "ok" }, demoPatience, 50*time.Millisecond, "%s", p.logs)
		}
		wait(time.Second)
		stop()
		crowd.arrives(t, db)
		for _, p := range w.sim.Pushes() {
			for _, try := range p.Tries {
				require.NotEqual(t, http.StatusServiceUnavailable, try.Status, "a push was refused at %s", try.At)
				require.Less(t, try.Took, 3*time.Second)
			}
		}
		for _, p := range []*process{a, b} {
			require.Equal(t, "0", p.journaled())
			require.NotContains(t, p.logs.String(), "set aside")
			w.must(200, "GET", "/api/me", w.owner, nil)
		}
	})
}

// A program that starts without its database takes pushes, but does not go on if the schema does not fit when it comes.
func TestOutage_aStartWithoutTheDatabaseStillChecksTheSchema(t *testing.T) {
	t.Parallel()
	throughEach(t, func(t *testing.T, w *running, proxy *databasetest.Proxy, db *database.DB) {
		first := w.spawn(t, roleAll)
		first.kill()
		proxy.Cut()
		p := w.spawn(t, roleAll)
		status, body := p.send(w.push("oOne", "1"))
		require.Equal(t, 200, status)
		require.Equal(t, "success", body)
		other := w.push("oOne", "1")
		other.appid = "wxffffffffffffffff"
		status, _ = p.send(other)
		require.Equal(t, http.StatusServiceUnavailable, status, "nobody can tell whether there is such an account")
		require.NoError(t, db.InsertNew(t.Context(), &model.SchemaMeta{Name: "min_program", Value: "999"}))
		proxy.Heal()
		select {
		case <-p.ended:
		case <-time.After(demoPatience):
			require.Fail(t, "it goes on", "%s", p.logs)
		}
		require.Contains(t, p.logs.String(), "install a newer liuke")
		for _, table := range []any{&model.PushBundle{}, &model.Push{}} {
			var n int64
			require.NoError(t, db.Read(t.Context()).Model(table).Count(&n).Error)
			require.Zero(t, n, "nothing was written")
		}

		_, err := db.Exec(t.Context(), "DELETE FROM schema_meta WHERE name = 'min_program'")
		require.NoError(t, err)
		w.spawn(t, roleAll)
		require.Eventually(t, func() bool {
			var done int64
			require.NoError(t, db.Read(t.Context()).Model(&model.Push{}).Where("state = ?", model.PushDone).Count(&done).Error)
			return done == 1
		}, demoPatience, 20*time.Millisecond, "the push that was taken is worked off")
	})
}
