package database_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
)

// written gives every field of a row a value of its own, so that a column that is not written, or written with another's
// value, is seen.
func written[T any]() T {
	var row T
	v := reflect.ValueOf(&row).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() { //nolint:exhaustive // a field of another kind stays empty, which the caller meets
		case reflect.String:
			f.SetString(string(rune('a' + i)))
		case reflect.Int, reflect.Int64:
			f.SetInt(int64(i + 1))
		case reflect.Slice:
			f.SetBytes([]byte{byte(i + 1)})
		case reflect.Pointer:
			text := string(rune('a' + i))
			f.Set(reflect.ValueOf(&text))
		}
	}
	return row
}

func TestInserts_writeEveryColumn(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		message, event := written[model.Message](), written[model.FeedEvent]()
		push, bundle := written[model.Push](), written[model.PushBundle]()
		push.Tries, push.Reason, push.DueAt = 0, "", 0 // what a push gets when it fails
		require.NoError(t, db.InsertBundles(t.Context(), []*model.PushBundle{&bundle}))
		require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error {
			require.NoError(t, tx.InsertMessages([]model.Message{message}))
			require.NoError(t, tx.InsertEvents([]model.FeedEvent{event}))
			return tx.InsertPushes([]*model.Push{&push})
		}))
		same(t, db, message)
		same(t, db, event)
		same(t, db, push)
		same(t, db, bundle)
	})
}

func same[T any](t *testing.T, db *database.DB, want T) {
	t.Helper()
	var rows []T
	require.NoError(t, db.Read(t.Context()).Find(&rows).Error)
	require.Equal(t, []T{want}, rows)
}

func TestInsertMessages_moreThanAStatementTakes(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		const many = 1_203
		rows := make([]model.Message, many)
		for i := range rows {
			rows[i] = model.Message{ConversationID: "c", Seq: int64(i + 1), ID: model.NewID()}
		}
		require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error { return tx.InsertMessages(slices.Clone(rows)) }))
		var seqs []int64
		require.NoError(t, db.Read(t.Context()).Model(&model.Message{}).Order("seq").Pluck("seq", &seqs).Error)
		require.Len(t, seqs, many)
		require.Equal(t, int64(many), seqs[many-1])

		err := db.InTx(t.Context(), func(tx *database.Tx) error { return tx.InsertMessages(rows[:1]) })
		require.True(t, database.IsDuplicate(err), "%v", err)
	})
}
