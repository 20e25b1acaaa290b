package staff_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/staff"
)

func TestCreateStore_isTheOwnersAndACodeIsTakenOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		row := w.store("S1")
		require.Equal(t, "Asia/Shanghai", row.TimeZone)
		_, err := w.s.CreateStore(t.Context(), w.owner, staff.CreateStore{Name: "x", Code: " S1 "})
		w.refused(err, fault.Conflict, "duplicate")
		other := w.account("wx00000002")
		_, err = w.s.CreateStore(t.Context(), other, staff.CreateStore{Name: "x", Code: "S1", TimeZone: "Asia/Urumqi"})
		require.NoError(t, err, "another account may use the code")
		for _, zone := range []string{"Mars/Base", "Local", "local", "../etc/passwd", "Asia/上海"} {
			_, err = w.s.CreateStore(t.Context(), w.owner, staff.CreateStore{Name: "x", Code: "S2", TimeZone: zone})
			w.invalid(err, "time_zone", "unknown")
		}
		_, err = w.s.CreateStore(t.Context(), w.owner, staff.CreateStore{Name: strings.Repeat("长", 201)})
		w.invalid(err, "name", "too_long")
		w.invalid(err, "code", "required")
		_, err = w.s.CreateStore(t.Context(), w.owner, staff.CreateStore{Name: "x", Code: "S3", RegionID: model.NewID()})
		w.refused(err, fault.NotFound, "not_found")
		_, err = w.s.CreateStore(t.Context(), actor(w.person(model.RoleManager, row.ID)), staff.CreateStore{Name: "x", Code: "S4"})
		require.True(t, fault.Is(err, fault.Forbidden))
		require.Equal(t, 1, w.audited("store.create"))
	})
}

func TestStores_areSeenByScope(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		top, err := w.s.CreateRegion(t.Context(), w.owner, staff.CreateRegion{Name: "华东"})
		require.NoError(t, err)
		sub, err := w.s.CreateRegion(t.Context(), w.owner, staff.CreateRegion{Name: "上海", ParentID: top.ID})
		require.NoError(t, err)
		_, err = w.s.CreateRegion(t.Context(), w.owner, staff.CreateRegion{Name: "静安", ParentID: sub.ID})
		w.invalid(err, "parent_id", "too_deep")
		regions, err := w.s.ListRegions(t.Context(), w.owner)
		require.NoError(t, err)
		require.Len(t, regions, 2)

		a, b := w.store("A"), w.store("B")
		greeting := "欢迎"
		b, err = w.s.UpdateStore(t.Context(), w.owner, b.ID, staff.UpdateStore{RegionID: &sub.ID, Greeting: &greeting})
		require.NoError(t, err)
		supervisor, err := w.s.Create(t.Context(), w.owner, staff.Create{
			Name: "督", Phone: "13700000000", Password: password, Role: model.RoleSupervisor, RegionID: top.ID,
		})
		require.NoError(t, err)
		manager := w.person(model.RoleManager, a.ID)
		lost := actor(manager)
		lost.Role, lost.StoreID = model.RoleSupervisor, ""

		for _, c := range []struct {
			who  access.Actor
			want []model.Store
		}{
			{w.owner, []model.Store{a, b}},
			{actor(supervisor), []model.Store{b}},
			{actor(manager), []model.Store{a}},
			{w.account("wx00000002"), nil},
			{lost, nil},
		} {
			got, next, err := w.s.ListStores(t.Context(), c.who, staff.Page{})
			require.NoError(t, err)
			require.Empty(t, next)
			require.ElementsMatch(t, c.want, got, c.who.Role)
		}
		_, err = w.s.GetStore(t.Context(), actor(manager), b.ID)
		w.refused(err, fault.NotFound, "not_found")
		_, err = w.s.UpdateStore(t.Context(), actor(manager), b.ID, staff.UpdateStore{})
		w.refused(err, fault.NotFound, "not_found")
		_, err = w.s.UpdateStore(t.Context(), actor(manager), a.ID, staff.UpdateStore{Greeting: &greeting})
		w.refused(err, fault.Forbidden, "owner_only")
		_, err = w.s.GetStore(t.Context(), w.owner, "'; DROP")
		w.refused(err, fault.NotFound, "not_found")

		first, next, err := w.s.ListStores(t.Context(), w.owner, staff.Page{Limit: 1})
		require.NoError(t, err)
		second, end, err := w.s.ListStores(t.Context(), w.owner, staff.Page{Limit: 1, Cursor: next})
		require.NoError(t, err)
		require.Empty(t, end)
		require.Equal(t, []model.Store{a, b}, append(first, second...))
	})
}
