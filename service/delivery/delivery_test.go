package delivery_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/binding"
	"liuke/service/fault"
	"liuke/service/worldtest"
	"liuke/wechat/simulator"
)

const sendPath = "/cgi-bin/message/custom/send"

// talk is a clerk with one member who has written.
func talk(t *testing.T, story func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := worldtest.New(t, db)
		clerk := w.Clerk(t, "小李")
		p := w.Person("王宝妈")
		w.Scan(t, p, w.Code(t, clerk, binding.Mint{Kind: model.CodeClerk}).Scene)
		w.Write(t, p, "有奶粉吗")
		story(t, w, clerk, p)
	})
}

func breakSends(t *testing.T, w *worldtest.World, f simulator.Fault) {
	t.Helper()
	f.Path = sendPath
	_, err := w.Sim.AddFault(f)
	require.NoError(t, err)
}

func sends(w *worldtest.World) int { return len(w.Sim.Calls(sendPath)) }

func TestReply_reachesTheMemberAsItIsAndEndsHisWaiting(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		require.NotZero(t, w.Conversation(t, p).WaitingSince)
		text := "有的 <a href=\"https://example.com?a=1&b=2\">看这里</a> 😀 \u2028 \"引号\""
		m := w.Reply(t, clerk, p, "c1", text)
		require.Equal(t, model.StateQueued, m.State)
		w.Becomes(t, m.ID, model.StateAccepted)
		require.Equal(t, []string{text}, w.Texts(p))
		require.Contains(t, string(w.Sim.Calls(sendPath)[0].Body), `<a href=`, "no escaping in the JSON")
		require.Zero(t, w.Conversation(t, p).WaitingSince)
	})
}

func TestReply_sameClientIDIsOneMessage(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		first := w.Reply(t, clerk, p, "c1", "一次")
		again := w.Reply(t, clerk, p, "c1", "一次")
		require.Equal(t, first.ID, again.ID)
		w.Becomes(t, first.ID, model.StateAccepted)
		last := w.Reply(t, clerk, p, "c2", "另一条")
		w.Becomes(t, last.ID, model.StateAccepted)
		require.Equal(t, []string{"一次", "另一条"}, w.Texts(p))
	})
}

func TestAllowance_sixthReplyWaitsForTheMembersNextMessage(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		var ids, want []string
		for n := range 8 {
			text := fmt.Sprintf("第%d条", n+1)
			want = append(want, text)
			m := w.Reply(t, clerk, p, strconv.Itoa(n), text)
			ids = append(ids, m.ID)
			if n < 5 {
				require.Equal(t, model.StateQueued, m.State)
			} else {
				require.Equal(t, model.StatePending, m.State, text)
			}
		}
		w.Becomes(t, ids[4], model.StateAccepted)
		require.Equal(t, want[:5], w.Texts(p), "in order")
		require.NoError(t, w.Chat.Withdraw(t.Context(), clerk, w.Conversation(t, p).ID, ids[6]))

		w.Write(t, p, "在吗")
		w.Becomes(t, ids[7], model.StateAccepted)
		require.Equal(t, append(want[:6:6], want[7]), w.Texts(p), "the withdrawn one stayed here")
		state, _ := w.State(t, ids[6])
		require.Equal(t, model.StateWithdrawn, state)
		err := w.Chat.Withdraw(t.Context(), clerk, w.Conversation(t, p).ID, ids[7])
		require.Equal(t, "not_pending", fault.Of(err).Reason)
		require.EqualValues(t, 3, w.Left(t, p))
	})
}

func TestAllowance_WeChatsWordOverrulesOurs(t *testing.T) {
	t.Parallel()
	for _, code := range []int{45015, 45047} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			t.Parallel()
			talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
				breakSends(t, w, simulator.Fault{Kind: simulator.FaultCode, Code: code, Count: 1})
				first := w.Reply(t, clerk, p, "1", "一")
				second := w.Reply(t, clerk, p, "2", "二")
				w.Becomes(t, first.ID, model.StatePending)
				w.Becomes(t, second.ID, model.StatePending)
				require.Zero(t, w.Left(t, p))
				w.Write(t, p, "在吗")
				w.Becomes(t, second.ID, model.StateAccepted)
				require.Equal(t, []string{"一", "二"}, w.Texts(p), "nothing overtook")
			})
		})
	}
}

func TestLostAnswer_isUnknownAndNeverSentAgain(t *testing.T) {
	t.Parallel()
	for _, f := range []simulator.Fault{
		{Kind: simulator.FaultCutAfter, Count: 1},
		{Kind: simulator.FaultStatus, Code: 502, Count: 1},
		{Kind: simulator.FaultNonsense, Count: 1},
	} {
		t.Run(string(f.Kind), func(t *testing.T) {
			t.Parallel()
			talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
				breakSends(t, w, f)
				m := w.Reply(t, clerk, p, "1", "一")
				w.Becomes(t, m.ID, model.StateUnknown)
				next := w.Reply(t, clerk, p, "2", "二")
				w.Becomes(t, next.ID, model.StateAccepted)
				require.Equal(t, 2, sends(w), "each was handed over once")
				state, _ := w.State(t, m.ID)
				require.Equal(t, model.StateUnknown, state)
			})
		})
	}
}

func TestBadToken_isRefreshedOnceAndTheMessageSentOnce(t *testing.T) {
	t.Parallel()
	for _, code := range []int{40001, 40014, 42001} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			t.Parallel()
			talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
				breakSends(t, w, simulator.Fault{Kind: simulator.FaultCode, Code: code, Count: 1})
				m := w.Reply(t, clerk, p, "1", "一")
				w.Becomes(t, m.ID, model.StateAccepted)
				require.Equal(t, []string{"一"}, w.Texts(p))
			})
		})
	}
}

func TestRefusal_saysWhyAndUnfollowedIsLearnt(t *testing.T) {
	t.Parallel()
	for code, reason := range map[int]string{43004: "unsubscribed", 48002: "blocked_by_member", 40003: "bad_openid", 45002: "too_long"} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
				breakSends(t, w, simulator.Fault{Kind: simulator.FaultCode, Code: code, Count: 1})
				m := w.Reply(t, clerk, p, "1", "一")
				w.Becomes(t, m.ID, model.StateRefused)
				_, why := w.State(t, m.ID)
				require.Equal(t, reason, why)
				require.Equal(t, code != 43004, w.Follower(t, p).Subscribed)
			})
		})
	}
}

func TestBusyWeChat_isAskedOnceMore(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		breakSends(t, w, simulator.Fault{Kind: simulator.FaultCode, Code: -1, Count: 1})
		m := w.Reply(t, clerk, p, "1", "一")
		w.Becomes(t, m.ID, model.StateAccepted)
		breakSends(t, w, simulator.Fault{Kind: simulator.FaultCode, Code: -1, Count: 2})
		m = w.Reply(t, clerk, p, "2", "二")
		w.Becomes(t, m.ID, model.StateUnknown)
	})
}

func TestWrongSecret_stopsTheAccountAndKeepsTheQueue(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		breakSends(t, w, simulator.Fault{Kind: simulator.FaultCode, Code: 40164, Count: 1})
		m := w.Reply(t, clerk, p, "1", "一")
		worldtest.Eventually(t, func() bool {
			var a model.Account
			require.NoError(t, w.DB.Read(t.Context()).First(&a, "id = ?", w.Account.ID).Error)
			return a.State == model.AccountStopped && a.StateReason == "ip_not_allowed"
		}, "account stops")
		state, _ := w.State(t, m.ID)
		require.Equal(t, model.StateQueued, state)
		_, err := w.DB.Exec(t.Context(), "UPDATE deliveries SET due_at = 0")
		require.NoError(t, err)
		require.NoError(t, w.Accounts.ResumeSending(t.Context(), w.Owner))
		w.Becomes(t, m.ID, model.StateAccepted)
	})
}

func TestClock_putBackKeepsNothingBack(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		other := w.Person("李宝妈")
		w.Scan(t, other, w.Code(t, clerk, binding.Mint{Kind: model.CodeClerk}).Scene)
		w.Write(t, other, "在吗")
		breakSends(t, w, simulator.Fault{Kind: simulator.FaultCode, Code: 40164, Count: 1})
		ahead := w.Reply(t, clerk, p, "1", "一")
		worldtest.Eventually(t, func() bool {
			var a model.Account
			require.NoError(t, w.DB.Read(t.Context()).First(&a, "id = ?", w.Account.ID).Error)
			return a.State == model.AccountStopped
		}, "account stops")
		later := w.Reply(t, clerk, other, "2", "二")
		const jump = 9 * time.Minute
		at := w.DB.Now().Add(jump).UnixMilli()
		for id, written := range map[string]int64{ahead.ID: at, later.ID: w.DB.Now().UnixMilli()} {
			n, err := w.DB.Exec(t.Context(), "UPDATE deliveries SET state = ?, due_at = ?, updated_at = ? WHERE message_id = ?",
				model.StateQueued, at, written, id)
			require.NoError(t, err)
			require.EqualValues(t, 1, n)
		}
		require.NoError(t, w.Accounts.ResumeSending(t.Context(), w.Owner))
		w.Becomes(t, ahead.ID, model.StateAccepted)
		state, _ := w.State(t, later.ID)
		require.Equal(t, model.StateQueued, state, "what shall go on later does so")
	})
}

func TestCrash_leavesSendingUnknownAndQueuedSent(t *testing.T) {
	t.Parallel()
	crash(t, func(time.Time) int64 { return 1 })
}

// The lease of the dead instance is from before the clock was put back.
func TestCrash_leavesNothingSendingWhenTheClockIsPutBack(t *testing.T) {
	t.Parallel()
	crash(t, func(now time.Time) int64 { return now.Add(9 * time.Minute).UnixMilli() })
}

func crash(t *testing.T, until func(now time.Time) int64) {
	t.Helper()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		breakSends(t, w, simulator.Fault{Kind: simulator.FaultSlow, Delay: 3 * time.Second, Count: 1})
		m := w.Reply(t, clerk, p, "1", "一")
		worldtest.Eventually(t, func() bool { return len(w.Texts(p)) == 1 }, "call under way")
		n, err := w.DB.Exec(t.Context(), // the instance that had it died
			"UPDATE deliveries SET owner = 'dead', lease_until = ? WHERE message_id = ? AND state = ?", until(w.DB.Now()), m.ID, model.StateSending)
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
		w.Becomes(t, m.ID, model.StateUnknown)
		next := w.Reply(t, clerk, p, "2", "二")
		w.Becomes(t, next.ID, model.StateAccepted)
		worldtest.Eventually(t, func() bool { return sends(w) == 2 }, "each was handed over once")
	})
}

func TestReply_refusesWhatWeChatWouldNotTake(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		require.Equal(t, "too_long", reasonOf(t, w, clerk, p, strings.Repeat("长", 683)))
		require.Equal(t, "empty", reasonOf(t, w, clerk, p, " \n "))
		m := w.Reply(t, clerk, p, "fits", strings.Repeat("长", 682))
		w.Becomes(t, m.ID, model.StateAccepted)
	})
}

func TestSlowAccount_slowsNoOther(t *testing.T) {
	t.Parallel()
	talk(t, func(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person) {
		breakSends(t, w, simulator.Fault{Kind: simulator.FaultCode, Code: 45011, Count: 1})
		m := w.Reply(t, clerk, p, "1", "一")
		worldtest.Eventually(t, func() bool {
			var d model.Delivery
			require.NoError(t, w.DB.Read(t.Context()).First(&d, "message_id = ?", m.ID).Error)
			return d.State == model.StateQueued && d.Reason == "rate_limited" && d.DueAt > time.Now().Add(55*time.Second).UnixMilli()
		}, "comes back after a minute")
	})
}
