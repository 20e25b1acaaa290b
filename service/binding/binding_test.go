package binding_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/account"
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

func TestMemberCode_oneScanFollowsBindsAndTies(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "李店员")
		m, err := w.Members.Create(t.Context(), clerk, member.Create{Name: "王宝妈", Phone: "13900000001"})
		require.NoError(t, err)
		code := w.Code(t, clerk, binding.Mint{Kind: model.CodeMember, MemberID: m.ID})
		require.NotZero(t, code.ExpiresAt)

		p := w.Person("王宝妈的手机")
		w.Scan(t, p, code.Scene)

		require.Equal(t, m.ID, w.Follower(t, p).MemberID)
		require.True(t, w.Follower(t, p).Subscribed)
		require.Equal(t, clerk.StaffID, w.Conversation(t, p).ClerkID)
		require.Equal(t, m.ID, w.Conversation(t, p).MemberID)
		require.Equal(t, model.ScanBound, w.LastScan(t).Outcome)
		require.Len(t, w.Bindings(t, p), 1)
	})
}

func TestMemberCode_worksOnceAndOnlyForItsMember(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "李店员")
		manager := w.Hire(t, "张店长", model.RoleManager, w.Store)
		m, err := w.Members.Create(t.Context(), clerk, member.Create{Name: "王宝妈", Phone: "13900000001"})
		require.NoError(t, err)
		code := w.Code(t, clerk, binding.Mint{Kind: model.CodeMember, MemberID: m.ID})
		her, thief := w.Person("她"), w.Person("别人")
		w.Scan(t, her, code.Scene)
		w.Scan(t, thief, code.Scene)

		require.Equal(t, model.ScanStolen, w.LastScan(t).Outcome)
		require.NotEqual(t, m.ID, w.Follower(t, thief).MemberID)
		require.Empty(t, w.Member(t, thief).ClerkID, "the stranger is bound to nobody")
		entries, _, err := w.Binding.Requests(t.Context(), manager, model.RequestOpen, "", "", 10)
		require.NoError(t, err)
		require.Len(t, entries, 1)
		require.Equal(t, model.RequestStolenCode, entries[0].Kind)
		require.Equal(t, m.ID, entries[0].MemberID)

		w.Scan(t, her, code.Scene)
		require.Equal(t, model.ScanUsed, w.LastScan(t).Outcome)
		require.Len(t, w.Bindings(t, her), 1)
	})
}

func TestMemberCode_ofAKnownMemberDoesNotSwallowAnotherOne(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "李店员")
		first, err := w.Members.Create(t.Context(), clerk, member.Create{Name: "王宝妈", Phone: "13900000001"})
		require.NoError(t, err)
		second, err := w.Members.Create(t.Context(), clerk, member.Create{Name: "赵宝爸", Phone: "13900000002"})
		require.NoError(t, err)
		p := w.Person("王宝妈")
		w.Scan(t, p, w.Code(t, clerk, binding.Mint{Kind: model.CodeMember, MemberID: first.ID}).Scene)
		w.Scan(t, p, w.Code(t, clerk, binding.Mint{Kind: model.CodeMember, MemberID: second.ID}).Scene)
		require.Equal(t, model.ScanOther, w.LastScan(t).Outcome)
		require.Equal(t, first.ID, w.Follower(t, p).MemberID)
	})
}

func TestMemberCode_leadsToWhoeverHasTheMemberWhenItIsScanned(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		before, after := w.Clerk(t, "旧店员"), w.Clerk(t, "新店员")
		m, err := w.Members.Create(t.Context(), before, member.Create{Name: "王宝妈"})
		require.NoError(t, err)
		code := w.Code(t, before, binding.Mint{Kind: model.CodeMember, MemberID: m.ID})
		require.NoError(t, w.DB.InTx(t.Context(), func(tx *database.Tx) error {
			_, err := w.Members.AssignTx(tx, w.Owner, &m, member.Assign{StoreID: w.Store.ID, ClerkID: after.StaffID, How: model.HowHandover})
			return err
		}))
		p := w.Person("王宝妈")
		w.Scan(t, p, code.Scene)
		require.Equal(t, after.StaffID, w.Conversation(t, p).ClerkID)
		history := w.Bindings(t, p)
		require.Len(t, history, 2)
		require.Equal(t, model.HowHandover, history[0].How)
		require.True(t, history[0].Open())
		require.False(t, history[1].Open())
	})
}

func TestClerkCode_bindsAndIsMintedOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "李店员")
		var mu sync.Mutex
		ids := map[string]bool{}
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				c, err := w.Binding.Mint(t.Context(), clerk, binding.Mint{Kind: model.CodeClerk})
				mu.Lock()
				defer mu.Unlock()
				require.NoError(t, err)
				require.NotEmpty(t, c.URL)
				ids[c.ID+c.Scene+c.URL] = true
			})
		}
		wg.Wait()
		require.Len(t, ids, 1)
		used, left, err := w.Binding.Stock(t.Context(), clerk)
		require.NoError(t, err)
		require.EqualValues(t, 1, used)
		require.EqualValues(t, model.PermanentCodes-1, left)

		p := w.Person("路人")
		w.Scan(t, p, w.Code(t, clerk, binding.Mint{Kind: model.CodeClerk}).Scene)
		require.Equal(t, clerk.StaffID, w.Member(t, p).ClerkID)
		require.Equal(t, model.HowScan, w.Bindings(t, p)[0].How)
	})
}

func TestClerkCode_stockUsedUpIsSaidAndAWeChatFailureCostsNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "李店员")
		_, err := w.Sim.AddFault(simulator.Fault{Path: "/cgi-bin/qrcode/create", Kind: simulator.FaultStatus, Code: 502, Count: 1})
		require.NoError(t, err)
		_, err = w.Binding.Mint(t.Context(), clerk, binding.Mint{Kind: model.CodeClerk})
		require.True(t, fault.Is(err, fault.Upstream), "%v", err)
		w.Code(t, clerk, binding.Mint{Kind: model.CodeClerk})
		used, _, err := w.Binding.Stock(t.Context(), clerk)
		require.NoError(t, err)
		require.EqualValues(t, 1, used)

		_, err = w.DB.Exec(t.Context(), "UPDATE accounts SET codes_used = ?", model.PermanentCodes)
		require.NoError(t, err)
		_, err = w.Binding.Mint(t.Context(), clerk, binding.Mint{Kind: model.CodeStore})
		require.Equal(t, "stock_used_up", fault.Of(err).Reason)
	})
}

func TestStoreCode_goesRoundThePresentClerks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		a, b, away := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "请假")
		require.NoError(t, w.Staff.SetAway(t.Context(), away, true))
		code := w.Code(t, w.Owner, binding.Mint{Kind: model.CodeStore, StoreID: w.Store.ID})
		got := map[string]int{}
		for _, name := range []string{"一", "二", "三", "四"} {
			p := w.Person(name)
			w.Scan(t, p, code.Scene)
			got[w.Member(t, p).ClerkID]++
		}
		require.Equal(t, map[string]int{a.StaffID: 2, b.StaffID: 2}, got)
	})
}

func TestStoreCode_withNobodyPresentLeadsToTheStoresQueue(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		elsewhere := w.Hire(t, "二店店员", model.RoleClerk, w.Other)
		code := w.Code(t, w.Owner, binding.Mint{Kind: model.CodeStore, StoreID: w.Store.ID})
		p := w.Person("路人")
		w.Scan(t, p, code.Scene)
		require.Equal(t, model.ScanQueued, w.LastScan(t).Outcome)
		require.Equal(t, w.Store.ID, w.Member(t, p).StoreID)
		require.Empty(t, w.Bindings(t, p))

		clerk := w.Clerk(t, "刚来上班")
		id := w.Conversation(t, p).ID
		_, err := w.Chat.Claim(t.Context(), elsewhere, id)
		require.True(t, fault.Is(err, fault.NotFound), "another store's queue")
		_, err = w.Chat.Claim(t.Context(), clerk, id)
		require.NoError(t, err)
		require.Equal(t, model.HowClaim, w.Bindings(t, p)[0].How)
		late := w.Clerk(t, "晚了一步")
		_, err = w.Chat.Claim(t.Context(), late, id)
		require.True(t, fault.Is(err, fault.Conflict))
	})
}

func TestSecondScan_followsTheAccountsRule(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		first, second := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		codes := map[string]string{}
		for _, c := range []string{first.StaffID, second.StaffID} {
			codes[c] = w.Code(t, w.Owner, binding.Mint{Kind: model.CodeClerk, ClerkID: c}).Scene
		}
		rule := func(r string) {
			_, err := w.Accounts.Update(t.Context(), w.Owner, account.Update{SecondScan: &r})
			require.NoError(t, err)
		}
		p := w.Person("路人")
		w.Scan(t, p, codes[first.StaffID])

		w.Scan(t, p, codes[second.StaffID])
		require.Equal(t, model.ScanGuest, w.LastScan(t).Outcome)
		require.Equal(t, first.StaffID, w.Member(t, p).ClerkID, "keep is the default")
		mine, _, err := w.Chat.List(t.Context(), second, "mine", "", "", 10)
		require.NoError(t, err)
		require.Len(t, mine, 1, "a guest of the other clerk for today")

		rule(model.SecondScanAsk)
		w.Scan(t, p, codes[second.StaffID])
		w.Scan(t, p, codes[second.StaffID])
		require.Equal(t, model.ScanAsked, w.LastScan(t).Outcome)
		entries, _, err := w.Binding.Requests(t.Context(), manager, model.RequestOpen, "", "", 10)
		require.NoError(t, err)
		require.Len(t, entries, 1, "asked twice, one entry")
		for store, n := range map[string]int{w.Store.ID: 1, first.StaffID: 0} {
			about, _, err := w.Binding.Requests(t.Context(), w.Owner, model.RequestOpen, store, "", 10)
			require.NoError(t, err)
			require.Len(t, about, n, "of the store that was chosen")
		}
		_, err = w.Binding.Decide(t.Context(), manager, entries[0].ID, true)
		require.NoError(t, err)
		require.Equal(t, second.StaffID, w.Member(t, p).ClerkID)
		_, err = w.Binding.Decide(t.Context(), manager, entries[0].ID, true)
		require.Equal(t, "decided", fault.Of(err).Reason)

		rule(model.SecondScanChange)
		w.Scan(t, p, codes[first.StaffID])
		require.Equal(t, first.StaffID, w.Member(t, p).ClerkID)
		require.Len(t, w.Bindings(t, p), 3)
	})
}

func TestUnfollow_keepsMemberAndBindingForTheReturn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk := w.Clerk(t, "李店员")
		code := w.Code(t, clerk, binding.Mint{Kind: model.CodeClerk})
		p := w.Person("路人")
		w.Scan(t, p, code.Scene)
		before := w.Member(t, p)
		require.NoError(t, w.Sim.Unfollow(worldtest.AppID, p.OpenID))
		worldtest.Eventually(t, func() bool { return !w.Follower(t, p).Subscribed }, "unfollow seen")
		m := w.Reply(t, clerk, p, "1", "在吗")
		require.Equal(t, model.StateRefused, m.State)
		require.Equal(t, "unsubscribed", m.Reason)

		w.Follow(t, p)
		require.Equal(t, before.ID, w.Member(t, p).ID)
		require.Equal(t, clerk.StaffID, w.Member(t, p).ClerkID)
		require.Len(t, w.Bindings(t, p), 1)
	})
}

func TestFollower_withoutACodeWaitsUnassignedAndIsLinkedByPhone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		manager := w.Hire(t, "店长", model.RoleManager, w.Store)
		clerk := w.Clerk(t, "店员")
		p := w.Person("路人")
		w.Follow(t, p)
		w.Write(t, p, "你好")
		queue, _, err := w.Chat.List(t.Context(), manager, "unassigned", "", "", 10)
		require.NoError(t, err)
		require.Len(t, queue, 1)
		forClerk, _, err := w.Chat.List(t.Context(), clerk, "unassigned", "", "", 10)
		require.NoError(t, err)
		require.Empty(t, forClerk)
		_, err = w.Chat.Claim(t.Context(), manager, queue[0].Conversation.ID)
		require.NoError(t, err)

		till, err := w.Members.Create(t.Context(), manager, member.Create{Name: "王宝妈", Phone: "13900000001", CardNo: "C-1"})
		require.NoError(t, err)
		prospect := w.Member(t, p)
		kept, err := w.Members.Link(t.Context(), manager, prospect.ID, member.Link{Phone: "139 0000 0001"})
		require.NoError(t, err)
		require.Equal(t, till.ID, kept.ID)
		require.Equal(t, till.ID, w.Follower(t, p).MemberID)
		require.Equal(t, manager.StaffID, w.Member(t, p).ClerkID, "he keeps the clerk he had")
		rows, _, err := w.Chat.Messages(t.Context(), manager, w.Conversation(t, p).ID, 0, 10)
		require.NoError(t, err)
		require.NotEmpty(t, rows, "his messages came along")
		_, err = w.Members.Get(t.Context(), manager, prospect.ID)
		require.True(t, fault.Is(err, fault.NotFound), "the prospect is no more")
	})
}

func TestGreeting_comesFromTheNearestAndOutOfTheScansAllowance(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		hello := "欢迎来到{store}，我是{clerk}"
		_, err := w.Accounts.Update(t.Context(), w.Owner, account.Update{Greeting: &hello})
		require.NoError(t, err)
		clerk := w.Clerk(t, "小李")
		p := w.Person("路人")
		w.Scan(t, p, w.Code(t, clerk, binding.Mint{Kind: model.CodeClerk}).Scene)
		worldtest.Eventually(t, func() bool { return len(w.Texts(p)) == 1 }, "greeting arrives")
		require.Equal(t, []string{"欢迎来到一店，我是小李"}, w.Texts(p))
		require.EqualValues(t, 2, w.Left(t, p))

		q := w.Person("第二位")
		special := w.Code(t, w.Owner, binding.Mint{Kind: model.CodeStore, StoreID: w.Other.ID, Greeting: "二店开业 <b>8折</b> & 礼物"})
		w.Scan(t, q, special.Scene)
		worldtest.Eventually(t, func() bool { return len(w.Texts(q)) == 1 }, "greeting of the code arrives")
		require.Equal(t, []string{"二店开业 <b>8折</b> & 礼物"}, w.Texts(q), "text goes out as it is")
	})
}

func TestScan_ofASceneThatDoesNotExistIsRecordedAndQueued(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		p := w.Person("路人")
		_, err := w.Sim.SendRaw(worldtest.AppID, p.OpenID,
			simulator.Field{Name: "MsgType", Value: "event"}, simulator.Field{Name: "Event", Value: "subscribe"},
			simulator.Field{Name: "EventKey", Value: "qrscene_不存在的场景"})
		require.NoError(t, err)
		worldtest.Eventually(t, func() bool { return w.Follower(t, p).Subscribed }, "follow seen")
		require.Equal(t, model.ScanUnknown, w.LastScan(t).Outcome)
		require.Empty(t, w.Member(t, p).ClerkID)
	})
}

func TestMint_isLimitedToWhatTheActorMayHave(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		clerk, other := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		_, err := w.Binding.Mint(t.Context(), clerk, binding.Mint{Kind: model.CodeClerk, ClerkID: other.StaffID})
		require.True(t, fault.Is(err, fault.Forbidden), "%v", err)
		_, err = w.Binding.Mint(t.Context(), clerk, binding.Mint{Kind: model.CodeStore, StoreID: w.Other.ID})
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		m, err := w.Members.Create(t.Context(), other, member.Create{Name: "别人的会员"})
		require.NoError(t, err)
		_, err = w.Binding.Mint(t.Context(), clerk, binding.Mint{Kind: model.CodeMember, MemberID: m.ID})
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}

func TestGuest_losesAccessAtMidnightOfTheStore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *worldtest.World) {
		first, second := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		p := w.Person("路人")
		w.Scan(t, p, w.Code(t, first, binding.Mint{Kind: model.CodeClerk}).Scene)
		w.Scan(t, p, w.Code(t, second, binding.Mint{Kind: model.CodeClerk}).Scene)
		var grant model.Access
		require.NoError(t, w.DB.Read(t.Context()).First(&grant).Error)
		end := time.UnixMilli(grant.ToAt).In(time.FixedZone("CST", 8*3600))
		require.Equal(t, "00:00:00", end.Format(time.TimeOnly))
		require.Less(t, time.Until(end), 24*time.Hour+time.Minute)
	})
}
