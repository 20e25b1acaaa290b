package consent

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/model/keys"
	"liuke/service/fault"
)

func TestLink_opensForItsTimeAndItsAccountAlone(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ring, err := keys.Load(t.Context(), db, [][]byte{bytes.Repeat([]byte{1}, keys.Size)})
		require.NoError(t, err)
		s := New(Deps{DB: db, Keys: ring, PublicURL: "https://liuke.example/"})
		now, account, member := time.Unix(1_800_000_000, 0), model.NewID(), model.NewID()
		token := s.sign(byLetter, account, member, now.Add(time.Hour))
		reason := func(account, token string, at time.Time) string {
			_, _, err := s.read(account, token, at)
			if err == nil {
				return ""
			}
			return fault.Of(err).Reason
		}
		kind, id, err := s.read(account, token, now)
		require.NoError(t, err)
		require.Equal(t, []any{byLetter, member}, []any{kind, id})
		require.Equal(t, "link_expired", reason(account, token, now.Add(time.Hour)))
		require.Equal(t, "link_unknown", reason(model.NewID(), token, now))
		for i := range token { // whatever is changed in it
			spoiled := []byte(token)
			spoiled[i] ^= 1
			require.Equal(t, "link_unknown", reason(account, string(spoiled), now), i)
		}
		require.Empty(t, s.sign(byLetter, account, "no id", now))
		require.Equal(t, "https://liuke.example/m/wx1/consent", s.Address("wx1"))
	})
}
