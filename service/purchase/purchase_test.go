package purchase_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/member"
	"liuke/service/purchase"
	"liuke/service/worldtest"
)

// till is the room in a world, with one member.
type till struct {
	*worldtest.World
	*purchase.Service

	t     *testing.T
	buyer model.Member
	at    time.Time
}

func each(t *testing.T, story func(k *till)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := worldtest.New(t, db)
		k := &till{World: w, Service: purchase.New(purchase.Deps{DB: db, Members: w.Members, Audit: audit.New(audit.Deps{DB: db})}), t: t}
		w.Members.OnMerge(k.MergedTx, k.UnmergedTx)
		k.at = time.Now().Add(-48 * time.Hour).Truncate(time.Millisecond)
		k.buyer = k.member("林小雨", "13912345678", "C1")
		story(k)
	})
}

func (k *till) member(name, phone, card string) model.Member {
	k.t.Helper()
	m, err := k.Members.Create(k.t.Context(), k.Owner, member.Create{Name: name, Phone: phone, CardNo: card, StoreID: k.Store.ID})
	require.NoError(k.t, err)
	return m
}

func (k *till) sale(number string, amount int64) purchase.Sale {
	return purchase.Sale{
		ExternalID: number, Buyer: purchase.Buyer{Phone: "13912345678"}, StoreCode: k.Store.Code, PaidAt: k.at, Amount: amount,
		Items: []purchase.Item{{SKU: "S-" + number, Name: "奶粉", Category: "奶粉", Quantity: 1000, Amount: amount}},
	}
}

func (k *till) record(sales ...purchase.Sale) []purchase.Outcome {
	k.t.Helper()
	out, err := k.Record(k.t.Context(), k.Owner, sales)
	require.NoError(k.t, err)
	return out
}

// words are the outcomes, with the reasons of refusals.
func words(out []purchase.Outcome) []string {
	all := make([]string, len(out))
	for i, o := range out {
		all[i] = strings.TrimSuffix(o.Result+" "+o.Reason, " ")
	}
	return all
}

func (k *till) total(memberID string) model.PurchaseTotal {
	k.t.Helper()
	var row model.PurchaseTotal
	require.NoError(k.t, k.DB.Read(k.t.Context()).First(&row, "member_id = ?", memberID).Error)
	return row
}

func TestRecord_takesEachSaleOnce(t *testing.T) {
	t.Parallel()
	each(t, func(k *till) {
		first := k.record(k.sale("1", 1000), k.sale("2", 2500))
		require.Equal(t, []string{"created", "created"}, words(first))
		again := k.record(k.sale("2", 2500), k.sale("3", 100), k.sale("3", 100), k.sale("1", 999))
		require.Equal(t, []string{"unchanged", "created", "unchanged", "refused external_id_used"}, words(again))
		require.Equal(t, first[1].ID, again[0].ID)
		byCard := k.sale("1", 1000)
		byCard.Buyer = purchase.Buyer{CardNo: "C1"}
		require.Equal(t, []string{"unchanged"}, words(k.record(byCard)), "the same member by another name")

		total := k.total(k.buyer.ID)
		require.Equal(t, model.PurchaseTotal{
			MemberID: k.buyer.ID, AccountID: k.Account.ID, Purchases: 3, Amount: 3600, FirstAt: k.at.UnixMilli(), LastAt: k.at.UnixMilli(),
		}, total)
		bought, next, err := k.List(t.Context(), k.Owner, k.buyer.ID, "", 2)
		require.NoError(t, err)
		require.Len(t, bought, 2)
		require.Equal(t, "奶粉", bought[0].Items[0].Category)
		rest, last, err := k.List(t.Context(), k.Owner, k.buyer.ID, next, 2)
		require.NoError(t, err)
		require.Len(t, rest, 1)
		require.Empty(t, last)
	})
}

func TestRecord_refusesWhatIsWrongAndTakesTheRest(t *testing.T) {
	t.Parallel()
	each(t, func(k *till) {
		stranger := k.Clerk(t, "王芳")
		for reason, spoil := range map[string]func(s *purchase.Sale){
			"external_id_missing":    func(s *purchase.Sale) { s.ExternalID = "" },
			"external_id_invalid":    func(s *purchase.Sale) { s.ExternalID = "单号 1" },
			"member_one_of":          func(s *purchase.Sale) { s.Buyer.CardNo = "C1" },
			"phone_invalid":          func(s *purchase.Sale) { s.Buyer.Phone = "12" },
			"member_unknown":         func(s *purchase.Sale) { s.Buyer = purchase.Buyer{ID: model.NewID()} },
			"store_unknown":          func(s *purchase.Sale) { s.StoreCode = "nowhere" },
			"clerk_unknown":          func(s *purchase.Sale) { s.ClerkID = model.NewID() },
			"paid_at_invalid":        func(s *purchase.Sale) { s.PaidAt = time.Time{} },
			"paid_at_future":         func(s *purchase.Sale) { s.PaidAt = time.Now().Add(25 * time.Hour) },
			"amount_range":           func(s *purchase.Sale) { s.Amount = model.MaxPurchaseFen + 1 },
			"too_many_items":         func(s *purchase.Sale) { s.Items = make([]purchase.Item, model.MaxPurchaseItems+1) },
			"item_category_too_long": func(s *purchase.Sale) { s.Items[0].Category = strings.Repeat("类", model.MaxCategory+1) },
			"item_not_text":          func(s *purchase.Sale) { s.Items[0].Name = "\xff" },
			"refund_not_negative":    func(s *purchase.Sale) { s.RefundOf = "9" },
			"refund_of_unknown":      func(s *purchase.Sale) { s.RefundOf, s.Amount = "9", -1 },
		} {
			bad := k.sale("bad-"+reason, 100)
			spoil(&bad)
			good := k.sale("good-"+reason, 1)
			good.ClerkID = stranger.StaffID
			require.Equal(t, []string{"refused " + reason, "created"}, words(k.record(bad, good)))
		}
		_, err := k.Record(t.Context(), stranger, []purchase.Sale{k.sale("1", 1)})
		require.Equal(t, fault.Forbidden, fault.Of(err).Kind)
		_, err = k.Record(t.Context(), k.Owner, make([]purchase.Sale, model.MaxPurchases+1))
		require.Equal(t, "too_many", fault.Of(err).Fields[0].Reason)
		_, _, err = k.List(t.Context(), stranger, k.buyer.ID, "", 10)
		require.Equal(t, fault.NotFound, fault.Of(err).Kind, "not a member of his")
	})
}

func TestRecord_aRefundNeverExceedsItsSale(t *testing.T) {
	t.Parallel()
	each(t, func(k *till) {
		refund := func(number, of string, fen int64) purchase.Sale {
			s := k.sale(number, -fen)
			s.RefundOf = of
			return s
		}
		k.member("别人", "13900000000", "")
		other := refund("r0", "1", 100)
		other.Buyer.Phone = "13900000000"
		out := k.record(k.sale("1", 1000), refund("r1", "1", 600), refund("r2", "1", 500), other, refund("r3", "r1", 1))
		require.Equal(t, []string{
			"created", "created", "refused refund_too_large", "refused refund_of_other_member", "refused refund_of_refund",
		}, words(out))
		require.Equal(t, []string{"created", "refused refund_too_large"}, words(k.record(refund("r4", "1", 400), refund("r5", "1", 1))))
		total := k.total(k.buyer.ID)
		require.Equal(t, []int64{1, 0}, []int64{total.Purchases, total.Amount})

		// Two tills return the same at once: one of them is too late.
		k.record(k.sale("2", 1000))
		var group sync.WaitGroup
		results := make([]string, 4)
		for i := range results {
			group.Go(func() {
				out, err := k.Record(t.Context(), k.Owner, []purchase.Sale{refund(fmt.Sprintf("x%d", i), "2", 1000)})
				if err == nil {
					results[i] = out[0].Result
				} else {
					results[i] = err.Error()
				}
			})
		}
		group.Wait()
		require.ElementsMatch(t, []string{"created", "refused", "refused", "refused"}, results)
	})
}

func TestRecord_ofTheSameAtOnceCreatesItOnce(t *testing.T) {
	t.Parallel()
	each(t, func(k *till) {
		var group sync.WaitGroup
		results := make([]string, 6)
		for i := range results {
			group.Go(func() {
				out, err := k.Record(t.Context(), access.Actor{Kind: model.ByKey, AccountID: k.Account.ID, StaffID: model.NewID()}, []purchase.Sale{k.sale("1", 1000)})
				if err == nil {
					results[i] = out[0].Result
				} else {
					results[i] = err.Error()
				}
			})
		}
		group.Wait()
		require.ElementsMatch(t, []string{"created", "unchanged", "unchanged", "unchanged", "unchanged", "unchanged"}, results)
		require.EqualValues(t, 1, k.total(k.buyer.ID).Purchases)
	})
}

func TestMerge_takesPurchasesAlongAndGivesThemBack(t *testing.T) {
	t.Parallel()
	each(t, func(k *till) {
		other := k.member("林小雨", "13900000001", "")
		his := k.sale("2", 300)
		his.Buyer.Phone = "13900000001"
		k.record(k.sale("1", 1000), his)
		_, err := k.Members.Merge(t.Context(), k.Owner, other.ID, k.buyer.ID, false)
		require.NoError(t, err)
		require.EqualValues(t, 1300, k.total(k.buyer.ID).Amount)
		require.Zero(t, k.total(other.ID).Amount)
		require.Equal(t, []string{"unchanged"}, words(k.record(his)), "the phone leads to who remains")
		byID := k.sale("3", 50)
		byID.Buyer = purchase.Buyer{ID: other.ID}
		require.Equal(t, []string{"created"}, words(k.record(byID)))
		moments, _, err := k.Members.Timeline(t.Context(), k.Owner, k.buyer.ID, "", 50)
		require.NoError(t, err)
		var bought int
		for _, m := range moments {
			if m.Kind == member.MomentPurchase {
				bought++
			}
		}
		require.Equal(t, 3, bought)

		merges, _, err := k.Members.Merges(t.Context(), k.Owner, k.buyer.ID, "", 10)
		require.NoError(t, err)
		_, err = k.Members.Unmerge(t.Context(), k.Owner, merges[0].ID)
		require.NoError(t, err)
		require.EqualValues(t, 1050, k.total(k.buyer.ID).Amount, "what was bought meanwhile stays")
		require.EqualValues(t, 300, k.total(other.ID).Amount)
	})
}
