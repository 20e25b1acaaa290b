package staff_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/fault"
	"liuke/service/staff"
)

func TestResetPassword_letsWhoForgotItInAgainAndNobodyElse(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store := w.store("A")
		p, manager := w.person(model.RoleClerk, store.ID), w.person(model.RoleManager, store.ID)
		session := w.signIn(phone(1))
		require.NoError(t, w.s.ChangePassword(t.Context(), actor(p), password, "only I know it"))
		for range 5 {
			_, err := w.s.SignIn(t.Context(), staff.SignIn{Phone: phone(1), Password: "forgotten"})
			require.Error(t, err)
		}
		const fresh = "told over the counter"
		w.invalid(w.s.ResetPassword(t.Context(), actor(manager), p.ID, "short"), "password", "too_short")
		w.refused(w.s.ResetPassword(t.Context(), actor(p), manager.ID, fresh), fault.Forbidden, "not_allowed")
		w.refused(w.s.ResetPassword(t.Context(), actor(manager), w.owner.StaffID, fresh), fault.NotFound, "not_found")
		w.refused(w.s.ResetPassword(t.Context(), actor(manager), manager.ID, fresh), fault.Conflict, "own_password")
		far := actor(w.person(model.RoleManager, w.store("B").ID))
		w.refused(w.s.ResetPassword(t.Context(), far, p.ID, fresh), fault.NotFound, "not_found")

		require.NoError(t, w.s.ResetPassword(t.Context(), actor(manager), p.ID, fresh))
		_, err := w.s.Authenticate(t.Context(), session.Token)
		w.refused(err, fault.Unsigned, "not_signed_in")
		got, err := w.s.SignIn(t.Context(), staff.SignIn{Phone: phone(1), Password: fresh})
		require.NoError(t, err, "the wrong tries are forgotten")
		require.Zero(t, got.Staff.PasswordChangedAt, "he is asked for one of his own")
		require.Equal(t, 1, w.audited("staff.password_reset"))
	})
}

func TestUpdate_changesAPhoneUnlessSomebodyHasIt(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store := w.store("A")
		p, manager := w.person(model.RoleClerk, store.ID), w.person(model.RoleManager, store.ID)
		set := func(to string) error {
			_, err := w.s.Update(t.Context(), actor(manager), p.ID, staff.Update{Phone: &to})
			return err
		}
		w.refused(set(phone(2)), fault.Conflict, "duplicate")
		w.invalid(set("12"), "phone", "invalid")
		require.NoError(t, set("+86 139 1111 2222"))
		_, err := w.s.SignIn(t.Context(), staff.SignIn{Phone: phone(1), Password: password})
		w.refused(err, fault.Unsigned, "wrong_credentials")
		w.signIn("13911112222")
		require.Equal(t, 1, w.audited("staff.update"))
	})
}
