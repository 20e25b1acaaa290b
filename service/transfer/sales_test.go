package transfer_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/member"
	"liuke/service/staff"
	"liuke/service/transfer"
	"liuke/service/worldtest"
)

func (d desk) buyer(t *testing.T, name, phone, card string) model.Member {
	t.Helper()
	m, err := d.Members.Create(t.Context(), d.Owner, member.Create{Name: name, Phone: phone, CardNo: card, StoreID: d.Store.ID})
	require.NoError(t, err)
	return m
}

// head is the chain's head office: an owner who has a row among the staff, as in earnest.
func (d desk) head(t *testing.T) access.Actor {
	t.Helper()
	return d.Hire(t, "老板", model.RoleOwner, model.Store{})
}

func (d desk) uploadSales(t *testing.T, actor access.Actor, content string) transfer.Uploaded {
	t.Helper()
	up, err := d.Upload(t.Context(), actor, model.ImportPurchases, strings.NewReader(content))
	require.NoError(t, err)
	return up
}

// takeSales runs a file of purchases with its guessed mapping to its end.
func (d desk) takeSales(t *testing.T, actor access.Actor, content, storeID string) model.Import {
	t.Helper()
	up := d.uploadSales(t, actor, content)
	_, err := d.Run(t.Context(), actor, model.ImportPurchases, up.Import.ID, transfer.Start{Mapping: up.Guess, StoreID: storeID})
	require.NoError(t, err)
	var i model.Import
	worldtest.Eventually(t, func() bool {
		i, err = d.Get(t.Context(), actor, model.ImportPurchases, up.Import.ID)
		require.NoError(t, err)
		return i.State != model.ImportRunning
	}, "the import ends")
	require.Equal(t, model.ImportDone, i.State, i.Reason)
	require.Equal(t, i.Total, i.Done)
	return i
}

// counts are created, unchanged and refused sales.
func counts(i model.Import) []int64 { return []int64{i.Created, i.Updated, i.Refused} }

// refusedSales are the refused rows: number in the file and reason.
func (d desk) refusedSales(t *testing.T, actor access.Actor, id string) []string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, d.Refused(t.Context(), actor, model.ImportPurchases, id, &b))
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\xef\xbb\xbf"))).ReadAll()
	require.NoError(t, err)
	var all []string
	for _, r := range rows[1:] {
		all = append(all, r[len(r)-2]+" "+r[len(r)-1])
	}
	return all
}

func (d desk) purchases(t *testing.T) map[string]model.Purchase {
	t.Helper()
	var rows []model.Purchase
	require.NoError(t, d.DB.Read(t.Context()).Find(&rows).Error)
	all := map[string]model.Purchase{}
	for _, r := range rows {
		all[r.ExternalID] = r
	}
	require.Len(t, all, len(rows))
	return all
}

func TestPurchaseImport_putsRowsTogetherToSalesAndReadsWhatTillsWrite(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		head, seller := d.head(t), d.Clerk(t, "小李")
		a := d.buyer(t, "甲", "13900000001", "C1")
		b := d.buyer(t, "乙", "13900000002", "")
		i := d.takeSales(t, head, "小票号,卡号,手机号,门店编码,导购,付款时间,实付金额（元）,原单号,货号,商品,分类,数量,小计\n"+
			"A1,C1,,S1,小李,2026-01-02 10:30:05,\"1,234.50\",,SKU-1,奶粉,奶粉,2,1200\n"+
			"A1,,,,,,\"1,234.50\",,SKU-2,湿巾,洗护,3,34.5\n"+ // the head stands in the first row only
			"\n"+
			"A2,,139 0000 0002,S1,,2026/1/3 9:05,¥12,,,,,,\n"+
			"A3,C9,13900000002,S2,,46025.75,,,,米粉,辅食,1.5,19.989999999999998\n"+
			"A3,C9,13900000002,S2,,46025.75,,,,勺子,辅食,,0.01\n"+ // a card that no member has: the phone; the sum of the lines
			"R1,C1,,S1,,20260105,－34.50元,A1,SKU-2,湿巾,洗护,-3,\n", "")
		require.Equal(t, []int64{6, 4, 0, 0}, append([]int64{i.Total}, counts(i)...))
		all := d.purchases(t)
		beijing := time.FixedZone("", 8*60*60)
		at := func(day, hour, minute, second int) int64 {
			return time.Date(2026, 1, day, hour, minute, second, 0, beijing).UnixMilli()
		}
		for number, want := range map[string]model.Purchase{
			"A1": {MemberID: a.ID, StoreID: d.Store.ID, ClerkID: seller.StaffID, PaidAt: at(2, 10, 30, 5), Amount: 123_450},
			"A2": {MemberID: b.ID, StoreID: d.Store.ID, PaidAt: at(3, 9, 5, 0), Amount: 1200},
			"A3": {MemberID: b.ID, StoreID: d.Other.ID, PaidAt: at(3, 18, 0, 0), Amount: 2000},
			"R1": {MemberID: a.ID, StoreID: d.Store.ID, PaidAt: at(5, 0, 0, 0), Amount: -3450, RefundOf: "A1"},
		} {
			got := all[number]
			require.Equal(t, []string{model.PurchaseByImport, i.ID}, []string{got.SourceKind, got.SourceID})
			require.Equal(t, want, model.Purchase{
				MemberID: got.MemberID, StoreID: got.StoreID, ClerkID: got.ClerkID, PaidAt: got.PaidAt, Amount: got.Amount, RefundOf: got.RefundOf,
			}, number)
		}
		items := func(number string) (all []model.PurchaseItem) {
			require.NoError(t, d.DB.Read(t.Context()).Omit("purchase_id", "member_id", "paid_at").
				Where("purchase_id = ?", d.purchases(t)[number].ID).Order("line").Find(&all).Error)
			return all
		}
		require.Equal(t, []model.PurchaseItem{
			{Line: 1, SKU: "SKU-1", Name: "奶粉", Category: "奶粉", Quantity: 2000, Amount: 120_000},
			{Line: 2, SKU: "SKU-2", Name: "湿巾", Category: "洗护", Quantity: 3000, Amount: 3450},
		}, items("A1"))
		require.Empty(t, items("A2"))
		require.Equal(t, []model.PurchaseItem{
			{Line: 1, Name: "米粉", Category: "辅食", Quantity: 1500, Amount: 1999}, {Line: 2, Name: "勺子", Category: "辅食", Quantity: 1000, Amount: 1},
		}, items("A3"))
		require.EqualValues(t, -3450, items("R1")[0].Amount, "one row: its line has the amount of the sale")
		var total model.PurchaseTotal
		require.NoError(t, d.DB.Read(t.Context()).First(&total, "member_id = ?", a.ID).Error)
		require.Equal(t, []int64{1, 120_000}, []int64{total.Purchases, total.Amount})
	})
}

func TestPurchaseImport_refusesSalesWithAReasonForEachRowAndItsNumberInTheFile(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		head := d.head(t)
		d.buyer(t, "甲", "13900000001", "C1")
		table := "小票号,卡号,手机号,门店编码,导购,付款时间,金额,原单号,商品,数量,行金额\n" +
			"\n" +
			"A1,C1,,S1,,2026-01-02,10,,,,\n" + // 3
			"A1,C1,,S1,,2026-01-02,12,,,,\n" + // 4: two amounts, and no lines with their own
			",C1,,S1,,2026-01-02,10,,,,\n" + // 5
			"A3,C1,,S9,,2026-01-02,10,,,,\n" + // 6
			"A4,C9,,S1,,2026-01-02,10,,,,\n" + // 7
			"A5,,12,S1,,2026-01-02,10,,,,\n" + // 8
			"A6,,,S1,,2026-01-02,10,,,,\n" + // 9
			"A7,C1,,S1,没这人,2026-01-02,10,,,,\n" + // 10
			"A8,C1,,S1,,2月30日,10,,,,\n" + // 11
			" ,\n" + // 12 is empty
			"A9,C1,,S1,,2026-01-02,10,,奶粉,1,5\n" + // 13
			"A9,C1,,S1,,2026-01-02,十块,,湿巾,x,5\n" + // 14
			"A10,C1,,S1,,2026-01-02,,,,,\n" + // 15
			"A11,C1,,S1,,2026-01-02,12.345,,,,\n" + // 16
			"A12,C1,,S1,,2036-01-02,10,,,,\n" + // 17
			"A13,C1,,S1,,2026-01-02,-5,A99,,,\n" + // 18
			"A14,C1,,S1,,2026-01-02,10,,奶粉,0.0001,\n" + // 19
			"A15,C1,,S1,,2026-01-02,10,,,,\n" + // 20
			"A15,C1,,S2,,2026-01-02,10,,,,\n" + // 21
			"A16,C1,,S1,,2026-01-02,9.99,,,,\n" + // 22: the only good one
			"A17,C1,,,,2026-01-02,10,,,,\n" + // 23
			"A18,C1,,S1,,2026-01-02,99999999999,,,,\n" + // 24
			"小票 19,C1,,S1,,2026-01-02,1,,,,\n" // 25
		i := d.takeSales(t, head, table, "")
		require.Equal(t, []int64{1, 0, 18}, counts(i))
		require.EqualValues(t, 22, i.Total)
		want := []string{
			"3 amounts_differ", "4 amounts_differ", "5 external_id_missing", "6 store_unknown", "7 member_unknown", "8 phone_invalid", "9 member_one_of",
			"10 clerk_unknown", "11 paid_at_invalid", "13 other_row", "14 amount_invalid", "15 amount_required", "16 amount_invalid", "17 paid_at_future",
			"18 refund_of_unknown", "19 item_quantity_invalid", "20 rows_differ", "21 rows_differ", "23 store_unknown", "24 amount_range", "25 external_id_invalid",
		}
		require.Equal(t, want, d.refusedSales(t, head, i.ID))

		again := d.takeSales(t, head, table, "")
		require.Equal(t, []int64{0, 1, 18}, counts(again), "a file twice changes nothing")
		require.Len(t, d.purchases(t), 1)
		changed := d.takeSales(t, head, strings.Replace(table, "9.99", "8.99", 1), "")
		require.Equal(t, []int64{0, 0, 19}, counts(changed))
		require.Contains(t, d.refusedSales(t, head, changed.ID), "22 external_id_used")
	})
}

func TestPurchaseImport_knowsTheStoreChosenAtItsStartAndWhoHasLeft(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		head := d.head(t)
		d.buyer(t, "甲", "13900000001", "C1")
		manager, gone := d.Hire(t, "店长", model.RoleManager, d.Store), d.Clerk(t, "走了")
		twin, other := d.Clerk(t, "同名"), d.Hire(t, "同名", model.RoleClerk, d.Other)
		d.Hire(t, "外店", model.RoleClerk, d.Other)
		require.NoError(t, d.Staff.Deactivate(t.Context(), d.Owner, gone.StaffID))
		moscow := "Europe/Moscow"
		_, err := d.Staff.UpdateStore(t.Context(), d.Owner, d.Other.ID, staff.UpdateStore{TimeZone: &moscow})
		require.NoError(t, err)
		head1 := "单号,卡号,门店,店员,时间,金额\n"
		i := d.takeSales(t, manager, head1+
			"A1,C1,,走了,2026-01-02 08:00,1\n"+
			"A2,C1,S1,同名,2026-01-02 08:00,1\n"+
			"A3,C1,S2,,2026-01-02 08:00,1\n"+
			"A4,C1,,外店,2026-01-02 08:00,1\n", "")
		require.Equal(t, []int64{2, 0, 2}, counts(i))
		require.Equal(t, []string{"4 store_not_yours", "5 clerk_unknown"}, d.refusedSales(t, manager, i.ID))
		all := d.purchases(t)
		require.Equal(t, []string{gone.StaffID, twin.StaffID}, []string{all["A1"].ClerkID, all["A2"].ClerkID})

		i = d.takeSales(t, head, head1+"B1,C1,,同名,2026-01-02 08:00,1\nB2,C1,S1,外店,2026-01-02 08:00,1\n", d.Other.ID)
		require.Equal(t, []int64{2, 0, 0}, counts(i))
		all = d.purchases(t)
		require.Equal(t, []string{d.Other.ID, other.StaffID, d.Store.ID}, []string{all["B1"].StoreID, all["B1"].ClerkID, all["B2"].StoreID})
		require.Equal(t, 5*time.Hour, time.Duration(all["B1"].PaidAt-all["A1"].PaidAt)*time.Millisecond, "the clock on the wall of each store")

		up := d.uploadSales(t, manager, head1+"C1,C1,,,2026-01-02,1\n")
		_, err = d.Run(t.Context(), manager, model.ImportPurchases, up.Import.ID, transfer.Start{Mapping: up.Guess, StoreID: d.Other.ID})
		require.True(t, fault.Is(err, fault.NotFound), err)
		_, err = d.Get(t.Context(), head, model.ImportMembers, up.Import.ID)
		require.True(t, fault.Is(err, fault.NotFound), "a file of purchases is none of members")
		_, err = d.Get(t.Context(), d.Hire(t, "二店店长", model.RoleManager, d.Other), model.ImportPurchases, up.Import.ID)
		require.True(t, fault.Is(err, fault.NotFound))
		_, err = d.Upload(t.Context(), d.Clerk(t, "小李"), model.ImportPurchases, strings.NewReader(head1))
		require.True(t, fault.Is(err, fault.Forbidden))
		for missing, mapping := range map[string]map[string]int{
			"mapping.external_id": {"phone": 1, "paid_at": 2, "amount": 3}, "mapping.phone": {"external_id": 0, "paid_at": 2, "amount": 3},
			"mapping.paid_at": {"external_id": 0, "card_no": 2, "amount": 3}, "mapping.amount": {"external_id": 0, "phone": 2, "paid_at": 3},
			"mapping": {"external_id": 0, "name": 1},
		} {
			_, err = d.Run(t.Context(), manager, model.ImportPurchases, up.Import.ID, transfer.Start{Mapping: mapping})
			require.Equal(t, missing, fault.Of(err).Fields[0].Name)
		}
		entries, _, err := audit.New(audit.Deps{DB: d.DB}).List(t.Context(), head, audit.Filter{Action: "purchase_import.run", Limit: 9})
		require.NoError(t, err)
		require.Len(t, entries, 2)
	})
}

func TestPurchaseImport_dividesNoSaleBetweenTransactionsAndGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		head := d.head(t)
		d.buyer(t, "甲", "13900000001", "C1")
		var b strings.Builder
		b.WriteString("单号,卡号,时间,行金额\n")
		row := func(number string, times int) {
			for range times {
				fmt.Fprintf(&b, "%s,C1,2026-01-02,1\n", number)
			}
		}
		row("FIRST", 1)
		row("LONG", 499) // over the end of the first five hundred rows, and more than a sale may have
		row("EDGE", 3)
		row("TWO", 495)
		row("MOST", 200)
		row("LONGER", 900)
		row("LAST", 1)
		up := d.uploadSales(t, head, b.String())
		// Another process has taken the first batch in and died: FIRST and LONG. The clock has been put back since.
		mapping := `{"external_id":0,"card_no":1,"paid_at":2,"item_amount":3}`
		_, err := d.DB.Exec(t.Context(), "UPDATE member_imports SET state = 'running', mapping = ?, store_id = ?, owner = 'dead', lease_until = ?, done = 500, created = 1, refused = 1 WHERE id = ?",
			mapping, d.Store.ID, d.DB.Now().Add(9*time.Minute).UnixMilli(), up.Import.ID)
		require.NoError(t, err)
		var i model.Import
		worldtest.Eventually(t, func() bool {
			i, err = d.Get(t.Context(), head, model.ImportPurchases, up.Import.ID)
			require.NoError(t, err)
			return i.State == model.ImportDone
		}, "another process goes on where it stood")
		all := d.purchases(t)
		require.Len(t, all, 3, "%v", all)
		require.EqualValues(t, 300, all["EDGE"].Amount)
		require.EqualValues(t, 20_000, all["MOST"].Amount)
		require.EqualValues(t, 100, all["LAST"].Amount)
		refused := d.refusedSales(t, head, i.ID)
		require.Len(t, refused, 495+900)
		for _, r := range refused {
			require.True(t, strings.HasSuffix(r, " too_many_items"), r)
		}
		require.Equal(t, "505 too_many_items", refused[0])
	})
}

func TestPurchaseImport_showsFirstWhatWouldBecomeOfIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		head := d.head(t)
		d.buyer(t, "甲", "13900000001", "C1")
		table := "单号,卡号,时间,金额\nA1,C1,2026-01-02,1.20\n\nA2,C9,2026-01-02,1\n"
		for n := range 17 {
			table += fmt.Sprintf("B%d,C1,2026-01-02,1\n", n)
		}
		table += "A3,C1,2026-01-02,3\nA3,C1,2026-01-02,3\nA4,C1,2026-01-02,3\n"
		up := d.uploadSales(t, head, table)
		start := transfer.Start{Mapping: up.Guess, StoreID: d.Store.ID}
		seen, err := d.Preview(t.Context(), head, up.Import.ID, start)
		require.NoError(t, err)
		require.Len(t, seen, 20)
		require.Equal(t, []any{int64(2), 1, "A1", int64(120), "created"}, []any{seen[0].Row, seen[0].Rows, seen[0].Sale.ExternalID, seen[0].Sale.Amount, seen[0].Result})
		require.Equal(t, []any{int64(4), "refused", "member_unknown"}, []any{seen[1].Row, seen[1].Result, seen[1].Reason})
		require.Equal(t, []any{int64(22), 2, int64(300)}, []any{seen[19].Row, seen[19].Rows, seen[19].Sale.Amount}, "no sale is shown in part")
		require.Empty(t, d.purchases(t))
		var totals int64
		require.NoError(t, d.DB.Read(t.Context()).Model(&model.PurchaseTotal{}).Count(&totals).Error)
		require.Zero(t, totals, "nothing stays")
		_, err = d.Preview(t.Context(), head, up.Import.ID, transfer.Start{})
		require.True(t, fault.Is(err, fault.Invalid))
		_, err = d.Cancel(t.Context(), head, model.ImportPurchases, up.Import.ID)
		require.NoError(t, err)
		_, err = d.Preview(t.Context(), head, up.Import.ID, start)
		require.Equal(t, "already_started", fault.Of(err).Reason)
	})
}

func TestPurchaseImport_readsSpreadsheetsAndHoldsItsLimits(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d desk) {
		head := d.head(t)
		d.buyer(t, "甲", "13900000001", "")
		f := excelize.NewFile()
		require.NoError(t, f.SetSheetRow("Sheet1", "A1", &[]any{"订单号", "手机号", "交易时间", "实收金额"}))
		require.NoError(t, f.SetSheetRow("Sheet1", "A4", &[]any{202601020001, 13900000001, time.Date(2026, 1, 2, 20, 15, 7, 0, time.UTC), 0.1 + 0.2}))
		require.NoError(t, f.SetSheetRow("Sheet1", "A6", &[]any{202601020002, 13900000002, time.Date(2026, 1, 2, 20, 15, 7, 0, time.UTC), 1}))
		book, err := f.WriteToBuffer()
		require.NoError(t, err)
		require.NoError(t, f.Close())
		i := d.takeSales(t, head, book.String(), d.Store.ID)
		require.Equal(t, []int64{1, 0, 1}, counts(i))
		got := d.purchases(t)["202601020001"]
		require.EqualValues(t, 30, got.Amount)
		require.Equal(t, "2026-01-02T20:15:07+08:00", time.UnixMilli(got.PaidAt).In(time.FixedZone("", 8*60*60)).Format(time.RFC3339))
		require.Equal(t, []string{"6 member_unknown"}, d.refusedSales(t, head, i.ID))

		heading := "单号,手机,时间,金额\n"
		up := d.uploadSales(t, head, heading+strings.Repeat("x\n", model.MaxImportRows))
		require.EqualValues(t, 100_000, up.Import.Total)
		_, err = d.Upload(t.Context(), head, model.ImportPurchases, strings.NewReader(heading+strings.Repeat("x\n", model.MaxImportRows+1)))
		require.Equal(t, "too_many_rows", fault.Of(err).Reason)
		_, err = d.Upload(t.Context(), head, model.ImportPurchases, strings.NewReader(heading+strings.Repeat("x", model.MaxImportBytes)))
		require.Equal(t, "too_large", fault.Of(err).Reason)
	})
}
