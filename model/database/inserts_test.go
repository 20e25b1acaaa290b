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

func TestUpserts_changeOnlyTheirColumns(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		talk, other := written[model.Conversation](), model.Conversation{ID: "other", FollowerID: "other", CreatedAt: 1}
		allowance := written[model.Allowance]()
		require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error {
			require.NoError(t, tx.Create(&[]model.Conversation{talk, other}).Error)
			require.NoError(t, tx.Create(&allowance).Error)
			talk.LastSeq, talk.Unread, talk.WaitingSince, talk.RankAt = 101, 102, 103, 104
			talk.LastKind, talk.LastText, talk.LastDirection, talk.LastAt = "kind", "text", "in", 105
			changed := talk
			changed.FollowerID, changed.MemberID, changed.ReadSeq = "no", "no", 7
			require.NoError(t, tx.AdvanceConversations([]model.Conversation{changed}))
			allowance.UserLeft, allowance.UserUntil, allowance.EventLeft, allowance.EventUntil = 11, 12, 13, 14
			allowance.Inflight, allowance.UpdatedAt = 15, 16
			spoiled := allowance
			spoiled.AccountID = "no"
			require.NoError(t, tx.SaveAllowances([]model.Allowance{spoiled}))
			require.NoError(t, tx.AdvanceStreams([]model.FeedStream{{Stream: "a", Seq: 3}, {Stream: "b", Seq: 1}}))
			return tx.AdvanceStreams([]model.FeedStream{{Stream: "a", Seq: 2}})
		}))
		var rows []model.Conversation
		require.NoError(t, db.Read(t.Context()).Find(&rows).Error)
		require.ElementsMatch(t, []model.Conversation{talk, other}, rows)
		same(t, db, allowance)
		var streams []model.FeedStream
		require.NoError(t, db.Read(t.Context()).Order("stream").Find(&streams).Error)
		require.Equal(t, []model.FeedStream{{Stream: "a", Seq: 5}, {Stream: "b", Seq: 1}}, streams)
	})
}

// All or none, also where they take more than one statement.
func TestInsertPushes_leavesNothingBehindOfARepeat(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		rows := make([]*model.Push, 100)
		for i := range rows {
			rows[i] = &model.Push{ID: model.NewID(), Dedupe: []byte{byte(i)}}
		}
		repeat := *rows[99]
		repeat.ID = model.NewID()
		require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error {
			require.NoError(t, tx.InsertPushes([]*model.Push{&repeat}))
			require.True(t, database.IsDuplicate(tx.InsertPushes(rows)))
			return nil
		}))
		same(t, db, repeat)
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
