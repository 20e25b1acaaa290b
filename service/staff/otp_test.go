package staff_test

import (
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/fault"
	"liuke/service/staff"
)

func TestOTP_isAskedOfWhoEnrolledAndTakenOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		enrolled, err := w.s.EnrolOTP(t.Context(), w.owner)
		require.NoError(t, err)
		code := func() string {
			c, err := totp.GenerateCode(enrolled.Secret, w.clock.now())
			require.NoError(t, err)
			return c
		}
		signIn := func(otp string) error {
			_, err := w.s.SignIn(t.Context(), staff.SignIn{Phone: "13900000000", Password: password, OTP: otp})
			return err
		}
		require.NoError(t, signIn(""), "not in force before it is confirmed")
		w.invalid(w.s.ConfirmOTP(t.Context(), w.owner, "000000x"), "otp", "wrong")
		require.NoError(t, w.s.ConfirmOTP(t.Context(), w.owner, code()))
		w.refused(signIn(""), fault.Unsigned, "otp_needed")
		w.refused(signIn(code()), fault.Unsigned, "otp_wrong", "the code that confirmed is used up")
		w.clock.move(30 * time.Second)
		used := code()
		require.NoError(t, signIn(used))
		w.refused(signIn(used), fault.Unsigned, "otp_wrong")
		w.clock.move(30 * time.Second)
		w.refused(signIn(used), fault.Unsigned, "otp_wrong", "nor within the step after")
		_, err = w.s.EnrolOTP(t.Context(), w.owner)
		w.refused(err, fault.Conflict, "otp_enabled")

		for range 3 {
			w.refused(signIn("123"), fault.Unsigned, "otp_wrong")
		}
		w.refused(signIn(code()), fault.TooMany, "too_many_tries", "wrong codes count as wrong tries")
		require.NoError(t, w.s.DisableOTP(t.Context(), w.owner, "", code()))
		w.clock.move(time.Hour)
		require.NoError(t, signIn(""))
		w.refused(w.s.ConfirmOTP(t.Context(), w.owner, code()), fault.Conflict, "otp_not_enrolled")
	})
}

func TestDisableOTP_helpsWhoLostHisPhone(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store := w.store("A")
		p := w.person(model.RoleManager, store.ID)
		enrolled, err := w.s.EnrolOTP(t.Context(), actor(p))
		require.NoError(t, err)
		code, err := totp.GenerateCode(enrolled.Secret, w.clock.now())
		require.NoError(t, err)
		require.NoError(t, w.s.ConfirmOTP(t.Context(), actor(p), code))
		w.refused(w.try(w.s, phone(1), password), fault.Unsigned, "otp_needed")
		colleague := actor(w.person(model.RoleClerk, store.ID))
		w.refused(w.s.DisableOTP(t.Context(), colleague, p.ID, ""), fault.Forbidden, "not_allowed")
		require.NoError(t, w.s.DisableOTP(t.Context(), w.owner, p.ID, ""))
		require.NoError(t, w.try(w.s, phone(1), password))
	})
}
