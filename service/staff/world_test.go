package staff_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/model/keys"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/staff"
)

const password = "correct horse"

// clock is a clock that stands still until moved.
type clock struct{ ms atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ms.Store(1_700_000_000_000)
	return c
}

func (c *clock) now() time.Time       { return time.UnixMilli(c.ms.Load()) }
func (c *clock) move(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// world is one account with an owner, and whatever the test adds.
type world struct {
	t     *testing.T
	db    *database.DB
	s     *staff.Service
	audit *audit.Service
	clock *clock
	owner access.Actor

	mu    sync.Mutex
	ended []string
	phone int
}

// each runs the test in a world of its own on every database.
func each(t *testing.T, f func(w *world)) {
	t.Helper()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			w := &world{t: t, db: databasetest.Open(t, databasetest.Fresh(t, kind), c.now), clock: c}
			w.audit = audit.New(audit.Deps{DB: w.db})
			w.s = w.instance()
			w.owner = w.account("wx00000001")
			f(w)
		})
	}
}

// instance is one more program on the same database.
func (w *world) instance() *staff.Service {
	w.t.Helper()
	ring, err := keys.Load(w.t.Context(), w.db, [][]byte{bytes.Repeat([]byte{7}, keys.Size)})
	require.NoError(w.t, err)
	return staff.New(staff.Deps{DB: w.db, Keys: ring, Audit: w.audit, Hashing: staff.Hashing{Memory: 64, Iterations: 1}, OnSessionsEnded: func(_ context.Context, id string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.ended = append(w.ended, id)
	}})
}

func (w *world) told(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Contains(w.ended, id)
}

// account adds an account with an owner whose phone is 13900000000.
func (w *world) account(appid string) access.Actor {
	w.t.Helper()
	id := model.NewID()
	require.NoError(w.t, w.db.InTx(w.t.Context(), func(tx *database.Tx) error {
		return tx.Create(&model.Account{ID: id, AppID: appid, CreatedAt: 1, UpdatedAt: 1}).Error
	}))
	p, err := w.s.Create(w.t.Context(), access.System(id), staff.Create{
		Name: "老板", Phone: "13900000000", Password: password, Role: model.RoleOwner,
	})
	require.NoError(w.t, err)
	return actor(p)
}

func actor(p model.Staff) access.Actor {
	return access.Actor{
		Kind: model.ByStaff, AccountID: p.AccountID, StaffID: p.ID, Name: p.Name, Role: p.Role, StoreID: p.StoreID, RegionID: p.RegionID,
	}
}

func (w *world) store(code string) model.Store {
	w.t.Helper()
	row, err := w.s.CreateStore(w.t.Context(), w.owner, staff.CreateStore{Name: "店 " + code, Code: code})
	require.NoError(w.t, err)
	return row
}

// person adds somebody of the role with the next phone of 13800000001 and on.
func (w *world) person(role, storeID string) model.Staff {
	w.t.Helper()
	w.phone++
	p, err := w.s.Create(w.t.Context(), w.owner, staff.Create{
		Name: "小明", Phone: phone(w.phone), Password: password, Role: role, StoreID: storeID,
	})
	require.NoError(w.t, err)
	return p
}

func phone(n int) string { return fmt.Sprintf("138%08d", n) }

func (w *world) signIn(phone string) staff.Session {
	w.t.Helper()
	got, err := w.s.SignIn(w.t.Context(), staff.SignIn{Phone: phone, Password: password, IP: "127.0.0.1"})
	require.NoError(w.t, err)
	return got
}

// refused checks that err is a fault of the kind and reason.
func (w *world) refused(err error, kind fault.Kind, reason string, why ...any) {
	w.t.Helper()
	require.True(w.t, fault.Is(err, kind), "%v %v", err, why)
	require.Equal(w.t, reason, fault.Of(err).Reason, why...)
}

// invalid checks that err is about the field.
func (w *world) invalid(err error, field, reason string) {
	w.t.Helper()
	require.True(w.t, fault.Is(err, fault.Invalid), "%v", err)
	require.Contains(w.t, fault.Of(err).Fields, fault.Field{Name: field, Reason: reason})
}

func (w *world) audited(action string) int {
	w.t.Helper()
	rows, _, err := w.audit.List(w.t.Context(), w.owner, audit.Filter{Action: action})
	require.NoError(w.t, err)
	return len(rows)
}
