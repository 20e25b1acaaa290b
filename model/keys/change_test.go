package keys_test

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/model/keys"
)

func opens(t *testing.T, r *keys.Ring, sealed []byte, want string) {
	t.Helper()
	plain, err := r.OpenString(sealed)
	require.NoError(t, err)
	require.Equal(t, want, plain)
}

func follow(t *testing.T, r *keys.Ring) {
	t.Helper()
	require.NoError(t, r.Follow(t.Context(), nil))
}

// sameKey reports whether two values were sealed by one key.
func sameKey(a, b []byte) bool { return bytes.Equal(a[:4], b[:4]) }

func swept(t *testing.T, r *keys.Ring) keys.Swept {
	t.Helper()
	s, err := r.Sweep(t.Context(), func(string, int64) {})
	require.NoError(t, err)
	return s
}

// names lists the stored keys.
func names(t *testing.T, db *database.DB) []string {
	t.Helper()
	var all []string
	require.NoError(t, db.Read(t.Context()).Model(&model.StoredKey{}).Order("name").Pluck("name", &all).Error)
	return all
}

func TestChange_lettersOfEveryServerAreReadByEveryServerAtEveryStage(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		command, server, other := load(t, db, master(1)), load(t, db, master(1)), load(t, db, master(1))
		hash := server.Hash("phone", "1")
		all := [][]byte{server.SealString("old")}
		old := command.DataKey()
		check := func(stage keys.Stage) {
			t.Helper()
			require.Equal(t, stage, command.Stage())
			fresh := load(t, db, master(1)) // a server that starts now, after a crash of the command
			require.Equal(t, stage, fresh.Stage())
			for _, r := range []*keys.Ring{command, server, fresh} {
				all = append(all, r.SealString("old"))
			}
			for _, r := range []*keys.Ring{command, server, fresh} {
				for _, sealed := range all {
					opens(t, r, sealed, "old")
				}
				require.Equal(t, hash, r.Hash("phone", "1"))
			}
		}
		check(keys.Settled)
		require.NoError(t, command.Announce(t.Context()))
		check(keys.Announced)
		require.Equal(t, old, command.DataKey())
		follow(t, server)
		check(keys.Announced)
		require.NoError(t, command.Switch(t.Context()))
		check(keys.Switched)
		require.NotEqual(t, old, command.DataKey())
		require.True(t, sameKey(all[0], server.SealString("old")), "it has not looked yet")
		follow(t, server)
		require.False(t, sameKey(all[0], server.SealString("old")))
		check(keys.Switched)
		require.NoError(t, command.Settle(t.Context()))
		check(keys.Settled)

		opens(t, other, command.SealString("new"), "new") // it has never looked
		require.True(t, sameKey(all[0], other.SealString("x")), "to open is no reason to seal with it")
		follow(t, other)
		require.False(t, sameKey(all[0], other.SealString("x")))
		require.Equal(t, []string{"data", "data.old." + old, "lookup"}, names(t, db))

		require.NoError(t, other.Announce(t.Context())) // the next change
		require.NoError(t, other.Switch(t.Context()))
		require.NoError(t, other.Settle(t.Context()))
		again := load(t, db, master(1))
		for _, sealed := range all {
			opens(t, again, sealed, "old")
		}
		require.Len(t, names(t, db), 4)
	})
}

func TestChange_shutsProgramsOutThatKnowOneKeyOnly(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		oldest := func() (values []string) {
			require.NoError(t, db.Read(t.Context()).Model(&model.SchemaMeta{}).Where("name = 'min_program'").Pluck("value", &values).Error)
			return values
		}
		r := load(t, db, master(1))
		require.Empty(t, oldest(), "as long as there is one key, older ones may go on")
		require.NoError(t, r.Announce(t.Context()))
		require.Equal(t, []string{"2"}, oldest())
		require.NoError(t, db.CheckSchema(t.Context()))

		_, err := db.Exec(t.Context(), "DELETE FROM schema_meta") // as after a restore
		require.NoError(t, err)
		load(t, db, master(1))
		require.Equal(t, []string{"2"}, oldest())
	})
}

func TestChange_byTwoCommandsAtOnceIsOneChange(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		a, b := load(t, db, master(1)), load(t, db, master(1))
		require.NoError(t, a.Announce(t.Context()))
		require.NoError(t, b.Announce(t.Context()))
		require.Equal(t, []string{"data", "data.next", "lookup"}, names(t, db))
		late := load(t, db, master(1))
		require.NoError(t, a.Switch(t.Context()))
		require.NoError(t, b.Switch(t.Context()))
		require.Equal(t, a.DataKey(), b.DataKey())
		require.NoError(t, a.Settle(t.Context()))
		require.NoError(t, b.Settle(t.Context()))
		require.Equal(t, keys.Settled, b.Stage())

		// One that stood still goes on in the midst of the next change, whose new key no server has yet.
		require.NoError(t, a.Announce(t.Context()))
		require.ErrorIs(t, late.Switch(t.Context()), keys.ErrOtherChange)
		follow(t, late)
		require.NoError(t, late.Switch(t.Context()))
		standing := load(t, db, master(1))
		require.NoError(t, late.Settle(t.Context()))
		require.NoError(t, late.Announce(t.Context()))
		require.NoError(t, late.Switch(t.Context()))
		require.ErrorIs(t, standing.Settle(t.Context()), keys.ErrOtherChange)
		require.Equal(t, keys.Switched, load(t, db, master(1)).Stage())
	})
}

func TestChange_ofTheMasterKeyTakesAllDataKeysAlong(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		running := load(t, db, master(1))
		sealed := [][]byte{running.SealString("x")}
		for range 2 {
			require.NoError(t, running.Announce(t.Context()))
			require.NoError(t, running.Switch(t.Context()))
			sealed = append(sealed, running.SealString("x"))
			require.NoError(t, running.Settle(t.Context()))
		}
		require.NoError(t, running.Announce(t.Context()))
		require.Len(t, names(t, db), 5)

		both := load(t, db, master(2), master(1))
		by, err := keys.SealedBy(t.Context(), db)
		require.NoError(t, err)
		require.Len(t, by, 1)
		require.NoError(t, both.Switch(t.Context()))
		for _, r := range []*keys.Ring{both, load(t, db, master(2)), running} {
			for _, s := range sealed {
				opens(t, r, s, "x")
			}
		}
		require.ErrorIs(t, running.Follow(t.Context(), nil), keys.ErrOtherMaster, "it goes on with what it has")
		require.ErrorIs(t, running.Switch(t.Context()), keys.ErrOtherMaster)
		_, err = running.Open(load(t, db, master(2)).SealString("x"))
		require.NoError(t, err, "it has seen that key when it was announced")
		require.NoError(t, both.Settle(t.Context()))
		require.NoError(t, both.Announce(t.Context()))
		require.NoError(t, both.Switch(t.Context()))
		_, err = running.Open(both.SealString("x"))
		require.ErrorContains(t, err, "another key")

		// Half way through a change of the master key no data key is made that the old one would seal.
		lookup := model.StoredKey{}
		require.NoError(t, db.Read(t.Context()).Take(&lookup, "name = 'lookup'").Error)
		require.NoError(t, both.Settle(t.Context()))
		load(t, db, master(3), master(2))
		_, err = db.Exec(t.Context(), "UPDATE key_store SET sealed = ? WHERE name = 'lookup'", lookup.Sealed)
		require.NoError(t, err)
		mixed, err := keys.FromCopy(copied(t, both), [][]byte{master(3), master(2)})
		require.NoError(t, err)
		mixed.ReadFrom(t.Context(), db)
		require.ErrorIs(t, mixed.Announce(t.Context()), keys.ErrMasterChange)
	})
}

// copied is the copy that Follow gives, whether the ring itself can read it or not.
func copied(t *testing.T, r *keys.Ring) (text []byte) {
	t.Helper()
	_ = r.Follow(t.Context(), func(c []byte) error { text = c; return nil })
	require.NotEmpty(t, text)
	return text
}

func TestFollow_keepsACopyBeforeItSealsWithANewKey(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		command, server := load(t, db, master(1)), load(t, db, master(1))
		old := server.SealString("x")
		require.NoError(t, command.Announce(t.Context()))
		require.NoError(t, command.Switch(t.Context()))
		full := errors.New("disk is full")
		err := server.Follow(t.Context(), func(text []byte) error {
			require.True(t, sameKey(old, server.SealString("x")))
			kept, err := keys.FromCopy(text, [][]byte{master(1)})
			require.NoError(t, err)
			require.True(t, kept.Same(server))
			opens(t, kept, old, "x")
			opens(t, kept, command.SealString("y"), "y")
			require.Equal(t, command.DataKey(), kept.DataKey())
			return full
		})
		require.ErrorIs(t, err, full)
		require.False(t, sameKey(old, server.SealString("x")), "a folder that cannot be written does not hold a change up")

		other := databasetest.Open(t, databasetest.Fresh(t, db.Kind()), db.Now)
		require.False(t, load(t, other, master(1)).Same(server))
	})
}

func TestOpen_looksForAKeyAtMostOnceASecond(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	now := func() time.Time { return time.Unix(1_800_000_000, 0).Add(time.Duration(ahead.Load())) }
	databasetest.EachAt(t, now, func(t *testing.T, db *database.DB) {
		t.Helper()
		server, command := load(t, db, master(1)), load(t, db, master(1))
		damaged := []byte("who knows what sealed this")
		_, err := server.Open(damaged)
		require.ErrorContains(t, err, "another key")
		require.NoError(t, command.Announce(t.Context()))
		require.NoError(t, command.Switch(t.Context()))
		sealed := command.SealString("x")
		_, err = server.Open(sealed)
		require.ErrorContains(t, err, "another key", "one has just looked")
		ahead.Add(int64(time.Second))
		opens(t, server, sealed, "x")
		_, err = server.Open(damaged)
		require.ErrorContains(t, err, "another key")
		ahead.Add(-int64(time.Hour)) // a clock that is put back does not hold it up
		require.NoError(t, command.Settle(t.Context()))
		require.NoError(t, command.Announce(t.Context()))
		require.NoError(t, command.Switch(t.Context()))
		opens(t, server, command.SealString("y"), "y")
	})
}

func TestOpen_tellsWhenTheDatabaseCannotBeAskedForAKey(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		command := load(t, db, master(1))
		before := copied(t, command)
		require.NoError(t, command.Announce(t.Context()))
		require.NoError(t, command.Switch(t.Context()))
		kept, err := keys.FromCopy(before, [][]byte{master(1)})
		require.NoError(t, err)
		sealed := command.SealString("x")
		_, err = kept.Open(sealed)
		require.ErrorContains(t, err, "another key", "it has nobody to ask")
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		kept.ReadFrom(ended, db)
		opens(t, kept, sealed, "x") // whoever made the ring has ended long ago

		away, err := keys.FromCopy(before, [][]byte{master(1)})
		require.NoError(t, err)
		broken := databasetest.Open(t, databasetest.Fresh(t, db.Kind()), db.Now)
		_, err = broken.Exec(t.Context(), "DROP TABLE key_store")
		require.NoError(t, err)
		away.ReadFrom(t.Context(), broken)
		for range 2 { // the second time without a look
			_, err = away.Open(sealed)
			require.ErrorContains(t, err, "read the stored keys")
		}
	})
}
