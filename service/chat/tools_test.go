package chat_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/binding"
	"liuke/service/chat"
	"liuke/service/fault"
	"liuke/service/member"
	"liuke/service/worldtest"
	"liuke/wechat/simulator"
)

func ptr[T any](v T) *T { return &v }

func TestDraft_isOnesOwnAndTheLastWriteCounts(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		id := w.Conversation(t, p).ID
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		save := func(text string, version int64) (model.Draft, bool) {
			d, replaced, err := w.Chat.SaveDraft(t.Context(), clerk, id, chat.Typed{Text: text, Version: version, Device: "phone"})
			require.NoError(t, err)
			return d, replaced
		}
		first, replaced := save("您好，", 0)
		require.False(t, replaced)
		second, replaced := save("您好，王", first.Version)
		require.False(t, replaced)
		third, replaced := save("另一部手机", first.Version)
		require.True(t, replaced)
		require.Greater(t, third.Version, second.Version)
		got, err := w.Chat.Draft(t.Context(), clerk, id)
		require.NoError(t, err)
		require.Equal(t, "另一部手机", got.Text)
		got, err = w.Chat.Draft(t.Context(), manager, id)
		require.NoError(t, err)
		require.Empty(t, got.Text)
		for actor, has := range map[access.Actor]bool{clerk: true, manager: false} {
			items, _, err := w.Chat.List(t.Context(), actor, chat.QueueAll, "", "", 5)
			require.NoError(t, err)
			require.Equal(t, has, items[0].Draft == "另一部手机")
		}
		var events []model.FeedEvent
		require.NoError(t, w.DB.Read(t.Context()).Where("kind = 'draft'").Find(&events).Error)
		require.Len(t, events, 3)
		for _, e := range events {
			require.Equal(t, "staff:"+clerk.StaffID, e.Stream)
			require.Contains(t, e.Data, `"device":"phone"`)
			require.NotContains(t, e.Data, "手机")
		}
		// Who is careful loses nothing that the other phone has typed.
		_, _, err = w.Chat.SaveDraft(t.Context(), clerk, id, chat.Typed{Text: "没看到", Version: second.Version, Careful: true})
		require.Equal(t, "draft_changed", fault.Of(err).Reason)
		require.Equal(t, "draft_changed", fault.Of(w.Chat.DropDraft(t.Context(), clerk, id, "", second.Version)).Reason)
		fourth, replaced, err := w.Chat.SaveDraft(t.Context(), clerk, id, chat.Typed{Text: "看到了", Version: third.Version, Careful: true})
		require.NoError(t, err)
		require.False(t, replaced)
		require.NoError(t, w.Chat.DropDraft(t.Context(), clerk, id, "", fourth.Version))
		require.NoError(t, w.Chat.DropDraft(t.Context(), clerk, id, "", fourth.Version), "twice is once")
		_, _, err = w.Chat.SaveDraft(t.Context(), clerk, id, chat.Typed{Text: "它已经发出去了", Version: fourth.Version, Careful: true})
		require.Equal(t, "draft_changed", fault.Of(err).Reason, "what was seen is gone")
		again, _ := save("又写", 0)
		require.Positive(t, again.Version)
		require.NoError(t, w.Chat.DropDraft(t.Context(), clerk, id, "", 0))
		got, err = w.Chat.Draft(t.Context(), clerk, id)
		require.NoError(t, err)
		require.Zero(t, got.Version)
		_, err = w.Chat.Draft(t.Context(), w.Clerk(t, "别人"), id)
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

func TestPhrases_areFoundByScopeAndFilled(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		manager, far := w.Hire(t, "店长", model.RoleManager, w.Store), w.Hire(t, "远方", model.RoleClerk, w.Other)
		add := func(actor access.Actor, scope, text string) (model.Phrase, error) {
			return w.Chat.AddPhrase(t.Context(), actor, chat.PhraseEdit{Scope: scope, Title: ptr("问候"), Text: &text, Situation: ptr("到店")})
		}
		all, err := add(w.Owner, model.ScopeAccount, "{member}您好，我是{store}的{clerk}，{points} 分")
		require.NoError(t, err)
		_, err = add(manager, model.ScopeStore, "本店")
		require.NoError(t, err)
		mine, err := add(clerk, model.ScopeOwn, "自己的")
		require.NoError(t, err)
		for _, refused := range []struct {
			actor access.Actor
			scope string
		}{{clerk, model.ScopeStore}, {clerk, model.ScopeAccount}, {manager, model.ScopeAccount}} {
			_, err := add(refused.actor, refused.scope, "不行")
			require.True(t, fault.Is(err, fault.Forbidden))
		}
		count := func(actor access.Actor) int {
			rows, next, err := w.Chat.Phrases(t.Context(), actor, chat.PhraseFilter{Situation: "到店"}, "", 10)
			require.NoError(t, err)
			require.Empty(t, next)
			return len(rows)
		}
		require.Equal(t, []int{3, 2, 1, 2}, []int{count(clerk), count(manager), count(far), count(w.Owner)})

		hole, err := w.Chat.RenderPhrase(t.Context(), clerk, all.ID, w.Conversation(t, p).ID)
		require.NoError(t, err)
		require.Equal(t, chat.Rendered{Text: "{member}您好，我是一店的小李，{points} 分", Missing: []string{"member", "points"}}, hole)
		_, err = w.Members.Edit(t.Context(), clerk, w.Member(t, p).ID, member.Edit{Name: ptr("王敏")})
		require.NoError(t, err)
		text, err := w.Chat.RenderPhrase(t.Context(), clerk, all.ID, w.Conversation(t, p).ID)
		require.NoError(t, err)
		require.Equal(t, chat.Rendered{Text: "王敏您好，我是一店的小李，{points} 分", Missing: []string{"points"}}, text)
		_, err = w.Chat.RenderPhrase(t.Context(), far, all.ID, w.Conversation(t, p).ID)
		require.True(t, fault.Is(err, fault.NotFound))

		changed, err := w.Chat.EditPhrase(t.Context(), clerk, mine.ID, chat.PhraseEdit{Text: ptr("改过的"), Sort: ptr(int64(7))})
		require.NoError(t, err)
		require.Equal(t, "改过的", changed.Text)
		_, err = w.Chat.EditPhrase(t.Context(), clerk, all.ID, chat.PhraseEdit{Text: ptr("改不了")})
		require.True(t, fault.Is(err, fault.Forbidden))
		require.True(t, fault.Is(w.Chat.DeletePhrase(t.Context(), manager, mine.ID), fault.NotFound))
		require.NoError(t, w.Chat.DeletePhrase(t.Context(), clerk, mine.ID))
		require.Equal(t, 2, count(clerk))
	})
}

func TestPhrases_arePagedInTheirOrderAndNarrowed(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, _ simulator.Person) {
		for n := range 7 {
			text, situation := fmt.Sprintf("第 %d 句 100%%", n), []string{"到店", "价格 高", ""}[n%3]
			_, err := w.Chat.AddPhrase(t.Context(), clerk, chat.PhraseEdit{Scope: model.ScopeOwn, Title: &text, Text: &text, Situation: &situation, Sort: ptr(int64(-n))})
			require.NoError(t, err)
		}
		_, err := w.Chat.AddPhrase(t.Context(), w.Owner, chat.PhraseEdit{Scope: model.ScopeStore, StoreID: w.Store.ID, Title: ptr("店"), Text: ptr("本店")})
		require.NoError(t, err)
		_, err = w.Chat.AddPhrase(t.Context(), w.Owner, chat.PhraseEdit{Scope: model.ScopeStore, StoreID: w.Other.ID, Title: ptr("店"), Text: ptr("二店")})
		require.NoError(t, err)
		all, next, err := w.Chat.Phrases(t.Context(), clerk, chat.PhraseFilter{}, "", 100)
		require.NoError(t, err)
		require.Empty(t, next)
		require.Len(t, all, 8)
		var paged []model.Phrase
		for cursor := ""; ; {
			rows, next, err := w.Chat.Phrases(t.Context(), clerk, chat.PhraseFilter{}, cursor, 3)
			require.NoError(t, err)
			paged = append(paged, rows...)
			if cursor = next; next == "" {
				break
			}
		}
		require.Equal(t, all, paged)
		find := func(actor access.Actor, f chat.PhraseFilter) int {
			rows, _, err := w.Chat.Phrases(t.Context(), actor, f, "", 100)
			require.NoError(t, err)
			return len(rows)
		}
		require.Equal(t, []int{7, 1, 7, 2, 1}, []int{
			find(clerk, chat.PhraseFilter{Text: "0%"}), find(clerk, chat.PhraseFilter{Text: "第 3"}),
			find(clerk, chat.PhraseFilter{Scope: model.ScopeOwn}), find(w.Owner, chat.PhraseFilter{Scope: model.ScopeStore}),
			find(w.Owner, chat.PhraseFilter{Scope: model.ScopeStore, StoreID: w.Other.ID}),
		})
		_, _, err = w.Chat.Phrases(t.Context(), clerk, chat.PhraseFilter{}, "nonsense", 3)
		require.True(t, fault.Is(err, fault.Invalid))
	})
}

func TestSearch_findsTextWithinOneConversation(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		id := w.Conversation(t, p).ID
		for n, text := range []string{"奶粉 Stage 2 多少钱", "100%纯棉", "奶粉到了吗", "别的"} {
			w.Write(t, p, fmt.Sprintf("%d %s", n, text))
		}
		find := func(text string, limit int) ([]chat.Line, int64) {
			rows, next, err := w.Chat.Search(t.Context(), clerk, id, text, 0, limit)
			require.NoError(t, err)
			return rows, next
		}
		rows, next := find("奶粉", 1)
		require.Equal(t, "2 奶粉到了吗", rows[0].Text)
		require.Equal(t, rows[0].Seq, next)
		rows, next = find("stage", 5)
		require.Len(t, rows, 1)
		require.Zero(t, next)
		rows, _ = find("%", 5)
		require.Len(t, rows, 1, "signs of the pattern are letters")
		_, _, err := w.Chat.Search(t.Context(), w.Clerk(t, "别人"), id, "奶粉", 0, 5)
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

func TestUnanswered_listsTheStoresLongestWaitingFirst(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		q, silent := w.Person("二"), w.Person("三")
		code := w.Code(t, clerk, binding.Mint{Kind: model.CodeClerk})
		w.Scan(t, q, code.Scene)
		w.Scan(t, silent, code.Scene)
		w.Write(t, q, "先问的")
		w.Write(t, p, "后问的")
		list := func(actor access.Actor) []string {
			items, _, err := w.Chat.List(t.Context(), actor, chat.QueueUnanswered, "", "", 10)
			require.NoError(t, err)
			var ids []string
			for _, i := range items {
				ids = append(ids, i.Conversation.ID)
			}
			return ids
		}
		want := []string{w.Conversation(t, q).ID, w.Conversation(t, p).ID}
		require.Equal(t, want, list(w.Hire(t, "店长", model.RoleManager, w.Store)))
		require.Equal(t, want, list(w.Owner))
		require.Empty(t, list(w.Hire(t, "二店店长", model.RoleManager, w.Other)))
		items, _, err := w.Chat.List(t.Context(), w.Owner, chat.QueueUnanswered, w.Other.ID, "", 10)
		require.NoError(t, err)
		require.Empty(t, items, "nobody waits in the other store")
		items, _, err = w.Chat.List(t.Context(), w.Owner, chat.QueueUnanswered, w.Store.ID, "", 10)
		require.NoError(t, err)
		require.Len(t, items, 2)
		require.Empty(t, items[0].Warned.Step, "nobody was warned yet")

		since := items[0].Conversation.WaitingSince
		mark := model.WaitingMark{ConversationID: want[0], AccountID: w.Account.ID, WaitingSince: since, Step: model.WaitAmber, At: since + 600_000}
		stale := model.WaitingMark{ConversationID: want[1], AccountID: w.Account.ID, WaitingSince: 1, Step: model.WaitRed, At: 2}
		require.NoError(t, w.DB.InTx(t.Context(), func(tx *database.Tx) error { return tx.Create(&[]model.WaitingMark{mark, stale}).Error }))
		items, _, err = w.Chat.List(t.Context(), w.Owner, chat.QueueUnanswered, "", "", 10)
		require.NoError(t, err)
		require.Equal(t, mark, items[0].Warned)
		require.Empty(t, items[1].Warned.Step, "what was told of an earlier wait does not count")
	})
}

func TestAssign_givesAMemberToAClerkOfTheStore(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		id := w.Conversation(t, p).ID
		manager, second, far := w.Hire(t, "店长", model.RoleManager, w.Store), w.Clerk(t, "小张"), w.Hire(t, "远方", model.RoleClerk, w.Other)
		c, err := w.Chat.Assign(t.Context(), manager, id, second.StaffID)
		require.NoError(t, err)
		require.Equal(t, second.StaffID, c.ClerkID)
		require.Equal(t, model.HowManual, w.Bindings(t, p)[0].How)
		require.Equal(t, manager.StaffID, w.Bindings(t, p)[0].ByID)
		_, err = w.Chat.Get(t.Context(), clerk, id)
		require.True(t, fault.Is(err, fault.NotFound), "who lost him sees him no more")
		for _, bad := range []string{far.StaffID, model.NewID(), "never"} {
			_, err = w.Chat.Assign(t.Context(), manager, id, bad)
			require.True(t, fault.Is(err, fault.NotFound))
		}
		_, err = w.Chat.Assign(t.Context(), second, id, clerk.StaffID)
		require.True(t, fault.Is(err, fault.Forbidden))
		_, err = w.Chat.Assign(t.Context(), w.Owner, id, far.StaffID)
		require.NoError(t, err)
		require.Equal(t, w.Other.ID, w.Member(t, p).StoreID)
	})
}

func TestTakeOver_lastsUntilTheEndOfTheDay(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		id := w.Conversation(t, p).ID
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		mine := func() int {
			items, _, err := w.Chat.List(t.Context(), manager, chat.QueueMine, "", "", 10)
			require.NoError(t, err)
			return len(items)
		}
		require.Zero(t, mine())
		until, err := w.Chat.TakeOver(t.Context(), manager, id)
		require.NoError(t, err)
		require.Equal(t, "00:00:00", time.UnixMilli(until).In(time.FixedZone("CST", 8*3600)).Format(time.TimeOnly))
		require.Equal(t, 1, mine())
		require.Equal(t, clerk.StaffID, w.Conversation(t, p).ClerkID, "the clerk keeps him")
		_, err = w.Chat.TakeOver(t.Context(), clerk, id)
		require.True(t, fault.Is(err, fault.Forbidden))
		_, err = w.Chat.TakeOver(t.Context(), w.Hire(t, "二店店长", model.RoleManager, w.Other), id)
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

func TestHistory_readsAConversationFromItsFirstMessageOn(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := worldtest.New(t, db)
		clerk := w.Clerk(t, "小李")
		p := w.Person("王宝妈")
		w.Scan(t, p, w.Code(t, clerk, binding.Mint{Kind: model.CodeClerk}).Scene)
		for n := range 5 {
			w.Write(t, p, "第"+strconv.Itoa(n))
		}
		id := w.Conversation(t, p).ID
		var seqs []int64
		after := int64(0)
		for {
			rows, next, err := w.Chat.History(t.Context(), clerk, id, after, 2)
			require.NoError(t, err)
			for _, m := range rows {
				seqs = append(seqs, m.Seq)
			}
			if after = next; next == 0 {
				break
			}
		}
		require.Len(t, seqs, int(w.Conversation(t, p).LastSeq))
		require.IsIncreasing(t, seqs)
		_, _, err := w.Chat.History(t.Context(), w.Clerk(t, "小张"), id, 0, 2)
		require.True(t, fault.Is(err, fault.NotFound))
	})
}
