package audit_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

func owner(accountID string) access.Actor {
	return access.Actor{Kind: model.ByStaff, AccountID: accountID, StaffID: model.NewID(), Role: model.RoleOwner, RequestID: "r-1"}
}

func TestList_isForOwnersOfTheAccountOnly(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := audit.New(audit.Deps{DB: db})
		a, b := owner(model.NewID()), owner(model.NewID())
		member := model.NewID()
		require.NoError(t, s.Record(t.Context(), a, audit.Entry{
			Action: "member.read", Object: "member", ObjectID: member, MemberID: member, Detail: strings.Repeat("细", 600),
		}))
		rows, next, err := s.List(t.Context(), a, audit.Filter{})
		require.NoError(t, err)
		require.Empty(t, next)
		require.Len(t, rows, 1)
		require.Equal(t, a.StaffID, rows[0].ActorID)
		require.Equal(t, "r-1", rows[0].RequestID)
		require.Equal(t, strings.Repeat("细", 500), rows[0].Detail)

		rows, _, err = s.List(t.Context(), b, audit.Filter{})
		require.NoError(t, err)
		require.Empty(t, rows)

		for _, role := range []string{model.RoleManager, model.RoleClerk, model.RoleSupervisor, model.RoleSupport} {
			who := a
			who.Role = role
			_, _, err = s.List(t.Context(), who, audit.Filter{})
			require.True(t, fault.Is(err, fault.Forbidden), role)
		}
	})
}

func TestList_filtersAndPages(t *testing.T) {
	t.Parallel()
	var ms atomic.Int64
	ms.Store(1_000_000)
	now := func() time.Time { return time.UnixMilli(ms.Load()) }
	databasetest.EachAt(t, now, func(t *testing.T, db *database.DB) {
		t.Helper()
		s, a := audit.New(audit.Deps{DB: db}), owner(model.NewID())
		for i := range 10 {
			action := "one"
			if i%2 == 1 {
				action = "two"
			}
			require.NoError(t, s.Record(t.Context(), a, audit.Entry{Action: action, Object: "x", ObjectID: action + "-id"}))
		}
		var seen []string
		f := audit.Filter{Limit: 3}
		for pages := 1; ; pages++ {
			rows, next, err := s.List(t.Context(), a, f)
			require.NoError(t, err)
			for _, r := range rows {
				seen = append(seen, r.ID)
			}
			if next == "" {
				require.Equal(t, 4, pages)
				break
			}
			f.Cursor = next
		}
		require.Len(t, seen, 10)
		require.IsDecreasing(t, seen)

		count := func(f audit.Filter) int {
			rows, _, err := s.List(t.Context(), a, f)
			require.NoError(t, err)
			return len(rows)
		}
		require.Equal(t, 5, count(audit.Filter{Action: "two"}))
		require.Equal(t, 10, count(audit.Filter{ActorID: a.StaffID}))
		require.Equal(t, 10, count(audit.Filter{Object: "x"}))
		require.Zero(t, count(audit.Filter{Object: "y"}))
		require.Equal(t, 5, count(audit.Filter{Object: "x", ObjectID: "one-id"}))
		require.Zero(t, count(audit.Filter{ActorID: model.NewID()}))
		require.Zero(t, count(audit.Filter{MemberID: model.NewID()}))
		require.Equal(t, 10, count(audit.Filter{From: 1_000_000, To: 1_000_001}))
		require.Zero(t, count(audit.Filter{To: 1_000_000}))
		_, _, err := s.List(t.Context(), a, audit.Filter{Cursor: "x"})
		require.True(t, fault.Is(err, fault.Invalid))
	})
}

func TestRecordTx_goesWithTheChange(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, a := audit.New(audit.Deps{DB: db}), owner(model.NewID())
		boom := errors.New("boom")
		require.ErrorIs(t, db.InTx(context.Background(), func(tx *database.Tx) error {
			require.NoError(t, s.RecordTx(tx, a, audit.Entry{Action: "x"}))
			return boom
		}), boom)
		rows, _, err := s.List(t.Context(), a, audit.Filter{})
		require.NoError(t, err)
		require.Empty(t, rows)
	})
}
