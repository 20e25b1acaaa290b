package staff_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/staff"
)

func (w *world) code(by access.Actor, p model.Staff) string {
	w.t.Helper()
	c, err := w.s.MakeSignInCode(w.t.Context(), by, p.ID)
	require.NoError(w.t, err)
	return c.Secret
}

func (w *world) enter(secret, otp string) (staff.Session, error) {
	return w.s.SignInByCode(w.t.Context(), staff.SignInByCode{Secret: secret, OTP: otp, IP: "10.0.0.9"})
}

func (w *world) turnedAway(secret, reason string, why ...any) {
	w.t.Helper()
	_, err := w.enter(secret, "")
	w.refused(err, fault.Unsigned, reason, why...)
}

func TestSignInCode_signsThePersonInOnceWithoutHisPassword(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store := w.store("A")
		manager, clerk := actor(w.person(model.RoleManager, store.ID)), w.person(model.RoleClerk, store.ID)
		secret := w.code(manager, clerk)
		var kept model.SignInCode
		require.NoError(t, w.db.Read(t.Context()).First(&kept).Error)
		require.NotContains(t, kept.SecretHash, secret)

		before, err := w.s.SignInCode(t.Context(), manager, clerk.ID)
		require.NoError(t, err)
		require.Equal(t, manager.StaffID, before.CreatedBy)
		require.Zero(t, before.UsedAt)

		other := w.instance() // another program behind the balancer knows it too
		got, err := other.SignInByCode(t.Context(), staff.SignInByCode{Secret: secret})
		require.NoError(t, err)
		who, err := w.s.Authenticate(t.Context(), got.Token)
		require.NoError(t, err)
		require.Equal(t, clerk.ID, who.StaffID)

		w.turnedAway(secret, "code_used")
		after, err := w.s.SignInCode(t.Context(), manager, clerk.ID)
		require.NoError(t, err)
		require.Equal(t, w.clock.now().UnixMilli(), after.UsedAt)
		require.Equal(t, 1, w.audited("sign_in_code.create"))
		var begun model.Audit
		require.NoError(t, w.db.Read(t.Context()).First(&begun, "action = ?", "session.begin").Error)
		require.Equal(t, []string{clerk.ID, "code"}, []string{begun.ActorID, begun.Detail})
	})
}

func TestSignInCode_isForThoseBelowAndNobodyElse(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		a, b := w.store("A"), w.store("B")
		people := map[string]model.Staff{
			"owner": w.person(model.RoleOwner, ""), "supervisor": w.person(model.RoleSupervisor, ""), "support": w.person(model.RoleSupport, ""),
			"manager": w.person(model.RoleManager, a.ID), "peer": w.person(model.RoleManager, a.ID),
			"clerk": w.person(model.RoleClerk, a.ID), "mate": w.person(model.RoleClerk, a.ID), "elsewhere": w.person(model.RoleClerk, b.ID),
		}
		may := map[string][]string{
			"owner": {"supervisor", "support", "manager", "peer", "clerk", "mate", "elsewhere"}, "manager": {"clerk", "mate"}, "peer": {"clerk", "mate"},
		}
		for by, maker := range people {
			for of, p := range people {
				_, err := w.s.MakeSignInCode(t.Context(), actor(maker), p.ID)
				_, read := w.s.SignInCode(t.Context(), actor(maker), p.ID)
				end := w.s.EndSignInCode(t.Context(), actor(maker), p.ID)
				if slices.Contains(may[by], of) {
					require.NoError(t, err, "%s for %s", by, of)
					require.NoError(t, read, "%s for %s", by, of)
					require.NoError(t, end, "%s for %s", by, of)
					continue
				}
				for _, err := range []error{err, read, end} {
					require.True(t, fault.Is(err, fault.Forbidden) || fault.Is(err, fault.NotFound), "%s for %s: %v", by, of, err)
				}
			}
		}
		_, err := w.s.MakeSignInCode(t.Context(), actor(people["manager"]), people["elsewhere"].ID)
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

func TestSignInCode_endsInEveryWayItShould(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ctx := t.Context()
		a, b := w.store("A"), w.store("B")
		fresh := func() (access.Actor, model.Staff, string) {
			manager, clerk := actor(w.person(model.RoleManager, a.ID)), w.person(model.RoleClerk, a.ID)
			return manager, clerk, w.code(manager, clerk)
		}
		manager, clerk, secret := fresh()
		again := w.code(manager, clerk)
		w.turnedAway(secret, "code_unknown", "another took its place")
		require.NoError(t, w.s.EndSignInCode(ctx, manager, clerk.ID))
		w.turnedAway(again, "code_unknown", "taken back")
		require.Equal(t, 1, w.audited("sign_in_code.revoke"))
		_, err := w.s.SignInCode(ctx, manager, clerk.ID)
		w.refused(err, fault.NotFound, "not_found")

		manager, clerk, secret = fresh()
		require.NoError(t, w.s.Deactivate(ctx, manager, clerk.ID))
		w.turnedAway(secret, "code_unknown", "left")
		_, err = w.s.MakeSignInCode(ctx, manager, clerk.ID)
		w.refused(err, fault.Conflict, "left")

		_, clerk, secret = fresh()
		require.NoError(t, w.s.SignOutEverywhere(ctx, actor(clerk), ""))
		w.turnedAway(secret, "code_unknown", "signed out everywhere")

		_, clerk, secret = fresh()
		require.NoError(t, w.s.ChangePassword(ctx, actor(clerk), password, "another password"))
		w.turnedAway(secret, "code_unknown", "another password")

		role, place := model.RoleManager, b.ID
		_, clerk, secret = fresh()
		_, err = w.s.Update(ctx, w.owner, clerk.ID, staff.Update{Role: &role})
		require.NoError(t, err)
		w.turnedAway(secret, "code_unknown", "promoted above the maker's rights")

		_, clerk, secret = fresh()
		_, err = w.s.Update(ctx, w.owner, clerk.ID, staff.Update{StoreID: &place})
		require.NoError(t, err)
		w.turnedAway(secret, "code_unknown", "moved out of the maker's store")

		manager, _, secret = fresh()
		require.NoError(t, w.s.Deactivate(ctx, w.owner, manager.StaffID))
		w.turnedAway(secret, "code_unknown", "the maker left")

		_, _, secret = fresh()
		w.clock.move(staff.SignInCodeLife - time.Millisecond)
		_, err = w.enter(secret, "")
		require.NoError(t, err, "until its last millisecond")
		_, _, secret = fresh()
		w.clock.move(staff.SignInCodeLife)
		w.turnedAway(secret, "code_expired")
		require.NoError(t, w.s.Sweep(ctx))
		w.turnedAway(secret, "code_expired", "still known for a day")
		w.clock.move(25 * time.Hour)
		require.NoError(t, w.s.Sweep(ctx))
		w.turnedAway(secret, "code_unknown", "swept")
	})
}

func TestSignInCode_asksForTheSecondFactorAndLimitsGuesses(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store := w.store("A")
		manager, clerk := actor(w.person(model.RoleManager, store.ID)), w.person(model.RoleClerk, store.ID)
		e, err := w.s.EnrolOTP(t.Context(), actor(clerk))
		require.NoError(t, err)
		first, err := totp.GenerateCode(e.Secret, w.clock.now())
		require.NoError(t, err)
		require.NoError(t, w.s.ConfirmOTP(t.Context(), actor(clerk), first))
		w.clock.move(time.Minute)
		next, err := totp.GenerateCode(e.Secret, w.clock.now())
		require.NoError(t, err)

		secret := w.code(manager, clerk)
		w.turnedAway(secret, "otp_needed")
		_, err = w.enter(secret, "000000")
		w.refused(err, fault.Unsigned, "otp_wrong")
		_, err = w.enter(secret, next)
		require.NoError(t, err, "a wrong code leaves the other as it was")

		for range 3 { // one was counted above
			_, err = w.enter(w.code(manager, clerk), "000000")
			w.refused(err, fault.Unsigned, "otp_wrong", "a new code gives no new tries")
		}
		_, err = w.enter(w.code(manager, clerk), "000000")
		w.refused(err, fault.Unsigned, "otp_wrong")
		_, err = w.enter(w.code(manager, clerk), "000000")
		w.refused(err, fault.TooMany, "too_many_tries")
	})
}

func TestSignInCode_unknownSecretsAreLimitedByAddress(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		_, err := w.db.Exec(t.Context(), "DELETE FROM throttles")
		require.NoError(t, err)
		w.turnedAway("short", "code_unknown")
		secret := w.code(w.owner, w.person(model.RoleClerk, w.store("A").ID))
		w.turnedAway(secret[1:]+"A", "code_unknown")
		_, err = w.db.Exec(t.Context(), "UPDATE throttles SET failures = 199")
		require.NoError(t, err)
		w.turnedAway(secret[1:]+"B", "code_unknown")
		_, err = w.enter(secret, "")
		w.refused(err, fault.TooMany, "too_many_tries", "even the right one, from there")
		_, err = w.s.SignInByCode(t.Context(), staff.SignInByCode{Secret: secret, IP: "10.0.0.10"})
		require.NoError(t, err)
	})
}

func TestSignInCode_twoPhonesAtOnceGiveOneSession(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		secret := w.code(w.owner, w.person(model.RoleClerk, w.store("A").ID))
		var in atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			s := w.instance()
			all.Go(func() {
				_, err := s.SignInByCode(t.Context(), staff.SignInByCode{Secret: secret})
				if err == nil {
					in.Add(1)
				} else {
					w.refused(err, fault.Unsigned, "code_used")
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 1, in.Load())
		require.EqualValues(t, 1, w.sessions())
	})
}

// Whoever signs everybody out while a code is being used ends the new session too, or the code.
func TestSignInCode_leavesNoSessionBehindASignOutEverywhere(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		clerk := w.person(model.RoleClerk, w.store("A").ID)
		for range 10 {
			secret := w.code(w.owner, clerk)
			var all sync.WaitGroup
			all.Go(func() { _, _ = w.instance().SignInByCode(t.Context(), staff.SignInByCode{Secret: secret}) })
			all.Go(func() { require.NoError(t, w.s.SignOutEverywhere(t.Context(), w.owner, clerk.ID)) })
			all.Wait()
			_, err := w.s.SignInByCode(t.Context(), staff.SignInByCode{Secret: secret})
			require.Error(t, err)
			require.NoError(t, w.s.SignOutEverywhere(t.Context(), w.owner, clerk.ID))
			require.Zero(t, w.sessions())
		}
	})
}

func (w *world) sessions() int64 {
	w.t.Helper()
	var n int64
	require.NoError(w.t, w.db.Read(w.t.Context()).Model(&model.Session{}).Count(&n).Error)
	return n
}

func TestChangePassword_withoutTheOldOneOnlyAfterACodeAndOnlyForTheFirst(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ctx := t.Context()
		clerk := w.person(model.RoleClerk, w.store("A").ID)
		typed, err := w.s.Authenticate(ctx, w.signIn(phone(w.phone)).Token)
		require.NoError(t, err)
		err = w.s.ChangePassword(ctx, typed, "", "my own password")
		w.refused(err, fault.Invalid, "invalid_input", "he typed the password, so he knows it")

		session, err := w.enter(w.code(w.owner, clerk), "")
		require.NoError(t, err)
		scanned, err := w.s.Authenticate(ctx, session.Token)
		require.NoError(t, err)
		require.Error(t, w.s.ChangePassword(ctx, scanned, "a guess", "my own password"))
		require.NoError(t, w.s.ChangePassword(ctx, scanned, "", "my own password"))
		_, err = w.s.SignIn(ctx, staff.SignIn{Phone: phone(w.phone), Password: "my own password"})
		require.NoError(t, err)
		err = w.s.ChangePassword(ctx, scanned, "", "yet another password")
		w.refused(err, fault.Invalid, "invalid_input", "it is his own now")
	})
}

func TestSignInCode_anotherAccountsPersonIsNotFound(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		clerk := w.person(model.RoleClerk, w.store("A").ID)
		_, err := w.s.MakeSignInCode(t.Context(), w.account("wx00000002"), clerk.ID)
		w.refused(err, fault.NotFound, "not_found")
		for _, id := range []string{"", "no id", clerk.ID + "x"} {
			_, err := w.s.MakeSignInCode(t.Context(), w.owner, id)
			w.refused(err, fault.NotFound, "not_found", id)
		}
	})
}
