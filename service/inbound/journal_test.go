package inbound_test

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/model/keys"
	"liuke/service/bus"
	"liuke/service/inbound"
	"liuke/service/journal"
	"liuke/service/worker"
)

// outage is a MySQL database behind a proxy.
type outage struct {
	t      *testing.T
	direct *database.DB
	proxy  *databasetest.Proxy
	ring   *keys.Ring
	dir    string
	turn   atomic.Int64 // of the pushes worked off
}

// throughEach runs a test where there is a MySQL server. SQLite has no journal.
func throughEach(t *testing.T, f func(t *testing.T, o *outage)) {
	t.Helper()
	for _, kind := range databasetest.Kinds(t) {
		if kind == database.SQLite {
			continue
		}
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			where := databasetest.Fresh(t, kind)
			o := &outage{t: t, direct: databasetest.Open(t, where, time.Now), dir: t.TempDir()}
			o.proxy = databasetest.Through(t, where.DSN)
			var err error
			o.ring, err = keys.Load(t.Context(), o.direct, [][]byte{make([]byte, keys.Size)})
			require.NoError(t, err)
			f(t, o)
		})
	}
}

// behind is an instance with a journal that reaches the database through the proxy.
type behind struct {
	instance

	journal *journal.Journal
}

func (o *outage) start(change ...func(*journal.Options)) behind {
	o.t.Helper()
	log := slog.New(slog.DiscardHandler)
	db, err := database.Open(o.t.Context(), database.Options{Kind: database.MySQL, DSN: o.proxy.DSN, Now: time.Now, Log: log, MaxConns: 12})
	require.NoError(o.t, err)
	options := journal.Options{Dir: o.dir, Now: time.Now, Log: log}
	for _, f := range change {
		f(&options)
	}
	j := journal.Open(o.t.Context(), options)
	j.UseKeys(o.ring)
	b, err := bus.Open(o.t.Context(), bus.Options{Now: time.Now, Log: log})
	require.NoError(o.t, err)
	s := inbound.New(inbound.Deps{DB: db, Leases: worker.NewLeases(db, model.NewID()), Bus: b, Log: log, Journal: j})
	s.OnMessages(hearing(o.record))
	s.OnEvents(o.record)
	g := worker.NewGroup(log)
	s.Start(g, 3)
	s.StartJournal(g)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.RunAccept(ctx); close(done) }()
	g.Start(ctx)
	i := behind{instance{Service: s, stop: sync.OnceFunc(func() {
		cancel()
		<-done
		require.NoError(o.t, g.Stop(context.Background()))
		require.NoError(o.t, b.Close())
		require.NoError(o.t, j.Close())
		_ = db.Close()
	})}, j}
	o.t.Cleanup(i.stop)
	return i
}

// record notes what was worked off with its turn; the same push twice fails. It does so in the transaction, because a
// commit whose answer is cut off counts all the same.
func (o *outage) record(tx *database.Tx, batch []inbound.Received) error {
	for _, r := range batch {
		row := model.SchemaMeta{Name: "saw-" + r.Push.MsgID, Value: fmt.Sprintf("%s %09d", r.Push.OpenID(), o.turn.Add(1))}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

// arrive waits until all pushes of a person were worked off, and holds their order.
func (o *outage) arrive(openID string, want []string) {
	o.t.Helper()
	var names []string
	eventually(o.t, func() bool {
		names = nil
		err := o.direct.Read(o.t.Context()).Model(&model.SchemaMeta{}).Where("value LIKE ?", openID+" %").Order("value").Pluck("name", &names).Error
		require.NoError(o.t, err)
		return len(names) >= len(want)
	}, "the pushes are worked off")
	for i := range names {
		names[i] = strings.TrimPrefix(names[i], "saw-")
	}
	require.Equal(o.t, want, names)
}

// settled waits until an instance's pushes go into the database again.
func (o *outage) settled(i behind) {
	o.t.Helper()
	eventually(o.t, func() bool {
		diverted, s := i.JournalState()
		return !diverted && s.Pushes == 0
	}, "the journal is drained")
	eventually(o.t, func() bool {
		var n int64
		require.NoError(o.t, o.direct.Read(o.t.Context()).Model(&model.Journal{}).Count(&n).Error)
		return n == 0
	}, "nothing is announced any more")
}

func TestJournal_bridgesADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	throughEach(t, func(t *testing.T, o *outage) {
		i := o.start()
		var want []string
		say := func(n int) {
			for range n {
				id := strconv.Itoa(10_000 + len(want))
				began := time.Now()
				require.NoError(t, i.push(t, "oOne", id))
				require.Less(t, time.Since(began), 2500*time.Millisecond)
				want = append(want, id)
			}
		}
		say(5)
		o.arrive("oOne", want)
		for _, away := range []func(){o.proxy.Cut, o.proxy.Hang} {
			away()
			say(30)
			diverted, s := i.JournalState()
			require.True(t, diverted)
			require.EqualValues(t, 30, s.Pushes)
			began := time.Now()
			say(1)
			require.Less(t, time.Since(began), 500*time.Millisecond, "only the first waits for the database")
			o.proxy.Heal()
			o.settled(i)
			say(3)
			_, s = i.JournalState()
			require.Zero(t, s.Pushes)
			o.arrive("oOne", want)
		}
	})
}

func TestJournal_takesACommitThatCameToItsEndUnheardOnce(t *testing.T) {
	t.Parallel()
	throughEach(t, func(t *testing.T, o *outage) {
		i := o.start()
		var want []string
		say := func() {
			want = append(want, strconv.Itoa(100+len(want)))
			require.NoError(t, i.push(t, "oOne", want[len(want)-1]))
		}
		// A connection that has not prepared the statement yet comes to no commit: then once more.
		for n, round := int64(0), 0; n == 0; round++ {
			require.Less(t, round, 20, "no commit came to its end")
			o.proxy.Heal()
			o.settled(i)
			for range 10 {
				say()
			}
			o.arrive("oOne", want)
			o.proxy.Mute()
			say()
			_, s := i.JournalState()
			require.EqualValues(t, 1, s.Pushes)
			require.NoError(t, o.direct.Read(t.Context()).Model(&model.PushBundle{}).Count(&n).Error)
		}
		require.NoError(t, i.push(t, "oOne", want[len(want)-1]), "WeChat repeats")
		o.proxy.Heal()
		o.settled(i)
		say()
		o.arrive("oOne", want)
	})
}

func TestJournal_keepsTheOrderOverTwoInstances(t *testing.T) {
	t.Parallel()
	throughEach(t, func(t *testing.T, o *outage) {
		two := []behind{o.start(), o.start()}
		const people = 6
		want := make([][]string, people)
		say := func(n int) {
			for range n {
				for p := range people {
					id := strconv.Itoa(1_000_000*(p+1) + len(want[p]))
					require.NoError(t, two[len(want[p])%2].push(t, fmt.Sprintf("oPerson%d", p), id))
					want[p] = append(want[p], id)
				}
			}
		}
		say(2)
		o.proxy.Cut()
		say(20)
		o.proxy.Heal()
		say(10) // while both notice, each in its own time
		for _, i := range two {
			o.settled(i)
		}
		say(2)
		for p := range people {
			o.arrive(fmt.Sprintf("oPerson%d", p), want[p])
		}
	})
}

func TestJournal_isDrainedUnderSteadyTraffic(t *testing.T) {
	t.Parallel()
	throughEach(t, func(t *testing.T, o *outage) {
		i := o.start()
		o.proxy.Cut()
		var all sync.WaitGroup
		over := make(chan struct{})
		const people = 16
		said := make([][]string, people)
		for p := range people {
			all.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-over:
						return
					default:
					}
					id := strconv.Itoa(1_000_000*(p+1) + n)
					require.NoError(t, i.push(t, fmt.Sprintf("oPerson%d", p), id))
					said[p] = append(said[p], id)
				}
			})
		}
		eventually(t, func() bool { _, s := i.JournalState(); return s.Pushes > 2*journal.PartPushes }, "the journal fills")
		o.proxy.Heal()
		o.settled(i)
		close(over)
		all.Wait()
		for p := range people {
			o.arrive(fmt.Sprintf("oPerson%d", p), said[p])
		}
	})
}

func TestJournal_refusesOnlyWhenItIsFull(t *testing.T) {
	t.Parallel()
	throughEach(t, func(t *testing.T, o *outage) {
		i := o.start(func(o *journal.Options) { o.MaxPushes = 3 })
		o.proxy.Hang()
		for n := range 3 {
			require.NoError(t, i.push(t, "oOne", strconv.Itoa(500+n)))
		}
		began := time.Now()
		require.ErrorIs(t, i.push(t, "oOne", "503"), inbound.ErrBusy)
		require.Less(t, time.Since(began), time.Second)
		o.proxy.Heal()
		o.settled(i)
		require.NoError(t, i.push(t, "oOne", "503"))
		o.arrive("oOne", []string{"500", "501", "502", "503"})
	})
}

func TestJournal_refusesSoonWhereItsFolderCannotBeWritten(t *testing.T) {
	t.Parallel()
	throughEach(t, func(t *testing.T, o *outage) {
		i := o.start(func(o *journal.Options) { o.Dir = "/dev/null/journal" })
		require.NoError(t, i.push(t, "oOne", "1"), "the database answers")
		o.proxy.Hang()
		began := time.Now()
		require.ErrorIs(t, i.push(t, "oOne", "2"), inbound.ErrBusy)
		require.Less(t, time.Since(began), time.Second)
		o.proxy.Heal()
		eventually(t, func() bool { return i.push(t, "oOne", "2") == nil }, "it is back")
		o.arrive("oOne", []string{"1", "2"})
	})
}

func TestJournal_ofAnInstanceThatEndedIsDrainedByAnother(t *testing.T) {
	t.Parallel()
	throughEach(t, func(t *testing.T, o *outage) {
		a := o.start()
		o.proxy.Cut()
		for n := range 4 {
			require.NoError(t, a.push(t, "oOne", strconv.Itoa(700+n)))
		}
		a.stop()
		o.proxy.Heal()
		b := o.start()
		require.NoError(t, b.push(t, "oOne", "704"))
		o.settled(b)
		o.arrive("oOne", []string{"700", "701", "702", "703", "704"})
	})
}
