package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/chat"
	"liuke/service/worldtest"
)

// crowd adds clerks' members with conversations to an account of 4,000, and grants some of the last clerk's to the first.
// The members' ranks are mixed over all of them, so that lists of both go through each other.
func crowd(t *testing.T, w *worldtest.World, clerks, grants int) []access.Actor {
	t.Helper()
	people := make([]access.Actor, clerks)
	for i := range people {
		people[i] = w.Clerk(t, fmt.Sprint("店员", i))
	}
	const all = 4000
	members, talks := make([]model.Member, all), make([]model.Conversation, all)
	var rights []model.Access
	now := w.DB.Now().UnixMilli()
	grant := func(memberID string) {
		rights = append(rights, model.Access{
			ID: model.NewID(), AccountID: w.Account.ID, MemberID: memberID, StaffID: people[0].StaffID, Kind: model.AccessGuest, FromAt: 1, ToAt: now + 1_000_000,
		})
	}
	for i := range all {
		clerk := people[i%clerks].StaffID
		members[i] = model.Member{ID: model.NewID(), AccountID: w.Account.ID, StoreID: w.Store.ID, ClerkID: clerk, CreatedAt: now}
		waiting := int64(0)
		if i%3 == 0 {
			waiting = now - int64(i)
		}
		talks[i] = model.Conversation{
			ID: model.NewID(), AccountID: w.Account.ID, FollowerID: model.NewID(), MemberID: members[i].ID, StoreID: w.Store.ID, ClerkID: clerk,
			WaitingSince: waiting, LastAt: now - int64(i*7%all), RankAt: model.Rank(waiting, now-int64(i*7%all)), CreatedAt: now,
		}
		if i%clerks == clerks-1 && len(rights) < grants {
			grant(members[i].ID)
		}
	}
	grant(members[0].ID) // his own as well
	require.NoError(t, w.DB.InTx(t.Context(), func(tx *database.Tx) error {
		for _, rows := range []any{&members, &talks, &rights} {
			if err := tx.CreateInBatches(rows, 500).Error; err != nil {
				return err
			}
		}
		return nil
	}))
	return people
}

// Whoever is bound and whoever is granted to a clerk are read as one list: in the order of their ranks, each once, page
// by page, and of those who wait only they.
func TestList_readsBoundAndGrantedAsOne(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := worldtest.New(t, db)
		people := crowd(t, w, 40, 30)
		for queue, want := range map[string]int{chat.QueueMine: 130, chat.QueueWaiting: 44} {
			seen, last := map[string]bool{}, model.Conversation{}
			for cursor := ""; ; {
				items, next, err := w.Chat.List(t.Context(), people[0], queue, "", cursor, 17)
				require.NoError(t, err)
				for _, i := range items {
					c := i.Conversation
					require.False(t, seen[c.ID], "once")
					require.True(t, last.RankAt < c.RankAt || last.RankAt == c.RankAt && last.ID < c.ID, "in order")
					require.True(t, queue == chat.QueueMine || c.WaitingSince > 0)
					seen[c.ID], last = true, c
				}
				if cursor = next; cursor == "" {
					break
				}
			}
			require.Len(t, seen, want, queue)
		}
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		items, _, err := w.Chat.List(t.Context(), manager, chat.QueueAll, "", "", 50)
		require.NoError(t, err)
		require.Len(t, items, 50)
		items, _, err = w.Chat.List(t.Context(), w.Hire(t, "店长二", model.RoleManager, w.Other), chat.QueueAll, "", "", 50)
		require.NoError(t, err)
		require.Empty(t, items)
	})
}

// Neither part of a clerk's list goes through the account: each is read by an index of its own, the bound ones in order.
func TestList_readsAClerksConversationsByIndex(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := worldtest.New(t, db)
		people := crowd(t, w, 40, 30)
		explain, analyze := "EXPLAIN ", "ANALYZE TABLE conversations, member_access"
		if db.Kind() == database.SQLite {
			explain, analyze = "EXPLAIN QUERY PLAN ", "ANALYZE"
		}
		_, err := db.Exec(t.Context(), analyze)
		require.NoError(t, err)
		for n, part := range people[0].Served(time.Now().UnixMilli()) {
			var rows []map[string]any
			err := db.Read(t.Context()).Raw(explain+"SELECT * FROM conversations WHERE conversations.rank_at < ? AND "+part.SQL+
				" ORDER BY conversations.rank_at, conversations.id LIMIT 51", append([]any{model.RankOfOthers}, part.Args...)...).Scan(&rows).Error
			require.NoError(t, err)
			plan := strings.ToLower(fmt.Sprintf("%s", rows))
			read := map[string]string{database.SQLite: "index ", database.MySQL: "key:"}[db.Kind()]
			require.Contains(t, plan, read+[]string{"conversations_clerk", "conversations_member"}[n])
			require.NotContains(t, plan, read+"conversations_queued")
			if n == 0 {
				require.NotContains(t, plan, "filesort")
				require.NotContains(t, plan, "temp b-tree for order by")
			}
		}
	})
}
