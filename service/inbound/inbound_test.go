package inbound_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/bus"
	"liuke/service/inbound"
	"liuke/service/worker"
	"liuke/wechat"
)

// hearing is a handler of messages after which none stands in a conversation.
func hearing(h inbound.Handler) func(*database.Tx, []inbound.Received) ([]inbound.Heard, error) {
	return func(tx *database.Tx, batch []inbound.Received) ([]inbound.Heard, error) { return nil, h(tx, batch) }
}

// instance is one program's inbound room with a handler that writes what it saw as rows.
type instance struct {
	*inbound.Service
	stop func()
}

const account = "0190aaaa-0000-7000-8000-000000000001"

// start runs the room; handle sees every batch in its transaction.
func start(t *testing.T, db *database.DB, handle inbound.Handler) instance {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	b, err := bus.Open(t.Context(), bus.Options{Now: time.Now, Log: log})
	require.NoError(t, err)
	s := inbound.New(inbound.Deps{DB: db, Leases: worker.NewLeases(db, model.NewID()), Bus: b, Log: log})
	s.OnMessages(hearing(handle))
	s.OnEvents(handle)
	g := worker.NewGroup(log)
	s.Start(g, 3)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.RunAccept(ctx); close(done) }()
	g.Start(ctx)
	var once sync.Once
	i := instance{Service: s, stop: func() {
		once.Do(func() {
			cancel()
			<-done
			require.NoError(t, g.Stop(context.Background()))
			require.NoError(t, b.Close())
		})
	}}
	t.Cleanup(i.stop)
	return i
}

func (i instance) push(t *testing.T, openID, id string) error {
	t.Helper()
	plain := fmt.Appendf(nil, "<xml><ToUserName>gh_1</ToUserName><FromUserName>%s</FromUserName><CreateTime>1795305599</CreateTime><MsgType>text</MsgType><Content>%s</Content><MsgId>%s</MsgId></xml>", openID, id, id)
	p, err := wechat.Parse(plain)
	require.NoError(t, err)
	return i.Accept(t.Context(), account, p, plain)
}

// note writes down that a push was seen; the same key twice fails.
func note(tx *database.Tx, r inbound.Received) error {
	return tx.Create(&model.SchemaMeta{Name: "saw-" + r.Push.MsgID, Value: r.ID}).Error
}

func noteAll(tx *database.Tx, batch []inbound.Received) error {
	for _, r := range batch {
		if err := note(tx, r); err != nil {
			return err
		}
	}
	return nil
}

// seen lists the ids of pushes in the order in which they were accepted, if their effect is there.
func seen(t *testing.T, db *database.DB) []string {
	t.Helper()
	var names []string
	err := db.Read(t.Context()).Model(&model.SchemaMeta{}).Where("name LIKE ?", "saw-%").Order("value").Pluck("name", &names).Error
	require.NoError(t, err)
	return names
}

func eventually(t *testing.T, ok func() bool, what string) {
	t.Helper()
	require.Eventually(t, ok, 20*time.Second, 10*time.Millisecond, what)
}

func TestAccept_repeatsChangeNothing(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		a, b := start(t, db, noteAll), start(t, db, noteAll)
		var wg sync.WaitGroup
		for n := range 40 {
			for _, i := range []instance{a, b, a} {
				wg.Go(func() { require.NoError(t, i.push(t, "oOne", strconv.Itoa(1000+n))) })
			}
		}
		wg.Wait()
		eventually(t, func() bool { return len(seen(t, db)) == 40 }, "every push once")
		var rows int64
		require.NoError(t, db.Read(t.Context()).Model(&model.Push{}).Where("state = ?", model.PushDone).Count(&rows).Error)
		require.EqualValues(t, 40, rows)
	})
}

func TestWork_keepsTheOrderOfEachPerson(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var mu sync.Mutex
		order := map[string][]string{}
		record := func(tx *database.Tx, batch []inbound.Received) error {
			if err := noteAll(tx, batch); err != nil {
				return err
			}
			tx.AfterCommit(func(context.Context) {
				mu.Lock()
				defer mu.Unlock()
				for _, r := range batch {
					order[r.Push.OpenID()] = append(order[r.Push.OpenID()], r.Push.MsgID)
				}
			})
			return nil
		}
		instances := []instance{start(t, db, record), start(t, db, record)}
		var wg sync.WaitGroup
		for p := range 8 {
			wg.Go(func() {
				for n := range 25 {
					require.NoError(t, instances[(p+n)%2].push(t, fmt.Sprintf("oPerson%d", p), strconv.Itoa(p*100+n+100000)))
				}
			})
		}
		wg.Wait()
		eventually(t, func() bool {
			mu.Lock()
			defer mu.Unlock()
			n := 0
			for _, ids := range order {
				n += len(ids)
			}
			return n == 200
		}, "all effects")
		mu.Lock()
		defer mu.Unlock()
		for p := range 8 {
			var want []string
			for n := range 25 {
				want = append(want, strconv.Itoa(p*100+n+100000))
			}
			require.Equal(t, want, order[fmt.Sprintf("oPerson%d", p)])
		}
	})
}

func TestWork_setsAPoisonPushAsideAndGoesOn(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var healed sync.Map
		i := start(t, db, func(tx *database.Tx, batch []inbound.Received) error {
			for _, r := range batch {
				if _, ok := healed.Load(r.Push.MsgID); r.Push.MsgID == "7002" && !ok {
					panic("a bug in a handler")
				}
				if err := note(tx, r); err != nil {
					return err
				}
			}
			return nil
		})
		for _, id := range []string{"7001", "7002", "7003"} {
			require.NoError(t, i.push(t, "oOne", id))
		}
		require.NoError(t, i.push(t, "oOther", "7004"))
		eventually(t, func() bool { return len(seen(t, db)) == 3 }, "the others are through")
		aside, err := i.Aside(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, aside, 1)
		require.Contains(t, aside[0].Reason, "panic")
		require.EqualValues(t, model.MaxPushTries, aside[0].Tries)

		healed.Store("7002", true)
		n, err := i.Retry(t.Context(), "")
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
		eventually(t, func() bool { return len(seen(t, db)) == 4 }, "the poison push is through as well")
	})
}

func TestWork_resumesAfterACrashBeforeTheCommit(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		crash := errors.Join(context.DeadlineExceeded, errors.New("the program ends here"))
		a := start(t, db, func(tx *database.Tx, batch []inbound.Received) error {
			if err := noteAll(tx, batch); err != nil {
				return err
			}
			return crash
		})
		for n := range 5 {
			require.NoError(t, a.push(t, "oOne", strconv.Itoa(9000+n)))
		}
		a.stop()
		require.Empty(t, seen(t, db))
		start(t, db, noteAll)
		eventually(t, func() bool { return len(seen(t, db)) == 5 }, "the next program does it, once the lane is free")
	})
}

func TestAccept_refusesOnceStopped(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		i := start(t, db, noteAll)
		require.NoError(t, i.push(t, "oOne", "1"))
		i.stop()
		require.ErrorIs(t, i.push(t, "oOne", "2"), inbound.ErrBusy)
	})
}
