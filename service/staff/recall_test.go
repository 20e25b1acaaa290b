package staff_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
)

// proves reports whether a statement with the proof of a recalled actor finds anything.
func (w *world) proves(t *testing.T, who access.Actor) (found bool) {
	t.Helper()
	proof := who.Proof(w.db.Now().UnixMilli())
	require.NotEmpty(t, proof.SQL)
	err := w.db.Query(t.Context(), "SELECT 1 FROM accounts WHERE "+proof.SQL, proof.Args, func(database.Scan) error {
		found = true
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, found, who.Proved(found) == nil)
	return found
}

func TestRecall_isForAMinuteAndMarksWhatItGives(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.person(model.RoleClerk, w.store("A").ID)
		token := w.signIn(phone(1)).Token
		for _, unknown := range []string{"", token, token + "x", "nonsense"} {
			_, known := w.s.Recall(unknown)
			require.False(t, known, "whom nobody has asked for is not known")
		}
		asked, err := w.s.Authenticate(t.Context(), token)
		require.NoError(t, err)
		require.False(t, asked.Recalled)
		require.Empty(t, asked.Proof(0).SQL)
		require.NoError(t, asked.Proved(false))

		who, known := w.s.Recall(token)
		require.True(t, known)
		require.True(t, w.proves(t, who))
		asked.Recalled = true
		require.Equal(t, asked, who)

		w.clock.move(59 * time.Second)
		_, known = w.s.Recall(token)
		require.True(t, known)
		w.clock.move(time.Second) // now the use of the session has to be noted
		_, known = w.s.Recall(token)
		require.False(t, known)
		w.clock.move(-2 * time.Minute)
		_, known = w.s.Recall(token)
		require.False(t, known, "a clock that was put back makes nobody known for longer")
	})
}

// Whatever ends or changes the rights of a session ends its proof, whoever was told of it.
func TestProof_endsWithTheRightsItIsOf(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		store, other := w.store("A"), w.store("B")
		for _, change := range []struct {
			name, statement string
			args            []any
		}{
			{"signed out", "DELETE FROM sessions WHERE staff_id = ?", nil},
			{"session over", "UPDATE sessions SET expires_at = 1 WHERE staff_id = ?", nil},
			{"dismissed", "UPDATE staff SET active = 0 WHERE id = ?", nil},
			{"role", "UPDATE staff SET role = 'manager' WHERE id = ?", nil},
			{"store", "UPDATE staff SET store_id = ? WHERE id = ?", []any{other.ID}},
			{"region", "UPDATE staff SET region_id = 'r' WHERE id = ?", nil},
			{"given notice", "UPDATE staff SET leaving_at = 1 WHERE id = ?", nil},
			{"another account", "UPDATE staff SET account_id = 'a' WHERE id = ?", nil},
		} {
			p := w.person(model.RoleClerk, store.ID)
			begun := w.signIn(phone(w.phone))
			_, err := w.s.Authenticate(t.Context(), begun.Token)
			require.NoError(t, err)
			who, known := w.s.Recall(begun.Token)
			require.True(t, known)
			require.True(t, w.proves(t, who), change.name)
			_, err = w.db.Exec(t.Context(), change.statement, append(change.args, p.ID)...)
			require.NoError(t, err)
			require.False(t, w.proves(t, who), change.name)
		}
	})
}
