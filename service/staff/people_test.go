package staff_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
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
		_, err = w.s.CreateStore(t.Context(), w.owner, staff.CreateStore{Name: strings.Repeat("长", 101)})
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
		require.Contains(t, p.PasswordHash, "$argon2id$v=19$m=19456,t=2,p=1$")

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

func (w *world) assignments(staffID string) []model.Assignment {
	w.t.Helper()
	var rows []model.Assignment
	require.NoError(w.t, w.db.Read(w.t.Context()).Where("staff_id = ?", staffID).Order("id").Find(&rows).Error)
	return rows
}

func TestUpdate_datesTheAssignments(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		a, b := w.store("A"), w.store("B")
		p := w.person(model.RoleClerk, a.ID)
		began := w.clock.now().UnixMilli()
		w.clock.move(time.Hour)
		name, role := "大明", model.RoleManager
		got, err := w.s.Update(t.Context(), w.owner, p.ID, staff.Update{Name: &name})
		require.NoError(t, err)
		require.Equal(t, name, got.Name)
		require.Len(t, w.assignments(p.ID), 1, "a name has no dates")
		require.False(t, w.told(p.ID))

		_, err = w.s.Update(t.Context(), w.owner, p.ID, staff.Update{Role: &role, StoreID: &b.ID})
		require.NoError(t, err)
		require.True(t, w.told(p.ID), "open streams must look again")
		rows := w.assignments(p.ID)
		require.Len(t, rows, 2)
		require.Equal(t, began, rows[0].FromAt)
		require.Equal(t, rows[1].FromAt, *rows[0].ToAt)
		require.Equal(t, []string{model.RoleManager, b.ID}, []string{rows[1].Role, rows[1].StoreID})
		require.Nil(t, rows[1].ToAt)

		none := ""
		_, err = w.s.Update(t.Context(), w.owner, p.ID, staff.Update{StoreID: &none})
		w.invalid(err, "store_id", "required")
		manager := actor(w.person(model.RoleManager, a.ID))
		_, err = w.s.Update(t.Context(), manager, p.ID, staff.Update{Name: &name})
		w.refused(err, fault.NotFound, "not_found")
		clerk := w.person(model.RoleClerk, a.ID)
		_, err = w.s.Update(t.Context(), manager, clerk.ID, staff.Update{Name: &name})
		require.NoError(t, err)
		_, err = w.s.Update(t.Context(), manager, clerk.ID, staff.Update{StoreID: &b.ID})
		w.refused(err, fault.Forbidden, "owner_only")
	})
}

func TestDeactivate_endsSessionsAndCanBeTakenBack(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store := w.store("A")
		p := w.person(model.RoleClerk, store.ID)
		session := w.signIn(phone(1))
		colleague := actor(w.person(model.RoleClerk, store.ID))
		w.refused(w.s.Deactivate(t.Context(), colleague, p.ID), fault.Forbidden, "not_allowed")
		manager := actor(w.person(model.RoleManager, store.ID))
		require.NoError(t, w.s.Deactivate(t.Context(), manager, p.ID))
		require.NoError(t, w.s.Deactivate(t.Context(), manager, p.ID))
		require.True(t, w.told(p.ID))
		require.Equal(t, 1, w.audited("staff.deactivate"))
		_, err := w.s.Authenticate(t.Context(), session.Token)
		w.refused(err, fault.Unsigned, "not_signed_in")
		_, err = w.s.SignIn(t.Context(), staff.SignIn{Phone: phone(1), Password: password})
		w.refused(err, fault.Unsigned, "wrong_credentials")
		require.NotNil(t, w.assignments(p.ID)[0].ToAt)

		require.NoError(t, w.s.Reactivate(t.Context(), manager, p.ID))
		_, err = w.s.Authenticate(t.Context(), session.Token)
		w.refused(err, fault.Unsigned, "not_signed_in")
		w.signIn(phone(1))
		require.Len(t, w.assignments(p.ID), 2)
	})
}

func TestLastOwner_staysOwner(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		role := model.RoleSupport
		w.refused(w.s.Deactivate(t.Context(), w.owner, w.owner.StaffID), fault.Conflict, "last_owner")
		_, err := w.s.Update(t.Context(), w.owner, w.owner.StaffID, staff.Update{Role: &role})
		w.refused(err, fault.Conflict, "last_owner")

		second := w.person(model.RoleOwner, "")
		errs := make(chan error, 2)
		for _, pair := range [][2]string{{w.owner.StaffID, second.ID}, {second.ID, w.owner.StaffID}} {
			who := w.owner
			who.StaffID = pair[0]
			go func() { errs <- w.s.Deactivate(t.Context(), who, pair[1]) }()
		}
		failed := 0
		for range 2 {
			if err := <-errs; err != nil {
				w.refused(err, fault.Conflict, "last_owner")
				failed++
			}
		}
		require.Equal(t, 1, failed, "two owners who take each other out at once leave one")
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
