package keys_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm/schema"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/model/keys"
)

// sealedColumns are the columns of which somebody has made sure that the data key seals them and nothing else does.
var sealedColumns = []string{
	"accounts.secret_sealed", "accounts.token_sealed", "accounts.aes_key_sealed", "accounts.aes_key_previous_sealed",
	"staff.phone_sealed", "staff.otp_sealed", "members.phone_sealed", "member_import_parts.sealed",
	"sms_settings.secret_id_sealed", "sms_settings.secret_key_sealed",
}

// plainColumns are columns of bytes that nobody seals.
var plainColumns = []string{
	"push_bundles.body", "pushes.dedupe", "pushes.body",
	"key_store.sealed", // by the master key
}

func TestColumns_areAllThatAreSealed(t *testing.T) {
	t.Parallel()
	columns, err := keys.Columns()
	require.NoError(t, err)
	var found []string
	for _, c := range columns {
		found = append(found, c.String())
	}
	require.ElementsMatch(t, sealedColumns, found)

	var bytes []string
	for _, row := range model.Tables() {
		s, err := schema.Parse(row, &sync.Map{}, schema.NamingStrategy{})
		require.NoError(t, err)
		for _, f := range s.Fields {
			if f.DataType == schema.Bytes {
				bytes = append(bytes, s.Table+"."+f.DBName)
			}
		}
	}
	require.ElementsMatch(t, slices.Concat(sealedColumns, plainColumns), bytes,
		"a new column of bytes: if it is sealed its name must end so, and a change of the data key seals it anew")
}

// sealed reads all values of all columns that are sealed.
func sealed(t *testing.T, db *database.DB) map[string][][]byte {
	t.Helper()
	all := map[string][][]byte{}
	for _, name := range sealedColumns {
		table, column, _ := strings.Cut(name, ".")
		var values [][]byte
		require.NoError(t, db.Read(t.Context()).Table(table).Where(column+" IS NOT NULL").Order(column).Pluck(column, &values).Error)
		all[name] = values
	}
	return all
}

func insert[T any](t *testing.T, db *database.DB, rows ...*T) {
	t.Helper()
	require.NoError(t, db.InsertNew(t.Context(), rows))
}

// people makes some members with phones; their ids begin with prefix.
func people(t *testing.T, db *database.DB, r *keys.Ring, prefix string, n int) {
	t.Helper()
	rows := make([]*model.Member, n)
	for i := range rows {
		rows[i] = &model.Member{ID: fmt.Sprintf("%s%05d", prefix, i), PhoneSealed: r.SealString(fmt.Sprint(prefix, i))}
	}
	for some := range slices.Chunk(rows, 500) {
		insert(t, db, some...)
	}
}

// begun is a ring whose change has come to where values are sealed anew, and one of a server that has not looked since.
func begun(t *testing.T, db *database.DB) (command, server *keys.Ring) {
	t.Helper()
	command, server = load(t, db, master(1)), load(t, db, master(1))
	require.NoError(t, command.Announce(t.Context()))
	require.NoError(t, command.Switch(t.Context()))
	return command, server
}

func TestSweep_sealsEveryValueOfEveryColumnAnew(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		command, old := begun(t, db)
		text := func(s string) []byte { return old.SealString(s) }
		insert(t, db,
			&model.Account{ID: "a", AppID: "1", SecretSealed: text("s"), TokenSealed: text("t"), AESKeySealed: text("k"), AESKeyPreviousSealed: text("p")},
			&model.Account{ID: "b", AppID: "2", SecretSealed: text("s2"), TokenSealed: command.SealString("new already")})
		insert(t, db, &model.Staff{ID: "s", PhoneHash: "1", PhoneSealed: text("139"), OTPSealed: text("otp")}, &model.Staff{ID: "t", PhoneHash: "2", PhoneSealed: text("138")})
		insert(t, db, &model.SMSSettings{AccountID: "a", SecretIDSealed: text("id"), SecretKeySealed: text("key")})
		people(t, db, old, "m", 2345)
		insert(t, db, &model.Member{ID: "none"}, &model.Member{ID: "twin1", PhoneSealed: text("twin")})
		var twin model.Member
		require.NoError(t, db.Read(t.Context()).Take(&twin, "id = 'twin1'").Error)
		twin.ID = "twin2" // as after a merge: the same bytes in two rows
		insert(t, db, &twin)
		large := strings.Repeat("行", 200_000)
		for i := range 7 {
			insert(t, db, &model.ImportPart{ImportID: fmt.Sprint("i", i%2), FirstRow: int64(i), Sealed: text(large)})
		}
		insert(t, db, &model.ImportPart{ImportID: "i9", Sealed: text("short")})

		var columns []string
		s, err := command.Sweep(t.Context(), func(column string, _ int64) { columns = append(columns, column) })
		require.NoError(t, err)
		require.Subset(t, columns, sealedColumns)
		const all = 4 + 2 + 3 + 2 + 2345 + 2 + 8
		require.Equal(t, keys.Swept{Values: all, Old: all - 1, Anew: all - 1}, s)
		after := sealed(t, db)
		n := 0
		for name, values := range after {
			require.NotEmpty(t, values, name)
			for _, v := range values {
				require.True(t, sameKey(v, command.SealString("x")), name)
				n++
			}
		}
		require.Equal(t, all, n)
		require.Equal(t, keys.Swept{Values: all}, swept(t, command), "nothing is left to do")
		require.Equal(t, after, sealed(t, db), "and nothing was done")

		var rows []model.Member
		require.NoError(t, db.Read(t.Context()).Order("id").Find(&rows, "id LIKE 'm%'").Error)
		for i, m := range rows {
			opens(t, old, m.PhoneSealed, fmt.Sprint("m", i))
		}
		var parts []model.ImportPart
		require.NoError(t, db.Read(t.Context()).Find(&parts, "import_id <> 'i9'").Error)
		require.Len(t, parts, 7)
		for _, p := range parts {
			opens(t, old, p.Sealed, large)
		}
		require.NoError(t, db.Read(t.Context()).Find(&rows, "id LIKE 'twin%'").Error)
		opens(t, old, rows[0].PhoneSealed, "twin")
		opens(t, old, rows[1].PhoneSealed, "twin")
	})
}

func TestSweep_goesOnWhereItWasBrokenOff(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		command, old := begun(t, db)
		people(t, db, old, "m", 2500)
		ctx, cancel := context.WithCancel(t.Context())
		done, err := command.Sweep(ctx, func(column string, n int64) {
			if column == "members.phone_sealed" && n > 1000 {
				cancel()
			}
		})
		require.ErrorIs(t, err, context.Canceled)
		require.GreaterOrEqual(t, done.Anew, int64(2000))
		require.Less(t, done.Anew, int64(2500))
		again := load(t, db, master(1)) // another process
		require.Equal(t, keys.Switched, again.Stage())
		require.Equal(t, keys.Swept{Values: 2500, Old: 2500 - done.Anew, Anew: 2500 - done.Anew}, swept(t, again))
		require.Equal(t, keys.Swept{Values: 2500}, swept(t, again))
	})
}

func TestSweep_leavesWhatNoKeyOpensAndNamesIt(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		command, old := begun(t, db)
		damaged := old.SealString("139")
		damaged[len(damaged)-1] ^= 1
		insert(t, db,
			&model.Member{ID: "m1", PhoneSealed: old.SealString("1")}, &model.Member{ID: "m2", PhoneSealed: damaged},
			&model.Member{ID: "m3", PhoneSealed: []byte("ab")}, &model.Member{ID: "m4", PhoneSealed: []byte("of another database")},
			&model.Member{ID: "m5", PhoneSealed: old.SealString("5")})
		want := keys.Swept{Values: 5, Old: 2, Anew: 2, Lost: 3, Named: []string{
			"members.phone_sealed of [m2]", "members.phone_sealed of [m3]", "members.phone_sealed of [m4]",
		}}
		require.Equal(t, want, swept(t, command))
		want.Old, want.Anew = 0, 0
		require.Equal(t, want, swept(t, command), "they do not hold the end of a change up")
		var m model.Member
		require.NoError(t, db.Read(t.Context()).Take(&m, "id = 'm2'").Error)
		require.Equal(t, damaged, m.PhoneSealed)
	})
}

// A member who gets another phone while his old one is sealed anew keeps the other phone, on either server.
func TestSweep_neverWritesOverWhatSomebodyElseWrites(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		command, late := begun(t, db)
		const n = 300
		people(t, db, late, "m", n)
		writers := []*keys.Ring{late, load(t, db, master(1))}
		var all sync.WaitGroup
		failed := make([]error, len(writers))
		for w, r := range writers {
			all.Go(func() {
				for i := w; i < n && failed[w] == nil; i += 2 * len(writers) {
					_, failed[w] = db.Exec(t.Context(), "UPDATE members SET phone_sealed = ? WHERE id = ?", r.SealString(fmt.Sprint("other", i)), fmt.Sprintf("m%05d", i))
				}
			})
		}
		for range 5 {
			swept(t, command)
		}
		all.Wait()
		require.Equal(t, make([]error, len(writers)), failed)
		swept(t, command)
		require.Zero(t, swept(t, command).Old)
		var rows []model.Member
		require.NoError(t, db.Read(t.Context()).Order("id").Find(&rows).Error)
		for i, m := range rows {
			want := fmt.Sprint("m", i)
			if i%4 < 2 {
				want = fmt.Sprint("other", i)
			}
			opens(t, command, m.PhoneSealed, want)
			require.True(t, sameKey(m.PhoneSealed, command.SealString("x")))
		}
	})
}

// A command that stood still must not seal with its key, the older one, what the next change has sealed.
func TestSweep_leavesTheNextChangeAlone(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		command, old := begun(t, db)
		next := load(t, db, master(1))
		require.NoError(t, next.Settle(t.Context()))
		require.NoError(t, next.Announce(t.Context()))
		require.NoError(t, next.Switch(t.Context()))
		insert(t, db, &model.Member{ID: "m1", PhoneSealed: old.SealString("1")}, &model.Member{ID: "m2", PhoneSealed: next.SealString("2")})
		require.Equal(t, keys.Swept{Values: 2, Old: 1, Anew: 1}, swept(t, command))
		var m model.Member
		require.NoError(t, db.Read(t.Context()).Take(&m, "id = 'm2'").Error)
		require.True(t, sameKey(m.PhoneSealed, next.SealString("x")))
		require.Equal(t, keys.Swept{Values: 2, Old: 1, Anew: 1}, swept(t, next))
		require.Equal(t, keys.Swept{Values: 2}, swept(t, next))
	})
}
