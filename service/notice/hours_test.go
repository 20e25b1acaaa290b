package notice_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/account"
	"liuke/service/binding"
	"liuke/service/staff"
	"liuke/service/worldtest"
)

// spanAt is a span of some minutes that begins that long from now, on the wall clock of a zone.
func spanAt(w *worldtest.World, zone string, in time.Duration, minutes int) model.Span {
	from := w.DB.Now().Add(in).In(model.Zone(zone))
	begin := from.Hour()*60 + from.Minute()
	end := (begin + minutes) % model.DayMinutes
	if end == 0 {
		end = model.DayMinutes
	}
	return model.Span{Weekday: (int(from.Weekday())+6)%7 + 1, FromMinute: begin, ToMinute: end}
}

// opensIn makes the account's stores open for three hours, first that long from now.
func opensIn(t *testing.T, w *worldtest.World, in time.Duration) model.Hours {
	t.Helper()
	week := model.Week{spanAt(w, "", in, 180)}
	_, err := w.Accounts.Update(t.Context(), w.Owner, account.Update{BusinessHours: &week})
	require.NoError(t, err)
	return model.Hours{Week: week, Zone: model.Zone("")}
}

func insert(t *testing.T, w *worldtest.World, n model.Notice) {
	t.Helper()
	require.NoError(t, w.DB.InTx(t.Context(), func(tx *database.Tx) error { return tx.Create(&n).Error }))
}

func TestNotice_sleepsWhileTheShopIsClosedAndLeavesAsItOpens(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		template(t, w)
		clerk := w.Clerk(t, "李店员")
		phone := link(t, w, clerk)
		p := named(t, w, clerk, "王宝妈")
		asleep(t, w, clerk)
		hours := opensIn(t, w, 26*time.Hour)
		w.Write(t, p, "明天几点开门")
		worldtest.Eventually(t, func() bool {
			return count(t, w, &model.Notice{}, "state = ? AND due_at = ?", model.StateQueued, hours.Opens(w.DB.Now()).UnixMilli()) == 1
		}, "put off until the shop opens")
		require.Empty(t, notices(w, phone))

		opensIn(t, w, -2*time.Minute)
		_, err := w.DB.Exec(t.Context(), "UPDATE notices SET due_at = 0, created_at = ?", w.DB.Now().Add(-12*time.Hour).UnixMilli())
		require.NoError(t, err)
		worldtest.Eventually(t, func() bool { return len(notices(w, phone)) == 1 }, "leaves, although it is from last night")
	})
}

func TestNotice_oldOnesAreNotWorthSending(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		template(t, w)
		clerk := w.Clerk(t, "李店员")
		phone := link(t, w, clerk)
		p := named(t, w, clerk, "王宝妈")
		require.NoError(t, w.Staff.Seen(t.Context(), clerk.StaffID))
		w.Write(t, p, "在吗")
		worldtest.Eventually(t, func() bool { return count(t, w, &model.Notice{}, "state = ?", model.StateQueued) == 1 }, "planned")
		opensIn(t, w, -20*time.Minute)
		asleep(t, w, clerk)
		_, err := w.DB.Exec(t.Context(), "UPDATE notices SET due_at = 0, created_at = ?", w.DB.Now().Add(-12*time.Hour).UnixMilli())
		require.NoError(t, err)
		worldtest.Eventually(t, func() bool { return count(t, w, &model.Notice{}, "state = ?", model.NoticeDropped) == 1 }, "dropped")
		require.Empty(t, notices(w, phone))
	})
}

func TestNotice_manyDueAtOnceAreOneOnThePhone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		template(t, w)
		clerk := w.Clerk(t, "李店员")
		phone := link(t, w, clerk)
		p := named(t, w, clerk, "王宝妈")
		require.NoError(t, w.Staff.Seen(t.Context(), clerk.StaffID))
		w.Write(t, p, "在吗")
		var n model.Notice
		worldtest.Eventually(t, func() bool { return w.DB.Read(t.Context()).First(&n).Error == nil && n.DueAt > w.DB.Now().UnixMilli() }, "put off")
		for range 7 {
			n.ID = model.NewID()
			n.Minute--
			insert(t, w, n)
		}
		asleep(t, w, clerk)
		_, err := w.DB.Exec(t.Context(), "UPDATE notices SET due_at = 0")
		require.NoError(t, err)
		worldtest.Eventually(t, func() bool {
			return count(t, w, &model.Notice{}, "state = ?", model.StateAccepted) == 1 && count(t, w, &model.Notice{}, "reason = ?", "grouped") == 7
		}, "one is sent and tells of all")
		require.Len(t, notices(w, phone), 1)
	})
}

func TestNotice_theNextAboutAMemberWaitsAMinute(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		template(t, w)
		clerk := w.Clerk(t, "李店员")
		phone := link(t, w, clerk)
		p := named(t, w, clerk, "王宝妈")
		asleep(t, w, clerk)
		w.Write(t, p, "在吗")
		worldtest.Eventually(t, func() bool { return count(t, w, &model.Notice{}, "state = ?", model.StateAccepted) == 1 }, "sent")
		var first model.Notice
		require.NoError(t, w.DB.Read(t.Context()).First(&first).Error)
		// as if it had been planned long ago and was sent only now
		_, err := w.DB.Exec(t.Context(), "UPDATE notices SET minute = minute - 100")
		require.NoError(t, err)
		old := model.Notice{
			ID: model.NewID(), AccountID: first.AccountID, StaffID: first.StaffID, MemberID: first.MemberID, ConversationID: first.ConversationID,
			Minute: first.Minute - 50, State: model.StateAccepted, DueAt: first.DueAt - 3_000_000, CreatedAt: first.CreatedAt - 3_000_000,
		}
		insert(t, w, old)
		w.Write(t, p, "人呢")
		worldtest.Eventually(t, func() bool {
			return count(t, w, &model.Notice{}, "state = ? AND due_at = ?", model.StateQueued, first.DueAt+60_000) == 1
		}, "put off until a minute after the last one")
		require.Len(t, notices(w, phone), 1)

		q := named(t, w, clerk, "赵宝爸")
		w.Write(t, q, "你好")
		worldtest.Eventually(t, func() bool { return len(notices(w, phone)) == 2 }, "another member is told of at once")
	})
}

func TestWaiting_countsBusinessHoursOfTheStore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "李店员")
		p := w.Person("一")
		w.Scan(t, p, w.Code(t, clerk, binding.Mint{Kind: model.CodeClerk}).Scene)
		opensIn(t, w, -5*time.Minute) // five minutes do not make ten
		w.Write(t, p, "在吗")
		c := w.Conversation(t, p)
		since := w.DB.Now().Add(-12 * time.Hour).UnixMilli()
		_, err := w.DB.Exec(t.Context(), "UPDATE conversations SET waiting_since = ?, rank_at = ? WHERE id = ?", since, since, c.ID)
		require.NoError(t, err)
		warned := func() int64 {
			return count(t, w, &model.FeedEvent{}, "stream = ? AND kind = 'waiting'", "staff:"+clerk.StaffID)
		}
		other := w.Hire(t, "王店员", model.RoleClerk, w.Other)
		q := w.Person("二")
		w.Scan(t, q, w.Code(t, other, binding.Mint{Kind: model.CodeClerk}).Scene)
		own := model.Week{spanAt(w, "", -15*time.Minute, 180)}
		_, err = w.Staff.UpdateStore(t.Context(), w.Owner, w.Other.ID, staff.UpdateStore{BusinessHours: &own})
		require.NoError(t, err)
		w.Write(t, q, "有人吗")
		_, err = w.DB.Exec(t.Context(), "UPDATE conversations SET waiting_since = ?, rank_at = ? WHERE id = ?", since, since, w.Conversation(t, q).ID)
		require.NoError(t, err)
		worldtest.Eventually(t, func() bool {
			return count(t, w, &model.FeedEvent{}, "stream = ? AND kind = 'waiting'", "staff:"+other.StaffID) == 1
		}, "the other store has been open for long enough")
		require.Zero(t, warned(), "twelve hours by the clock, five minutes of business")
		item, err := w.Chat.Get(t.Context(), clerk, c.ID)
		require.NoError(t, err)
		require.Equal(t, since, item.Conversation.WaitingSince, "the wait itself goes on")
		require.Greater(t, item.AmberAt, w.DB.Now().UnixMilli())
		require.Equal(t, item.AmberAt+20*60_000, item.RedAt)

		opensIn(t, w, -15*time.Minute)
		worldtest.Eventually(t, func() bool { return warned() == 1 }, "now the shop has been open for longer")
		require.Zero(t, count(t, w, &model.WaitingMark{}, "step = ?", model.WaitRed))
	})
}
