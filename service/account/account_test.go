package account_test

import (
	"bytes"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/model/keys"
	"liuke/service/access"
	"liuke/service/account"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/wechat"
)

// Two EncodingAESKeys.
const (
	keyA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	keyB = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
)

// clock is a clock that stands still until moved.
type clock struct{ ms atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ms.Store(1_700_000_000_000)
	return c
}

func (c *clock) now() time.Time       { return time.UnixMilli(c.ms.Load()) }
func (c *clock) move(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// eachWithClock runs the test on every database with a clock of its own.
func eachWithClock(t *testing.T, f func(t *testing.T, db *database.DB, c *clock)) {
	t.Helper()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			f(t, databasetest.Open(t, databasetest.Fresh(t, kind), c.now), c)
		})
	}
}

func newService(t *testing.T, db *database.DB) *account.Service {
	t.Helper()
	ring, err := keys.Load(t.Context(), db, [][]byte{bytes.Repeat([]byte{7}, keys.Size)})
	require.NoError(t, err)
	return account.New(account.Deps{DB: db, Keys: ring, Audit: audit.New(audit.Deps{DB: db})})
}

func fresh() account.Add {
	return account.Add{AppID: "wx0123456789abcdef", Secret: "app-secret", Token: "token1", AESKey: keyA, Name: "连锁", OriginalID: "gh_1"}
}

func add(t *testing.T, s *account.Service) (model.Account, access.Actor) {
	t.Helper()
	row, err := s.Add(t.Context(), access.System(""), fresh())
	require.NoError(t, err)
	return row, access.Actor{Kind: model.ByStaff, AccountID: row.ID, StaffID: model.NewID(), Role: model.RoleOwner}
}

func TestAdd_keepsSecretsSealed(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newService(t, db)
		row, owner := add(t, s)
		kept, err := s.Get(t.Context(), owner)
		require.NoError(t, err)
		require.Equal(t, row, kept)
		for _, sealed := range [][]byte{kept.SecretSealed, kept.TokenSealed, kept.AESKeySealed} {
			require.NotEmpty(t, sealed)
			for _, plain := range []string{"app-secret", "token1", keyA} {
				require.NotContains(t, string(sealed), plain)
			}
		}
		require.Equal(t, model.AccountActive, kept.State)
		require.Equal(t, model.SecondScanKeep, kept.SecondScan)

		callback, err := s.ByAppID(t.Context(), row.AppID)
		require.NoError(t, err)
		require.Equal(t, &account.Callback{
			AccountID: row.ID,
			Secrets:   wechat.Secrets{AppID: row.AppID, Token: "token1", AESKeys: []string{keyA}},
		}, callback)
		credentials, err := s.Credentials(t.Context(), row.ID)
		require.NoError(t, err)
		require.Equal(t, wechat.Credentials{AppID: row.AppID, Secret: "app-secret"}, credentials)
		settings, err := s.Settings(t.Context(), row.ID)
		require.NoError(t, err)
		require.Equal(t, "连锁", settings.Name)
		require.Empty(t, settings.SecretSealed)
		all, err := s.List(t.Context())
		require.NoError(t, err)
		require.Len(t, all, 1)
	})
}

func TestAdd_refuses(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newService(t, db)
		_, owner := add(t, s)
		_, err := s.Add(t.Context(), access.System(""), fresh())
		require.True(t, fault.Is(err, fault.Conflict))
		require.Equal(t, "duplicate", fault.Of(err).Reason)
		_, err = s.Add(t.Context(), owner, fresh())
		require.True(t, fault.Is(err, fault.Forbidden))

		for field, change := range map[string]func(*account.Add){
			"appid":       func(a *account.Add) { a.AppID = "gh0123456789" },
			"secret":      func(a *account.Add) { a.Secret = "" },
			"token":       func(a *account.Add) { a.Token = "a-b" },
			"aes_key":     func(a *account.Add) { a.AESKey = strings.Repeat("!", 43) },
			"original_id": func(a *account.Add) { a.OriginalID = "吉" },
			"name":        func(a *account.Add) { a.Name = " \x00" },
		} {
			in := fresh()
			in.AppID = "wxnew00000"
			change(&in)
			_, err := s.Add(t.Context(), access.System(""), in)
			require.True(t, fault.Is(err, fault.Invalid), field)
			require.Equal(t, field, fault.Of(err).Fields[0].Name)
		}
	})
}

func TestByAppID_ofAnUnknownAccountIsNotFoundUntilItIsAdded(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, db *database.DB, c *clock) {
		t.Helper()
		here, there := newService(t, db), newService(t, db)
		for _, appid := range []string{fresh().AppID, "", "wx", "wx'--0000000", strings.Repeat("x", 300)} {
			_, err := here.ByAppID(t.Context(), appid)
			require.True(t, fault.Is(err, fault.NotFound), appid)
		}
		row, _ := add(t, there)
		c.move(time.Second)
		got, err := here.ByAppID(t.Context(), row.AppID)
		require.NoError(t, err)
		require.Equal(t, row.ID, got.AccountID)
		_, err = here.Credentials(t.Context(), model.NewID())
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

func TestUpdate_ofTheAESKeyReachesBothInstancesWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, db *database.DB, c *clock) {
		t.Helper()
		here, there := newService(t, db), newService(t, db)
		row, owner := add(t, here)
		aesKeys := func(s *account.Service) []string {
			got, err := s.ByAppID(t.Context(), row.AppID)
			require.NoError(t, err)
			return got.Secrets.AESKeys
		}
		require.Equal(t, []string{keyA}, aesKeys(here))
		require.Equal(t, []string{keyA}, aesKeys(there))

		change := func(key string) {
			_, err := here.Update(t.Context(), owner, account.Update{AESKey: &key})
			require.NoError(t, err)
		}
		change(keyB)
		require.Equal(t, []string{keyB, keyA}, aesKeys(here), "at once where it was changed")
		c.move(2 * time.Second)
		require.Equal(t, []string{keyB, keyA}, aesKeys(there))

		change(keyB)
		require.Equal(t, []string{keyB, keyA}, aesKeys(here), "the same key again loses nothing")
		change("")
		require.Empty(t, aesKeys(here))
		change(keyA)
		require.Equal(t, []string{keyA}, aesKeys(here))
	})
}

func TestByAppID_goesOnWithWhatItKnowsWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, db *database.DB, c *clock) {
		t.Helper()
		s := newService(t, db)
		row, _ := add(t, s)
		_, err := s.ByAppID(t.Context(), row.AppID)
		require.NoError(t, err)
		require.NoError(t, db.Close())
		for range 3 {
			c.move(10 * time.Second)
			got, err := s.ByAppID(t.Context(), row.AppID)
			require.NoError(t, err)
			require.Equal(t, row.ID, got.AccountID)
		}
		_, err = s.ByAppID(t.Context(), "wxother0000")
		require.Error(t, err)
		require.False(t, fault.Is(err, fault.NotFound), "not known is not the same as not there")
	})
}

func TestUpdate_isTheOwnersAndAudited(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newService(t, db)
		row, owner := add(t, s)
		name, greeting, rule, secret := "新名", "你好 {name}", model.SecondScanAsk, "other-secret"
		got, err := s.Update(t.Context(), owner, account.Update{Name: &name, Greeting: &greeting, SecondScan: &rule, Secret: &secret})
		require.NoError(t, err)
		require.Equal(t, row.Version+1, got.Version)
		kept, err := s.Get(t.Context(), owner)
		require.NoError(t, err)
		require.Equal(t, got, kept)
		require.Equal(t, []string{name, greeting, rule}, []string{kept.Name, kept.Greeting, kept.SecondScan})
		credentials, err := s.Credentials(t.Context(), row.ID)
		require.NoError(t, err)
		require.Equal(t, secret, credentials.Secret)

		rows, _, err := audit.New(audit.Deps{DB: db}).List(t.Context(), owner, audit.Filter{Action: "account.update"})
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Equal(t, "name,greeting,second_scan,secret", rows[0].Detail)

		unknown, long := "sometimes", strings.Repeat("x", 601)
		for _, in := range []account.Update{{SecondScan: &unknown}, {Greeting: &long}, {Name: new(string)}, {Token: &unknown, Secret: new(string)}} {
			_, err = s.Update(t.Context(), owner, in)
			require.True(t, fault.Is(err, fault.Invalid))
		}
		manager := owner
		manager.Role = model.RoleManager
		_, err = s.Update(t.Context(), manager, account.Update{Name: &name})
		require.True(t, fault.Is(err, fault.Forbidden))
	})
}

func TestStopSending_lastsUntilTheOwnerResumes(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newService(t, db)
		row, owner := add(t, s)
		state := func() [2]string {
			got, err := s.Settings(t.Context(), row.ID)
			require.NoError(t, err)
			return [2]string{got.State, got.StateReason}
		}
		require.Equal(t, [2]string{model.AccountActive, ""}, state())
		require.NoError(t, s.StopSending(t.Context(), row.ID, "secret_wrong"))
		require.NoError(t, s.StopSending(t.Context(), row.ID, "later"))
		require.Equal(t, [2]string{model.AccountStopped, "secret_wrong"}, state())
		_, err := s.ByAppID(t.Context(), row.AppID)
		require.NoError(t, err, "pushes still come in")
		clerk := owner
		clerk.Role = model.RoleClerk
		require.True(t, fault.Is(s.ResumeSending(t.Context(), clerk), fault.Forbidden))
		require.NoError(t, s.ResumeSending(t.Context(), owner))
		require.NoError(t, s.ResumeSending(t.Context(), owner))
		require.Equal(t, [2]string{model.AccountActive, ""}, state())
	})
}
