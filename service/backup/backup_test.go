package backup_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/model/keys"
	"liuke/service/backup"
)

// kinds is a way from one kind of database to one.
type kinds struct{ from, to string }

func everyWay(t *testing.T) []kinds {
	t.Helper()
	var ways []kinds
	for _, from := range databasetest.Kinds(t) {
		for _, to := range databasetest.Kinds(t) {
			ways = append(ways, kinds{from, to})
		}
	}
	return ways
}

func TestRestore_bringsEveryColumnOfEveryTableBack(t *testing.T) {
	t.Parallel()
	for _, way := range everyWay(t) {
		t.Run(way.from+" to "+way.to, func(t *testing.T) {
			t.Parallel()
			from, to := fresh(t, way.from), fresh(t, way.to)
			fillAll(t, from)
			file, _ := write(t, from, folder(t))
			_, err := restore(t.Context(), to, folder(t), file)
			require.NoError(t, err)
			for _, row := range model.Tables() {
				want, got := all(t, from, row), all(t, to, row)
				switch rows := want.(type) {
				case []model.FeedStream, []model.Allowance, []model.Delivery:
					require.Equal(t, 2, count(got)) // changed on purpose: see the next test
					continue
				case []model.Session, []model.Throttle, []model.IdempotencyKey, []model.Journal, []model.Lease, []model.FeedEvent:
					require.Zero(t, count(got), "%T", row)
					continue
				case []model.SchemaMeta:
					require.Zero(t, count(got), "belongs to the schema of the target")
					continue
				default:
					require.Equal(t, 2, count(rows), "%T", row)
				}
				require.Equal(t, want, got)
			}
		})
	}
}

func TestRestore_bringsAWholeWorldBackAndSettlesWhatWasUnderWay(t *testing.T) {
	t.Parallel()
	for _, way := range everyWay(t) {
		t.Run(way.from+" to "+way.to, func(t *testing.T) {
			t.Parallel()
			from, to := fresh(t, way.from), fresh(t, way.to)
			source, target := folder(t), folder(t)
			person(t, from, source)
			file, sum := write(t, from, source)
			require.Empty(t, sum.Missing)
			require.Empty(t, sum.Damaged)
			require.Equal(t, int64(3), sum.Manifest.Media.Files)
			require.Equal(t, int64(210_000), sum.Manifest.Media.Bytes)
			require.Equal(t, "1.2.3", sum.Manifest.Program)
			m, err := backup.Verify(t.Context(), bytes.NewReader(file))
			require.NoError(t, err)
			require.Equal(t, sum.Manifest, m)

			done, err := restore(t.Context(), to, target, file)
			require.NoError(t, err)
			require.Equal(t, m, done.Manifest)
			require.Equal(t, int64(3+2*100), done.Interrupted)
			require.Equal(t, files(t, source), files(t, target))

			want, ok := all(t, from, &model.Message{}).([]model.Message)
			require.True(t, ok)
			for i := range want {
				if want[i].State == model.StateQueued || want[i].State == model.StateSending {
					want[i].State, want[i].Reason = model.StateUnknown, "interrupted"
				}
			}
			require.Equal(t, want, all(t, to, &model.Message{}))
			states := map[string]string{}
			deliveries, ok := all(t, to, &model.Delivery{}).([]model.Delivery)
			require.True(t, ok)
			for _, d := range deliveries {
				states[d.ID] = d.State
				require.Empty(t, d.Owner)
				require.Zero(t, d.LeaseUntil)
			}
			require.Equal(t, map[string]string{
				model.StateQueued: model.StateUnknown, model.StateSending: model.StateUnknown, "greeting": model.StateUnknown,
				model.StatePending: model.StatePending, model.StateAccepted: model.StateAccepted,
			}, states)
			jobs, ok := all(t, to, &model.MassJob{}).([]model.MassJob)
			require.True(t, ok)
			ended := map[string]string{}
			for _, j := range jobs {
				ended[j.ID] = j.State
				require.Equal(t, j.State == model.MassUnknown, j.Owner == "")
				require.Equal(t, j.State == model.MassDone, j.Told)
			}
			require.Equal(t, map[string]string{ // one that was ready may have left after the backup
				model.MassReady: model.MassUnknown, model.MassSending: model.MassUnknown, model.MassSent: model.MassSent, model.MassDone: model.MassDone,
			}, ended)
			require.Equal(t, []model.FeedStream{{Stream: "staff:1", Seq: 1_000_000_041, PrunedSeq: 1_000_000_041}}, all(t, to, &model.FeedStream{}))
			allowances, ok := all(t, to, &model.Allowance{}).([]model.Allowance)
			require.True(t, ok)
			require.Equal(t, int64(3), allowances[0].UserLeft)
			require.Zero(t, allowances[0].Inflight)
			require.Equal(t, all(t, from, &model.Media{}), all(t, to, &model.Media{}))
		})
	}
}

func TestManifest_namesTheMasterKeyThatOpensTheData(t *testing.T) {
	t.Parallel()
	db, store := fresh(t, database.SQLite), folder(t)
	_, empty := write(t, db, store)
	require.Empty(t, empty.Manifest.KeyIDs)
	require.True(t, empty.Manifest.OpenedBy(nil), "nothing is sealed")

	ring, err := keys.Load(t.Context(), db, [][]byte{masterKey()})
	require.NoError(t, err)
	sealed := [][]byte{ring.SealString("secret")}
	require.NoError(t, ring.Announce(t.Context())) // in the midst of a change of the data key
	require.NoError(t, ring.Switch(t.Context()))
	sealed = append(sealed, ring.SealString("secret"))
	file, sum := write(t, db, store)
	require.Equal(t, []string{backup.KeyID(masterKey())}, sum.Manifest.KeyIDs)
	other := bytes.Repeat([]byte{8}, keys.Size)
	require.False(t, sum.Manifest.OpenedBy(nil))
	require.False(t, sum.Manifest.OpenedBy([][]byte{other}))
	require.True(t, sum.Manifest.OpenedBy([][]byte{other, masterKey()}))

	to := fresh(t, database.SQLite)
	_, err = restore(t.Context(), to, store, file)
	require.NoError(t, err)
	_, err = keys.Load(t.Context(), to, [][]byte{other})
	require.Error(t, err)
	ring, err = keys.Load(t.Context(), to, [][]byte{masterKey()})
	require.NoError(t, err)
	require.Equal(t, keys.Switched, ring.Stage())
	for _, s := range sealed {
		plain, err := ring.OpenString(s)
		require.NoError(t, err)
		require.Equal(t, "secret", plain)
	}
}

func TestWrite_copiesOneMomentBesideARunningServer(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		store := folder(t)
		keep(t, db, store, "m1", []byte("x"))
		insert(t, db, &model.Member{ID: "before"})
		var b bytes.Buffer
		meanwhile := func(what string, _ int64) {
			if what == "files" { // no table has been read yet
				insert(t, db, &model.Member{ID: "after"})
				keep(t, db, store, "m2", []byte("y"))
			}
		}
		sum, err := backup.Write(t.Context(), backup.Source{DB: db, Media: store, Progress: meanwhile}, &b)
		require.NoError(t, err)
		require.Equal(t, int64(1), sum.Manifest.Media.Files)
		require.Equal(t, 2, count(all(t, db, &model.Member{})))

		to := fresh(t, db.Kind())
		_, err = restore(t.Context(), to, folder(t), b.Bytes())
		require.NoError(t, err)
		members, ok := all(t, to, &model.Member{}).([]model.Member)
		require.True(t, ok)
		require.Len(t, members, 1)
		require.Equal(t, "before", members[0].ID)
		require.Equal(t, 1, count(all(t, to, &model.Media{})))
	})
}

func TestWrite_namesFilesThatAreMissingOrDamaged(t *testing.T) {
	t.Parallel()
	db, store := fresh(t, database.SQLite), folder(t)
	for _, id := range []string{"good", "gone", "bad"} {
		keep(t, db, store, id, []byte(id))
	}
	require.NoError(t, store.Delete(t.Context(), "acc/2026/01/gone"))
	require.NoError(t, store.Put(t.Context(), "acc/2026/01/bad", bytes.NewReader([]byte("worse")), 5))
	file, sum := write(t, db, store)
	require.Equal(t, []string{"acc/2026/01/gone"}, sum.Missing)
	require.Equal(t, int64(1), sum.Manifest.Media.Missing)
	require.Equal(t, []string{"acc/2026/01/bad"}, sum.Damaged)
	require.Equal(t, int64(1), sum.DamagedFiles)

	to := folder(t)
	_, err := restore(t.Context(), fresh(t, database.SQLite), to, file)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"acc/2026/01/good": "good", "acc/2026/01/bad": "worse"}, files(t, to))
}

func TestWrite_keepsTextThatIsNoUTF8(t *testing.T) {
	t.Parallel()
	from, to := fresh(t, database.SQLite), fresh(t, database.SQLite)
	odd := "\xff\xfe{\"base64\":1}"
	insert(t, from, &model.Message{ID: "1", Text: odd, ClientID: &odd}, &model.Message{ID: "2", Seq: 1, Text: `{"base64":"QQ=="}`})
	file, _ := write(t, from, folder(t))
	_, err := restore(t.Context(), to, folder(t), file)
	require.NoError(t, err)
	require.Equal(t, all(t, from, &model.Message{}), all(t, to, &model.Message{}))
}

var errFull = errors.New("disk is full")

// full takes a few bytes, then no more.
type full struct{ left int }

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestWrite_endsWithTheErrorOfItsTargetOrItsContext(t *testing.T) {
	t.Parallel()
	db, store := fresh(t, database.SQLite), folder(t)
	keep(t, db, store, "m1", bytes.Repeat([]byte("x"), 1000))
	_, err := backup.Write(t.Context(), backup.Source{DB: db, Media: store}, &full{left: 100})
	require.ErrorIs(t, err, errFull)

	ctx, cancel := context.WithCancel(t.Context())
	var b bytes.Buffer
	_, err = backup.Write(ctx, backup.Source{DB: db, Media: store, Progress: func(string, int64) { cancel() }}, &b)
	require.Error(t, err)
	_, err = backup.Verify(t.Context(), &b)
	require.ErrorIs(t, err, backup.ErrDamaged)
}

func TestTables_areAllOfTheSchemaWithAllTheirColumns(t *testing.T) {
	t.Parallel()
	db := fresh(t, database.SQLite)
	var found []string
	err := db.Read(t.Context()).Raw(`SELECT t.name || '.' || c.name FROM sqlite_master t, pragma_table_info(t.name) c
		WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'goose_db_version'`).Scan(&found).Error
	require.NoError(t, err)
	var known []string
	for _, row := range model.Tables() {
		s := parsed(t, row)
		for _, f := range s.Fields {
			known = append(known, s.Table+"."+f.DBName)
		}
	}
	require.ElementsMatch(t, found, known, "what stands in no row type of model.Tables would be in no backup")
}
