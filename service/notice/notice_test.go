package notice_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/binding"
	"liuke/service/fault"
	"liuke/service/member"
	"liuke/service/worldtest"
	"liuke/wechat/simulator"
)

// each runs a story in a world of its own on every database.
func each(t *testing.T, story func(t *testing.T, w *worldtest.World)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { story(t, worldtest.New(t, db)) })
}

func count(t *testing.T, w *worldtest.World, of any, where string, args ...any) int64 {
	t.Helper()
	var n int64
	require.NoError(t, w.DB.Read(t.Context()).Model(of).Where(where, args...).Count(&n).Error)
	return n
}

// unworked counts what holds pushes that are not worked off.
func unworked(t *testing.T, w *worldtest.World) int64 {
	t.Helper()
	return count(t, w, &model.PushBundle{}, "") + count(t, w, &model.Push{}, "state = ?", model.PushNew)
}

func linked(t *testing.T, w *worldtest.World, actor access.Actor) bool {
	t.Helper()
	l, err := w.Notice.Link(t.Context(), actor)
	require.NoError(t, err)
	return l.LinkedAt > 0
}

// link ties a new phone to the clerk.
func link(t *testing.T, w *worldtest.World, clerk access.Actor) simulator.Person {
	t.Helper()
	code, err := w.Binding.LinkCode(t.Context(), clerk)
	require.NoError(t, err)
	p := w.Person(clerk.Name + "的手机")
	_, err = w.Sim.Scan(worldtest.AppID, p.OpenID, code.Scene)
	require.NoError(t, err)
	worldtest.Eventually(t, func() bool { return linked(t, w, clerk) }, "linked")
	return p
}

func template(t *testing.T, w *worldtest.World) {
	t.Helper()
	id, err := w.Sim.AddTemplate(worldtest.AppID, simulator.Template{Title: "客户消息提醒", Content: "客户：{{thing1.DATA}}"})
	require.NoError(t, err)
	_, err = w.Notice.SetSettings(t.Context(), w.Owner, id, "thing1")
	require.NoError(t, err)
}

// asleep makes it long that the clerk was seen.
func asleep(t *testing.T, w *worldtest.World, clerk access.Actor) {
	t.Helper()
	_, err := w.DB.Exec(t.Context(), "UPDATE staff SET seen_at = ? WHERE id = ?", w.DB.Now().Add(-3*time.Minute).UnixMilli(), clerk.StaffID)
	require.NoError(t, err)
}

// named is a member of the clerk with a name and a phone in his hand.
func named(t *testing.T, w *worldtest.World, clerk access.Actor, name string) simulator.Person {
	t.Helper()
	m, err := w.Members.Create(t.Context(), clerk, member.Create{Name: name})
	require.NoError(t, err)
	p := w.Person(name)
	w.Scan(t, p, w.Code(t, clerk, binding.Mint{Kind: model.CodeMember, MemberID: m.ID}).Scene)
	return p
}

func notices(w *worldtest.World, p simulator.Person) (got []simulator.Received) {
	for _, r := range w.Sim.Inbox(p.OpenID) {
		if r.Kind == "template" {
			got = append(got, r)
		}
	}
	return got
}

func TestLink_makesTheScannerStaffAndNoMember(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "李店员")
		phone := link(t, w, clerk)
		f := w.Follower(t, phone)
		require.Equal(t, model.FollowerStaff, f.Kind)
		require.Equal(t, clerk.StaffID, f.StaffID)
		_, err := w.Sim.SendText(worldtest.AppID, phone.OpenID, "我自己写一句")
		require.NoError(t, err)
		worldtest.Eventually(t, func() bool { return unworked(t, w) == 0 }, "pushes are done")
		for _, none := range []any{&model.Member{}, &model.Conversation{}, &model.Message{}, &model.Scan{}} {
			require.Zero(t, count(t, w, none, "account_id = ?", w.Account.ID), "%T", none)
		}
		require.Zero(t, count(t, w, &model.Push{}, "state = ?", model.PushAside))
		codes, _, err := w.Binding.Codes(t.Context(), w.Owner, "", "", "", 10)
		require.NoError(t, err)
		require.Empty(t, codes, "a link's code is in no list")

		other := w.Clerk(t, "王店员")
		second := link(t, w, other)
		require.NoError(t, w.Sim.Unfollow(worldtest.AppID, second.OpenID))
		worldtest.Eventually(t, func() bool { return !linked(t, w, other) }, "who leaves is linked no more")

		require.NoError(t, w.Notice.Unlink(t.Context(), clerk))
		require.False(t, linked(t, w, clerk))
		w.Write(t, phone, "现在我是顾客")
		require.Equal(t, model.FollowerMember, w.Follower(t, phone).Kind)
	})
}

func TestLink_codeWorksOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "李店员")
		code, err := w.Binding.LinkCode(t.Context(), clerk)
		require.NoError(t, err)
		first, second := w.Person("一"), w.Person("二")
		for _, p := range []simulator.Person{first, second} {
			_, err = w.Sim.Scan(worldtest.AppID, p.OpenID, code.Scene)
			require.NoError(t, err)
			worldtest.Eventually(t, func() bool {
				return linked(t, w, clerk) && unworked(t, w) == 0
			}, "scan seen")
		}
		require.Equal(t, model.FollowerStaff, w.Follower(t, first).Kind)
		require.Empty(t, w.Follower(t, second).StaffID)
	})
}

func TestNotice_wakesASleepingPhoneWithTheNameOnly(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		template(t, w)
		clerk := w.Clerk(t, "李店员")
		phone := link(t, w, clerk)
		p := named(t, w, clerk, "王宝妈")
		asleep(t, w, clerk)
		w.Write(t, p, "你们几点关门")
		w.Write(t, p, "我想来看看")
		worldtest.Eventually(t, func() bool { return len(notices(w, phone)) == 1 }, "notice arrives")
		got := notices(w, phone)[0]
		require.Equal(t, "客户：王宝妈", got.Text)
		require.Equal(t, "https://shop.example/app/chats/"+w.Conversation(t, p).ID, got.URL)
		worldtest.Eventually(t, func() bool { return count(t, w, &model.Notice{}, "state = ?", model.StateAccepted) == 1 }, "settled")
	})
}

func TestNotice_isQuietWhileTheAppIsOpenAndDroppedOnceAnswered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		template(t, w)
		clerk := w.Clerk(t, "李店员")
		phone := link(t, w, clerk)
		p := named(t, w, clerk, "王宝妈")
		require.NoError(t, w.Staff.Seen(t.Context(), clerk.StaffID))
		w.Write(t, p, "在吗")
		worldtest.Eventually(t, func() bool {
			return count(t, w, &model.Notice{}, "state = ? AND due_at > ?", model.StateQueued, w.DB.Now().UnixMilli()) == 1
		}, "put off until the app was closed for two minutes")
		w.Becomes(t, w.Reply(t, clerk, p, "1", "在的").ID, model.StateAccepted)
		_, err := w.DB.Exec(t.Context(), "UPDATE notices SET due_at = 0")
		require.NoError(t, err)
		worldtest.Eventually(t, func() bool { return count(t, w, &model.Notice{}, "state = ?", model.NoticeDropped) == 1 }, "dropped")
		require.Empty(t, notices(w, phone))
	})
}

// A notice that waits when its clerk leaves reaches him no more, nor does any later one. The link rests, and holds again
// when he is given his account back.
func TestNotice_reachesNobodyWhoLeft(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		template(t, w)
		clerk := w.Clerk(t, "李店员")
		phone := link(t, w, clerk)
		p := named(t, w, clerk, "王宝妈")
		require.NoError(t, w.Staff.Seen(t.Context(), clerk.StaffID))
		w.Write(t, p, "在吗")
		worldtest.Eventually(t, func() bool { return count(t, w, &model.Notice{}, "state = ?", model.StateQueued) == 1 }, "it waits")
		require.NoError(t, w.Staff.Deactivate(t.Context(), w.Owner, clerk.StaffID))
		asleep(t, w, clerk)
		_, err := w.DB.Exec(t.Context(), "UPDATE notices SET due_at = 0")
		require.NoError(t, err)
		worldtest.Eventually(t, func() bool { return count(t, w, &model.Notice{}, "state = ?", model.NoticeDropped) == 1 }, "dropped")
		require.Empty(t, notices(w, phone))

		require.NoError(t, w.Staff.Reactivate(t.Context(), w.Owner, clerk.StaffID))
		require.True(t, linked(t, w, clerk))
		w.Write(t, p, "还在吗")
		worldtest.Eventually(t, func() bool { return len(notices(w, phone)) == 1 }, "he is served again, and so is told")
	})
}

func TestNotice_afterACrashIsSentOnceAndARefusalForGoodUnlinks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		template(t, w)
		clerk := w.Clerk(t, "李店员")
		phone := link(t, w, clerk)
		p := named(t, w, clerk, "王宝妈")
		asleep(t, w, clerk)
		w.Write(t, p, "在吗")
		worldtest.Eventually(t, func() bool { return count(t, w, &model.Notice{}, "state = ?", model.StateAccepted) == 1 }, "sent")
		beforeTheClockWasPutBack := w.DB.Now().Add(9 * time.Minute).UnixMilli()
		for n, lease := range []int64{1, beforeTheClockWasPutBack} {
			_, err := w.DB.Exec(t.Context(), "UPDATE notices SET state = ?, owner = 'dead', lease_until = ?", model.StateSending, lease)
			require.NoError(t, err)
			worldtest.Eventually(t, func() bool {
				return count(t, w, &model.Notice{}, "state = ? AND tries = ?", model.StateAccepted, n+2) == 1
			}, "sent again")
			require.Len(t, notices(w, phone), 1, "WeChat knows the repeat")
		}

		_, err := w.Sim.AddFault(simulator.Fault{Path: "/cgi-bin/message/template/send", Kind: simulator.FaultCode, Code: 43004, Count: 1})
		require.NoError(t, err)
		q := named(t, w, clerk, "赵宝爸")
		w.Write(t, q, "你好")
		worldtest.Eventually(t, func() bool { return !linked(t, w, clerk) }, "unlinked")
		require.EqualValues(t, 1, count(t, w, &model.Notice{}, "state = ? AND reason = ?", model.StateRefused, "unsubscribed"))
	})
}

func TestSettings_areTheOwnersAndTakeAFieldForNames(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		_, err := w.Notice.SetSettings(t.Context(), w.Clerk(t, "甲"), "T", "thing1")
		require.True(t, fault.Is(err, fault.Forbidden))
		_, err = w.Notice.SetSettings(t.Context(), w.Owner, "T", "amount1")
		require.True(t, fault.Is(err, fault.Invalid))
		_, err = w.Notice.SetSettings(t.Context(), w.Owner, "T 1", "thing1")
		require.True(t, fault.Is(err, fault.Invalid))
		template(t, w)
		_, err = w.Notice.SetSettings(t.Context(), w.Owner, "", "thing1")
		require.NoError(t, err)
		got, err := w.Notice.Settings(t.Context(), w.Owner)
		require.NoError(t, err)
		require.Empty(t, got.TemplateID+got.Field)
	})
}

func TestWaiting_warnsTheClerkThenTheManagerOnceEach(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "李店员")
		p := w.Person("一")
		w.Scan(t, p, w.Code(t, clerk, binding.Mint{Kind: model.CodeClerk}).Scene)
		w.Write(t, p, "在吗")
		c := w.Conversation(t, p)
		waits := func(minutes int64) {
			since := w.DB.Now().UnixMilli() - minutes*60_000 - 1000
			_, err := w.DB.Exec(t.Context(), "UPDATE conversations SET waiting_since = ?, rank_at = ? WHERE id = ?", since, since, c.ID)
			require.NoError(t, err)
		}
		warned := func(stream string) int64 {
			return count(t, w, &model.FeedEvent{}, "stream = ? AND kind = 'waiting'", stream)
		}
		mine, store := "staff:"+clerk.StaffID, "store:"+w.Store.ID
		var a model.Account
		require.NoError(t, w.DB.Read(t.Context()).First(&a, "id = ?", w.Account.ID).Error)
		waits(a.WaitAmberMinutes)
		worldtest.Eventually(t, func() bool { return warned(mine) == 1 }, "the clerk is warned")
		require.Zero(t, warned(store))
		_, err := w.DB.Exec(t.Context(), "UPDATE accounts SET wait_red_minutes = wait_amber_minutes WHERE id = ?", w.Account.ID)
		require.NoError(t, err)
		worldtest.Eventually(t, func() bool { return warned(store) == 1 }, "the manager is told of the same wait")
		require.EqualValues(t, 2, warned(mine))
		require.EqualValues(t, 1, count(t, w, &model.WaitingMark{}, "step = ?", model.WaitRed))
	})
}
