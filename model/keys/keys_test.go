package keys_test

import (
	"bytes"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/model/keys"
)

func master(b byte) []byte { return bytes.Repeat([]byte{b}, keys.Size) }

func load(t *testing.T, db *database.DB, masters ...[]byte) *keys.Ring {
	t.Helper()
	r, err := keys.Load(t.Context(), db, masters)
	require.NoError(t, err)
	return r
}

func TestSeal_hidesAndGivesBack(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r := load(t, db, master(1))
		sealed := r.SealString("13800000001")
		require.NotContains(t, string(sealed), "1380")
		require.NotEqual(t, sealed, r.SealString("13800000001"), "the same text looks different each time")
		require.LessOrEqual(t, len(r.SealString(string(make([]byte, 200)))), 255)
		plain, err := r.OpenString(sealed)
		require.NoError(t, err)
		require.Equal(t, "13800000001", plain)

		for i := range sealed {
			damaged := bytes.Clone(sealed)
			damaged[i] ^= 1
			_, err := r.Open(damaged)
			require.Error(t, err, "byte %d", i)
			_, err = r.Open(sealed[:max(i, 1)])
			require.Error(t, err, "cut at %d", i)
		}

		require.Nil(t, r.Seal(nil))
		require.Nil(t, r.SealString(""))
		none, err := r.Open(nil)
		require.NoError(t, err)
		require.Nil(t, none)
	})
}

func TestHash_tellsKindsAndDatabasesApart(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r := load(t, db, master(1))
		require.Regexp(t, "^[0-9a-f]{64}$", r.Hash("phone", "1"))
		again := load(t, db, master(1))
		require.Equal(t, r.Hash("phone", "1"), again.Hash("phone", "1"))
		require.NotEqual(t, r.Hash("phone", "1"), r.Hash("card", "1"))
		require.NotEqual(t, r.Hash("phone", "1"), r.Hash("phone1", ""))

		other := databasetest.Open(t, databasetest.Fresh(t, db.Kind()), db.Now)
		require.NotEqual(t, r.Hash("phone", "1"), load(t, other, master(1)).Hash("phone", "1"))
	})
}

func TestLoad_followsAChangeOfTheMasterKey(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		old := load(t, db, master(1))
		sealed, hash := old.SealString("secret"), old.Hash("phone", "1")

		for _, masters := range [][][]byte{{master(2), master(1)}, {master(2), master(1)}, {master(2)}, {master(3), master(2)}} {
			r := load(t, db, masters...)
			plain, err := r.OpenString(sealed)
			require.NoError(t, err)
			require.Equal(t, "secret", plain)
			require.Equal(t, hash, r.Hash("phone", "1"))
		}
	})
}

func TestLoad_refusesMastersThatDoNotFit(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		load(t, db, master(1))
		_, err := keys.Load(t.Context(), db, [][]byte{master(2), master(3)})
		require.ErrorContains(t, err, "sealed with another master key")
		_, err = keys.Load(t.Context(), db, nil)
		require.ErrorContains(t, err, "none given")
		_, err = keys.Load(t.Context(), db, [][]byte{[]byte("short")})
		require.ErrorContains(t, err, "32 bytes")

		require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error {
			var row model.StoredKey
			if err := tx.Take(&row, "name = ?", "data").Error; err != nil {
				return err
			}
			row.Sealed[len(row.Sealed)-1] ^= 1
			return tx.Model(&row).Update("sealed", row.Sealed).Error
		}))
		_, err = keys.Load(t.Context(), db, [][]byte{master(1)})
		require.ErrorContains(t, err, "damaged")
	})
}

func TestLoad_firstStartsAtOnceEndWithOneKey(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		const starts = 8
		rings, errs := make([]*keys.Ring, starts), make([]error, starts)
		var all sync.WaitGroup
		for i := range starts {
			all.Go(func() { rings[i], errs[i] = keys.Load(t.Context(), db, [][]byte{master(1)}) })
		}
		all.Wait()
		for i := range starts {
			require.NoError(t, errs[i])
			require.Equal(t, rings[0].Hash("phone", "1"), rings[i].Hash("phone", "1"))
			plain, err := rings[i].OpenString(rings[0].SealString("secret"))
			require.NoError(t, err)
			require.Equal(t, "secret", plain)
		}
	})
}
