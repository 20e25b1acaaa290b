package staff_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/staff"
)

func TestCreate_obeysTheRoles(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		a, b := w.store("A"), w.store("B")
		manager := actor(w.person(model.RoleManager, a.ID))
		clerk := actor(w.person(model.RoleClerk, a.ID))
		create := func(who access.Actor, role, storeID string) error {
			w.phone++
			_, err := w.s.Create(t.Context(), who, staff.Create{Name: "新", Phone: phone(w.phone), Password: password, Role: role, StoreID: storeID})
			return err
		}
		for _, role := range []string{model.RoleOwner, model.RoleSupervisor, model.RoleSupport} {
			require.NoError(t, create(w.owner, role, ""), role)
		}
		require.NoError(t, create(manager, model.RoleClerk, a.ID))
		require.True(t, fault.Is(create(manager, model.RoleClerk, b.ID), fault.Forbidden))
		require.True(t, fault.Is(create(manager, model.RoleManager, a.ID), fault.Forbidden))
		require.True(t, fault.Is(create(clerk, model.RoleClerk, a.ID), fault.Forbidden))
		w.invalid(create(w.owner, model.RoleClerk, ""), "store_id", "required")
		w.invalid(create(w.owner, model.RoleManager, ""), "store_id", "required")
		w.invalid(create(manager, model.RoleClerk, ""), "store_id", "required")
		w.invalid(create(w.owner, "king", ""), "role", "unknown")
		w.refused(create(w.account("wx00000002"), model.RoleClerk, a.ID), fault.NotFound, "not_found")
		w.refused(create(w.owner, model.RoleClerk, "x"), fault.NotFound, "not_found")
	})
}

func TestCreate_checksItsInputAndKeepsThePhoneSealed(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store := w.store("A")
		p := w.person(model.RoleClerk, store.ID)
		require.NotContains(t, string(p.PhoneSealed), "13800000001")
		masked, err := w.s.MaskedPhone(p)
		require.NoError(t, err)
		require.Equal(t, "138****0001", masked)
		require.NotContains(t, p.PasswordHash, password)
		require.Contains(t, p.PasswordHash, "$argon2id$v=19$m=64,t=1,p=1$")

		in := staff.Create{Name: "新", Phone: "+86 138-0000-0001", Password: password, Role: model.RoleClerk, StoreID: store.ID}
		_, err = w.s.Create(t.Context(), w.owner, in)
		w.refused(err, fault.Conflict, "duplicate")
		require.NotContains(t, err.Error(), "0001")
		_, err = w.s.Create(t.Context(), w.owner, staff.Create{})
		for _, field := range []string{"name", "phone", "password", "role"} {
			w.invalid(err, field, "required")
		}
		_, err = w.s.Create(t.Context(), w.owner, staff.Create{Name: "a\x00b", Phone: "1", Password: "short", Role: model.RoleClerk, RegionID: "x"})
		w.invalid(err, "name", "invalid")
		w.invalid(err, "phone", "invalid")
		w.invalid(err, "password", "too_short")
		w.invalid(err, "region_id", "not_for_role")
		in.Password = strings.Repeat("x", 129)
		_, err = w.s.Create(t.Context(), w.owner, in)
		w.invalid(err, "password", "too_long")
	})
}

func TestList_showsColleaguesByScope(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		a, b := w.store("A"), w.store("B")
		manager, clerk, far := w.person(model.RoleManager, a.ID), w.person(model.RoleClerk, a.ID), w.person(model.RoleClerk, b.ID)
		ids := func(who access.Actor, f staff.Filter) []string {
			rows, _, err := w.s.List(t.Context(), who, f, staff.Page{})
			require.NoError(t, err)
			out := []string{}
			for _, r := range rows {
				out = append(out, r.ID)
			}
			return out
		}
		require.Equal(t, []string{w.owner.StaffID, manager.ID, clerk.ID, far.ID}, ids(w.owner, staff.Filter{}))
		require.Equal(t, []string{manager.ID, clerk.ID}, ids(actor(manager), staff.Filter{}))
		require.Equal(t, []string{clerk.ID}, ids(actor(manager), staff.Filter{Role: model.RoleClerk}))
		require.Equal(t, []string{far.ID}, ids(w.owner, staff.Filter{StoreID: b.ID}))
		inactive := false
		require.Empty(t, ids(w.owner, staff.Filter{Active: &inactive}))
		_, err := w.s.Get(t.Context(), actor(clerk), far.ID)
		w.refused(err, fault.NotFound, "not_found")

		names, err := w.s.Lookup(t.Context(), w.owner.AccountID, []string{clerk.ID, far.ID, clerk.ID, "", model.NewID()})
		require.NoError(t, err)
		require.Len(t, names, 2)
		require.Equal(t, "小明", names[far.ID].Name)
		require.Empty(t, names[far.ID].PasswordHash)
		names, err = w.s.Lookup(t.Context(), model.NewID(), []string{clerk.ID})
		require.NoError(t, err)
		require.Empty(t, names)
	})
}

func TestOtherRooms_findStoresAndPeopleOfTheAccountOnly(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store := w.store("A")
		p := w.person(model.RoleClerk, store.ID)
		require.NoError(t, w.db.InTx(t.Context(), func(tx *database.Tx) error {
			got, err := w.s.StoreTx(tx, w.owner.AccountID, store.ID)
			require.NoError(t, err)
			require.Equal(t, store, got)
			who, err := w.s.StaffTx(tx, w.owner.AccountID, p.ID)
			require.NoError(t, err)
			require.Equal(t, p.ID, who.ID)
			_, err = w.s.StoreTx(tx, model.NewID(), store.ID)
			w.refused(err, fault.NotFound, "not_found")
			_, err = w.s.StaffTx(tx, model.NewID(), p.ID)
			w.refused(err, fault.NotFound, "not_found")
			return nil
		}))
	})
}
