package staff_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
)

func TestSession_slidesAndEndsUnused(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		got := w.signIn("13900000000")
		for range 3 {
			w.clock.move(20 * 24 * time.Hour)
			_, err := w.s.Authenticate(t.Context(), got.Token)
			require.NoError(t, err)
		}
		w.clock.move(30 * 24 * time.Hour)
		_, err := w.s.Authenticate(t.Context(), got.Token)
		w.refused(err, fault.Unsigned, "not_signed_in")
		require.NoError(t, w.s.Sweep(t.Context()))
		var left int64
		require.NoError(t, w.db.Read(t.Context()).Model(&model.Session{}).Count(&left).Error)
		require.Zero(t, left)
	})
}

func TestSignOut_endsOneSessionOrAll(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store := w.store("A")
		p := w.person(model.RoleClerk, store.ID)
		var sessions []access.Actor
		for range 3 {
			who, err := w.s.Authenticate(t.Context(), w.signIn(phone(1)).Token)
			require.NoError(t, err)
			sessions = append(sessions, who)
		}
		alive := func() (n int) {
			for _, who := range sessions {
				if _, err := w.s.Recheck(t.Context(), who); err == nil {
					n++
				}
			}
			return n
		}
		require.Equal(t, 3, alive())
		require.NoError(t, w.s.SignOut(t.Context(), sessions[0]))
		require.True(t, w.told(p.ID))
		require.Equal(t, 2, alive())
		colleague := actor(w.person(model.RoleClerk, store.ID))
		w.refused(w.s.SignOutEverywhere(t.Context(), colleague, p.ID), fault.Forbidden, "not_allowed")
		require.NoError(t, w.s.SignOutEverywhere(t.Context(), sessions[1], ""))
		require.Zero(t, alive())

		again, err := w.s.Authenticate(t.Context(), w.signIn(phone(1)).Token)
		require.NoError(t, err)
		require.NoError(t, w.s.SignOutEverywhere(t.Context(), w.owner, p.ID))
		_, err = w.s.Recheck(t.Context(), again)
		w.refused(err, fault.Unsigned, "not_signed_in")
	})
}

func TestChangePassword_endsTheOtherSessions(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		here, err := w.s.Authenticate(t.Context(), w.signIn("13900000000").Token)
		require.NoError(t, err)
		there, err := w.s.Authenticate(t.Context(), w.signIn("13900000000").Token)
		require.NoError(t, err)
		w.invalid(w.s.ChangePassword(t.Context(), here, password, "short"), "password", "too_short")
		w.invalid(w.s.ChangePassword(t.Context(), here, "wrong password", "another password"), "old_password", "wrong")
		require.NoError(t, w.s.ChangePassword(t.Context(), here, password, "another password"))
		_, err = w.s.Recheck(t.Context(), here)
		require.NoError(t, err)
		_, err = w.s.Recheck(t.Context(), there)
		w.refused(err, fault.Unsigned, "not_signed_in")
		w.refused(w.try(w.s, "13900000000", password), fault.Unsigned, "wrong_credentials")
		require.NoError(t, w.try(w.s, "13900000000", "another password"))

		for range 5 {
			w.invalid(w.s.ChangePassword(t.Context(), here, password, "another password"), "old_password", "wrong")
		}
		w.refused(w.s.ChangePassword(t.Context(), here, "another password", password), fault.TooMany, "too_many_tries")
	})
}

func TestAuthenticate_refusesWhoLeftWhateverSessionIsLeft(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		session := w.signIn("13900000000")
		_, err := w.db.Exec(t.Context(), "UPDATE staff SET active = ? WHERE id = ?", false, w.owner.StaffID)
		require.NoError(t, err)
		_, err = w.s.Authenticate(t.Context(), session.Token)
		w.refused(err, fault.Unsigned, "not_signed_in")
	})
}
