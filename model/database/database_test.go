package database_test

import (
	"context"
	"errors"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
)

func TestSchema_fitsTheRows(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		for _, row := range model.Tables() {
			table := row.(schema.Tabler).TableName()
			columns, err := db.Read(t.Context()).Migrator().ColumnTypes(row)
			require.NoError(t, err)
			var have, want []string
			for _, c := range columns {
				if c.Name() != "queued_in" { // the database works it out, for an index
					have = append(have, c.Name())
				}
			}
			parsed := reflect.TypeOf(row).Elem()
			naming := schema.NamingStrategy{}
			for i := range parsed.NumField() {
				settings := schema.ParseTagSetting(parsed.Field(i).Tag.Get("gorm"), ";")
				require.NotEmpty(t, settings["COLUMN"], "%s.%s (%s)", table, parsed.Field(i).Name, naming.ColumnName("", parsed.Field(i).Name))
				want = append(want, settings["COLUMN"])
			}
			require.ElementsMatch(t, want, have, table)
		}
	})
}

func TestMigrate_isSafeAtOnceAndTwice(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		steps, err := db.Migrate(t.Context())
		require.NoError(t, err)
		require.Empty(t, steps)
		have, want, err := db.SchemaVersion(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, have)
		require.Equal(t, want, database.WantedSchema())
		require.NoError(t, db.CheckSchema(t.Context()))
	})
}

func TestCheckSchema_refusesASchemaThatNeedsANewerProgram(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error {
			return tx.Create(&model.SchemaMeta{Name: "min_program", Value: strconv.Itoa(database.ProgramVersion + 1)}).Error
		}))
		require.ErrorContains(t, db.CheckSchema(t.Context()), "install a newer liuke")
	})
}

func TestRequireProgram_onlyEverAsksForANewerOne(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		oldest := func() string {
			var meta model.SchemaMeta
			require.NoError(t, db.Read(t.Context()).Take(&meta, "name = ?", "min_program").Error)
			return meta.Value
		}
		state := func(generation int) {
			require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error { return tx.RequireProgram(generation) }))
		}
		for _, step := range []struct {
			generation int
			stated     string
		}{{1, "1"}, {2, "2"}, {2, "2"}, {1, "2"}} {
			state(step.generation)
			require.Equal(t, step.stated, oldest())
		}
		require.NoError(t, db.CheckSchema(t.Context()))
		state(database.ProgramVersion + 1)
		require.ErrorContains(t, db.CheckSchema(t.Context()), "install a newer liuke")
	})
}

func TestInTx_runsAfterCommitOnlyAfterACommit(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var ran []string
		boom := errors.New("boom")
		require.ErrorIs(t, db.InTx(t.Context(), func(tx *database.Tx) error {
			tx.AfterCommit(func(context.Context) { ran = append(ran, "rolled back") })
			return boom
		}), boom)
		require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error {
			tx.AfterCommit(func(context.Context) { ran = append(ran, "committed") })
			err := tx.Savepoint(func(inner *database.Tx) error {
				inner.AfterCommit(func(context.Context) { ran = append(ran, "savepoint") })
				if err := inner.Create(&model.SchemaMeta{Name: "gone"}).Error; err != nil {
					return err
				}
				return boom
			})
			require.ErrorIs(t, err, boom)
			return tx.Create(&model.SchemaMeta{Name: "kept"}).Error
		}))
		require.Equal(t, []string{"committed"}, ran)
		var names []string
		require.NoError(t, db.Read(t.Context()).Model(&model.SchemaMeta{}).Pluck("name", &names).Error)
		require.Equal(t, []string{"kept"}, names)
	})
}

func TestDuplicate_isRecognisedOnEveryDatabase(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		put := func() error {
			return db.InTx(t.Context(), func(tx *database.Tx) error {
				return tx.Create(&model.Account{ID: model.NewID(), AppID: "wx1"}).Error
			})
		}
		require.NoError(t, put())
		err := put()
		require.True(t, database.IsDuplicate(err), "%v", err)
		require.False(t, database.IsTransient(err))
		require.NoError(t, db.InsertNew(t.Context(), []*model.Account{{ID: model.NewID(), AppID: "wx1"}, {ID: model.NewID(), AppID: "wx2"}}))
		var n int64
		require.NoError(t, db.Read(t.Context()).Model(&model.Account{}).Count(&n).Error)
		require.EqualValues(t, 2, n)
	})
}

func TestText_survivesEveryCharacter(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		text := "a\x00b\bc\U0001F600 中文 \u202e ' \" \\ %"
		m := model.Message{Shard: 1, ConversationID: model.NewID(), Seq: 1, ID: model.NewID(), Text: text}
		require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error { return tx.Create(&m).Error }))
		var back model.Message
		require.NoError(t, db.Read(t.Context()).First(&back, "id = ?", m.ID).Error)
		require.Equal(t, text, back.Text)
	})
}

func TestUpdate_thatChangesNothingStillMatches(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error { return tx.Create(&model.Lease{Name: "a", Owner: "x"}).Error }))
		n, err := db.Exec(t.Context(), "UPDATE leases SET owner = ? WHERE name = ?", "x", "a")
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	})
}

func TestOpen_tellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := database.Open(t.Context(), database.Options{Kind: "oracle", Now: time.Now})
	require.Error(t, err)
	require.NotErrorIs(t, err, gorm.ErrInvalidDB)
}
