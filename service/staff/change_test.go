package staff_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/staff"
)

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
		w.refused(w.s.Deactivate(t.Context(), manager, w.person(model.RoleManager, store.ID).ID), fault.Forbidden, "not_allowed")
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
		for range 8 {
			start, errs := make(chan struct{}), make(chan error, 2)
			for _, pair := range [][2]string{{w.owner.StaffID, second.ID}, {second.ID, w.owner.StaffID}} {
				who := w.owner
				who.StaffID = pair[0]
				go func() {
					<-start
					errs <- w.s.Deactivate(t.Context(), who, pair[1])
				}()
			}
			close(start)
			failed := 0
			for range 2 {
				if err := <-errs; err != nil {
					w.refused(err, fault.Conflict, "last_owner")
					failed++
				}
			}
			require.Equal(t, 1, failed, "two owners who take each other out at once leave one")
			for _, id := range []string{w.owner.StaffID, second.ID} {
				require.NoError(t, w.s.Reactivate(t.Context(), access.System(w.owner.AccountID), id))
			}
		}
	})
}
