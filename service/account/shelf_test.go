package account_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model/database"
	"liuke/model/keys"
	"liuke/service/account"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/wechat"
)

// folder is a shelf in memory.
type folder map[string][]byte

func (f folder) Keep(name string, sealed []byte) error {
	f[name] = sealed
	return nil
}

func (f folder) Kept(name string) ([]byte, error) { return f[name], nil }

func TestShelf_letsPushesBeOpenedWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, db *database.DB, c *clock) {
		t.Helper()
		ring, err := keys.Load(t.Context(), db, [][]byte{bytes.Repeat([]byte{7}, keys.Size)})
		require.NoError(t, err)
		shelf := folder{}
		open := func() *account.Service {
			return account.New(account.Deps{DB: db, Keys: ring, Audit: audit.New(audit.Deps{DB: db}), Shelf: shelf})
		}
		s := open()
		row, owner := add(t, s)
		require.NoError(t, s.Shelve(t.Context()))
		for _, secret := range []string{row.AppID, "token1", keyA, "app-secret"} {
			require.NotContains(t, string(shelf["accounts"]), secret)
		}
		before := shelf["accounts"]
		require.NoError(t, s.Shelve(t.Context()))
		require.Equal(t, before, shelf["accounts"], "nothing changed, nothing is written")
		token := "token2"
		_, err = s.Update(t.Context(), owner, account.Update{Token: &token})
		require.NoError(t, err)
		require.NoError(t, s.Shelve(t.Context()))

		other := open() // runs already, but has not been asked for this account yet
		require.NoError(t, other.Shelve(t.Context()))
		require.NoError(t, db.Close())
		started := open()
		require.NoError(t, started.Unshelve())
		for range 3 {
			for _, s := range []*account.Service{s, other, started} {
				known, err := s.ByAppID(t.Context(), row.AppID)
				require.NoError(t, err)
				require.Equal(t, account.Callback{AccountID: row.ID, Secrets: wechat.Secrets{AppID: row.AppID, Token: "token2", AESKeys: []string{keyA}}}, *known)
				_, err = s.ByAppID(t.Context(), "wxfedcba9876543210")
				require.Error(t, err)
				require.False(t, fault.Is(err, fault.NotFound), "nobody can tell")
			}
			c.move(time.Minute)
		}
	})
}
