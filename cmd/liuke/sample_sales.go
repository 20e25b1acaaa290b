package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"liuke/model"
	"liuke/service/purchase"
)

// sampleSpan is how many days before the present the till's sales begin.
const sampleSpan = 150

// sampleGoods are what the chain sells, with what one costs.
func sampleGoods() []purchase.Item {
	const one = 1000
	return []purchase.Item{
		{SKU: "NF-200", Name: "幼儿配方奶粉 2 段 800g", Category: "奶粉", Quantity: one, Amount: 26_800},
		{SKU: "NF-300", Name: "幼儿配方奶粉 3 段 800g", Category: "奶粉", Quantity: one, Amount: 24_800},
		{SKU: "ZN-L44", Name: "纸尿裤 L 码 44 片", Category: "纸尿裤", Quantity: one, Amount: 11_900},
		{SKU: "ZN-XL38", Name: "拉拉裤 XL 码 38 片", Category: "纸尿裤", Quantity: one, Amount: 12_900},
		{SKU: "XH-080", Name: "婴儿湿巾 80 抽", Category: "洗护", Quantity: one, Amount: 1_290},
		{SKU: "XH-210", Name: "儿童润肤霜 210g", Category: "洗护", Quantity: one, Amount: 6_900},
		{SKU: "FS-101", Name: "高铁米粉 225g", Category: "辅食", Quantity: one, Amount: 4_500},
		{SKU: "FS-106", Name: "果泥 6 袋装", Category: "辅食", Quantity: one, Amount: 3_990},
		{SKU: "WY-240", Name: "宽口奶瓶 240ml", Category: "喂养", Quantity: one, Amount: 8_900},
		{SKU: "TZ-080", Name: "连体衣 80 码", Category: "童装", Quantity: one, Amount: 9_900},
		{SKU: "WJ-011", Name: "布书", Category: "玩具", Quantity: one, Amount: 5_900},
	}
}

// sampleSale is one sale before it is told: who bought how many days ago, at which minute of that day.
type sampleSale struct {
	member, day, minute int
	items               []purchase.Item
	refundOf            int // the place of the sale of which some is returned, or -1
}

// sampleSales makes the sales of n members, the same ones every time, the oldest first. One in eight has never bought,
// one in five has not for long, the others came up to six times. Followers bought nothing around the campaign but what
// it brought.
func sampleSales(n int) []sampleSale {
	const seed, most, long = 20260102, 6, 70
	pick := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // the same sales every time is what is wanted
	var all []sampleSale
	buy := func(member, day int) {
		const opens, closes = 10 * 60, 20 * 60
		all = append(all, sampleSale{member: member, day: day, minute: opens + pick.IntN(closes-opens), items: sampleBasket(pick), refundOf: -1})
	}
	for i := range n {
		if i%8 == 7 {
			continue
		}
		from := sampleCampaignDay + 1
		if i%5 == 3 {
			from = long
		}
		for range 1 + pick.IntN(most) {
			buy(i, from+pick.IntN(sampleSpan-from))
		}
		switch {
		case i >= sampleFollowers && i%5 != 3 && pick.IntN(3) == 0:
			buy(i, 1+pick.IntN(sampleCampaignDay))
		case i < sampleFollowers && sampleComesBack(i):
			buy(i, sampleCampaignDay-2-i%5)
		}
	}
	slices.SortStableFunc(all, func(a, b sampleSale) int {
		return b.day*model.DayMinutes - b.minute - (a.day*model.DayMinutes - a.minute)
	})
	return sampleReturns(all)
}

// sampleComesBack tells whether a follower bought in the days after the campaign: more of those who got it.
func sampleComesBack(i int) bool {
	if sampleLot(i) < sampleControl {
		return i%15 == 9
	}
	return i%5 == 0 || i%5 == 2 || i%10 == 1
}

// sampleBasket is what one sale has: one to three articles, each up to three times.
func sampleBasket(pick *rand.Rand) []purchase.Item {
	goods := sampleGoods()
	var items []purchase.Item
	for _, at := range pick.Perm(len(goods))[:1+pick.IntN(3)] {
		item, times := goods[at], int64(1+pick.IntN(3))
		item.Quantity, item.Amount = item.Quantity*times, item.Amount*times
		items = append(items, item)
	}
	return items
}

// sampleReturns adds what came back: the first line of some old sales, two days later.
func sampleReturns(all []sampleSale) []sampleSale {
	const every, oldest = 23, sampleCampaignDay + 4
	for i := every; i < len(all) && all[i].day >= oldest; i += every {
		back := all[i].items[0]
		back.Quantity, back.Amount = -back.Quantity, -back.Amount
		all = append(all, sampleSale{member: all[i].member, day: all[i].day - 2, minute: all[i].minute, items: []purchase.Item{back}, refundOf: i})
	}
	return all
}

// number is what the till calls a sale.
func (s sampleSale) number(at int) string {
	if s.refundOf >= 0 {
		return fmt.Sprintf("XH-T%05d", s.refundOf+1)
	}
	return fmt.Sprintf("XH-%05d", at+1)
}

// sell tells of the sales that were made between some days ago: of those who are on file by now. What was told stays
// out.
func (s *sample) sell(ctx context.Context, upToDay int) error {
	today := time.Now().In(model.Zone(""))
	midnight := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, today.Location())
	var sales []purchase.Sale
	all := sampleSales(sampleMembers - len(sampleVisitors()))
	for at, one := range all {
		if one.day < upToDay || one.member >= len(s.enrolled) || s.sold[at] {
			continue
		}
		s.sold[at] = true
		who := s.enrolled[one.member]
		sale := purchase.Sale{
			ExternalID: one.number(at), Buyer: purchase.Buyer{ID: who.member.ID}, StoreID: who.member.StoreID,
			PaidAt: midnight.AddDate(0, 0, -one.day).Add(time.Duration(one.minute) * time.Minute), Items: one.items,
		}
		if sale.StoreID == "" {
			sale.StoreID = s.stores[one.member%len(s.stores)].ID
		}
		if who.clerk.Is(model.RoleClerk) {
			sale.ClerkID = who.clerk.StaffID
		}
		if one.refundOf >= 0 {
			sale.RefundOf = all[one.refundOf].number(one.refundOf)
		}
		for _, item := range one.items {
			sale.Amount += item.Amount
		}
		sales = append(sales, sale)
	}
	for some := range slices.Chunk(sales, model.MaxPurchases) {
		outcomes, err := s.Purchases.Record(ctx, s.owner, some)
		if err != nil {
			return fmt.Errorf("record sample sales: %w", err)
		}
		for _, o := range outcomes {
			if o.Result != purchase.Created {
				return fmt.Errorf("a sample sale was %s: %s", o.Result, o.Reason)
			}
		}
	}
	return nil
}
