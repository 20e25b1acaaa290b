package staff_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/staff"
)

func (w *world) try(s *staff.Service, phone, password string) error {
	_, err := s.SignIn(w.t.Context(), staff.SignIn{Phone: phone, Password: password, IP: "10.0.0.1"})
	return err
}

func TestSignIn_givesASessionThatIsThePerson(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store := w.store("A")
		p := w.person(model.RoleClerk, store.ID)
		got := w.signIn("+86 138 0000 0001")
		require.Equal(t, p.ID, got.Staff.ID)
		require.Len(t, got.Token, 43)
		who, err := w.s.Authenticate(t.Context(), got.Token)
		require.NoError(t, err)
		want := actor(p)
		want.SessionID = who.SessionID
		require.Equal(t, want, who)
		require.NotContains(t, who.SessionID, got.Token)
		require.NoError(t, w.s.CheckCSRF(t.Context(), who, got.CSRF))
		w.refused(w.s.CheckCSRF(t.Context(), who, got.Token), fault.Forbidden, "csrf")
		w.refused(w.s.CheckCSRF(t.Context(), access.Actor{}, ""), fault.Forbidden, "csrf")
		require.Equal(t, 1, w.audited("session.begin"))

		for _, token := range []string{"", got.CSRF, got.Token[1:], got.Token + "x"} {
			_, err := w.s.Authenticate(t.Context(), token)
			w.refused(err, fault.Unsigned, "not_signed_in", token)
		}
	})
}

func TestSignIn_answersTheSameForWrongPasswordsAndUnknownPhones(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, in := range []staff.SignIn{
			{Phone: "13900000000", Password: "wrong password"},
			{Phone: "13900000000", Password: ""},
			{Phone: "13900000000", Password: string(make([]byte, 1<<16))},
			{Phone: "13999999999", Password: password},
			{Phone: "no phone", Password: password},
			{Phone: "13900000000", Password: password, AppID: "wx99999999"},
		} {
			_, err := w.s.SignIn(t.Context(), in)
			w.refused(err, fault.Unsigned, "wrong_credentials")
		}
	})
}

func TestSignIn_withAPhoneOfTwoAccountsNeedsTheAccount(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		other := w.account("wx00000002")
		in := staff.SignIn{Phone: "13900000000", Password: password}
		_, err := w.s.SignIn(t.Context(), in)
		w.refused(err, fault.Conflict, "account_needed")
		in.Password = "wrong password"
		_, err = w.s.SignIn(t.Context(), in)
		w.refused(err, fault.Unsigned, "wrong_credentials")
		in.Password, in.AppID = password, "wx00000002"
		got, err := w.s.SignIn(t.Context(), in)
		require.NoError(t, err)
		require.Equal(t, other.StaffID, got.Staff.ID)
	})
}

func TestSignIn_isRefusedAfterFiveWrongTriesOnEveryInstance(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		there := w.instance()
		for range 5 {
			w.refused(w.try(w.s, "13900000000", "wrong password"), fault.Unsigned, "wrong_credentials")
		}
		for _, s := range []*staff.Service{w.s, there} {
			w.refused(w.try(s, "13900000000", password), fault.TooMany, "too_many_tries")
			w.refused(w.try(s, "13900000000", "wrong password"), fault.TooMany, "too_many_tries")
		}
		w.clock.move(15*time.Minute - time.Second)
		err := w.try(there, "13900000000", password)
		w.refused(err, fault.TooMany, "too_many_tries")
		require.EqualValues(t, 1, fault.Of(err).Extra["retry_after"])
		w.clock.move(time.Second)
		require.NoError(t, w.try(there, "13900000000", password))
	})
}

func TestSignIn_forgetsWrongTriesAfterARightOneOrAWhile(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		wrong := func(n int) {
			for range n {
				w.refused(w.try(w.s, "13900000000", "wrong password"), fault.Unsigned, "wrong_credentials")
			}
		}
		wrong(4)
		require.NoError(t, w.try(w.s, "13900000000", password))
		wrong(4)
		w.clock.move(15 * time.Minute)
		wrong(4)
		require.NoError(t, w.s.Sweep(t.Context()))
		wrong(1)
		w.refused(w.try(w.s, "13900000000", password), fault.TooMany, "too_many_tries")
		w.clock.move(15 * time.Minute)
		require.NoError(t, w.s.Sweep(t.Context()))
		var left int64
		require.NoError(t, w.db.Read(t.Context()).Model(&model.Throttle{}).Count(&left).Error)
		require.Zero(t, left)
	})
}

func TestSignIn_triedInParallelTellsFiveTimesAtMost(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		services := []*staff.Service{w.s, w.instance()}
		var told atomic.Int64
		var all sync.WaitGroup
		errs := make(chan error, 16)
		for i := range 16 {
			all.Go(func() {
				err := w.try(services[i%2], "13900000000", "wrong password")
				if fault.Is(err, fault.Unsigned) {
					told.Add(1)
				} else if !fault.Is(err, fault.TooMany) {
					errs <- err
				}
			})
		}
		all.Wait()
		close(errs)
		require.NoError(t, <-errs)
		require.EqualValues(t, 5, told.Load())
	})
}

func TestSignIn_limitsAnAddressThatTriesManyPhones(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		const attacker = "2001:db8::1"
		require.NoError(t, w.s.CountWrongTries(t.Context(), attacker, 200))
		_, err := w.s.SignIn(t.Context(), staff.SignIn{Phone: "13900000000", Password: password, IP: "2001:db8::ffff"})
		w.refused(err, fault.TooMany, "too_many_tries")
		_, err = w.s.SignIn(t.Context(), staff.SignIn{Phone: "13900000000", Password: password, IP: "10.0.0.1"})
		require.NoError(t, err)
	})
}
