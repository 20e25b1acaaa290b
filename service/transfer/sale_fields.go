package transfer

import (
	"strings"

	"liuke/model"
	"liuke/service/fault"
	"liuke/service/purchase"
	"liuke/service/sheet"
)

// Fields of a purchase that a column may fill, beside card_no, phone, store and clerk. A row is one line of a sale.
const (
	FieldExternalID = "external_id" // the till's number of the sale
	FieldPaidAt     = "paid_at"
	FieldAmount     = "amount"    // of the whole sale
	FieldRefundOf   = "refund_of" // the number of what is returned
	FieldSKU        = "sku"
	FieldItemName   = "item_name"
	FieldCategory   = "category"
	FieldQuantity   = "quantity"
	FieldItemAmount = "item_amount" // of the line
)

// SaleFields lists them.
func SaleFields() []string {
	return []string{
		FieldExternalID, FieldCardNo, FieldPhone, FieldStore, FieldClerk, FieldPaidAt, FieldAmount, FieldRefundOf, FieldSKU, FieldItemName,
		FieldCategory, FieldQuantity, FieldItemAmount,
	}
}

// saleWords are the headings that tills use, by field; the longer ones say it more surely.
func saleWords(field string) []string {
	switch field {
	case FieldExternalID:
		return []string{
			"销售单号", "小票号", "小票编号", "订单编号", "订单号", "单据编号", "单据号", "交易号", "流水号", "单号", "external_id", "order_no", "receipt_no",
		}
	case FieldPaidAt:
		return []string{
			"付款时间", "支付时间", "交易时间", "销售时间", "消费时间", "下单时间", "付款日期", "交易日期", "销售日期", "消费日期", "时间", "日期", "paid_at", "time", "date",
		}
	case FieldAmount:
		return []string{
			"整单金额", "订单金额", "实付金额", "实收金额", "成交金额", "消费金额", "付款金额", "合计金额", "总金额", "实付", "实收", "合计", "金额", "amount", "total",
		}
	case FieldRefundOf:
		return []string{"原销售单号", "原小票号", "原订单号", "原单号", "refund_of"}
	case FieldSKU:
		return []string{"商品编码", "商品编号", "商品条码", "条码", "货号", "sku"}
	case FieldItemName:
		return []string{"商品名称", "货品名称", "品名", "商品", "item_name", "product", "item"}
	case FieldCategory:
		return []string{"商品分类", "商品类别", "品类", "类别", "分类", "category"}
	case FieldQuantity:
		return []string{"销售数量", "数量", "件数", "quantity", "qty"}
	case FieldItemAmount:
		return []string{"行金额", "商品金额", "明细金额", "金额小计", "小计", "item_amount", "line_amount", "subtotal"}
	}
	return words(field)
}

func checkSales(in Start) error {
	has := func(field string) bool { _, chosen := in.Mapping[field]; return chosen }
	switch {
	case !has(FieldExternalID):
		return fault.Input("mapping.external_id", "required")
	case !has(FieldCardNo) && !has(FieldPhone):
		return fault.Input("mapping.phone", "required")
	case !has(FieldPaidAt):
		return fault.Input("mapping.paid_at", "required")
	case !has(FieldAmount) && !has(FieldItemAmount):
		return fault.Input("mapping.amount", "required")
	case in.Duplicates != "":
		return fault.Input("duplicates", "unexpected")
	}
	return nil
}

// numberOf is the till's number in a row.
func numberOf(cells []string, mapping map[string]int) string {
	return sheet.Whole(sheet.HalfWidth(cellOf(cells, mapping, FieldExternalID)))
}

// sameSale tells whether two rows are lines of one sale: they bear one number.
func sameSale(mapping map[string]int, a, b []string) bool {
	number := numberOf(a, mapping)
	return number != "" && number == numberOf(b, mapping)
}

// saleRow is one row of a file of purchases. What of it concerns the whole sale stays in the words of the file.
type saleRow struct {
	line

	words      map[string]string // by field; what is empty is not there
	amount     *int64            // fen
	itemAmount *int64
	item       *purchase.Item
	reason     string // why it cannot be read
}

// saleRowOf reads a row.
func saleRowOf(l line, mapping map[string]int) saleRow {
	r := saleRow{line: l, words: map[string]string{}}
	for _, field := range []string{FieldCardNo, FieldPhone, FieldStore, FieldClerk, FieldPaidAt, FieldRefundOf} {
		if s := sheet.Whole(sheet.HalfWidth(cellOf(l.cells, mapping, field))); s != "" {
			r.words[field] = s
		}
	}
	if number := numberOf(l.cells, mapping); number != "" {
		r.words[FieldExternalID] = number
	}
	var reasons [3]string
	r.amount, reasons[0] = fenOf(cellOf(l.cells, mapping, FieldAmount), "amount")
	r.itemAmount, reasons[1] = fenOf(cellOf(l.cells, mapping, FieldItemAmount), "item_amount")
	r.item, reasons[2] = itemOf(l.cells, mapping, r.itemAmount)
	for _, reason := range reasons {
		if r.reason == "" {
			r.reason = reason
		}
	}
	return r
}

// bare takes off what people write around an amount: ¥ before it, 元 behind.
func bare(cell string) string {
	cell = strings.ToUpper(sheet.HalfWidth(cell))
	for _, unit := range []string{"元", "RMB", "CNY"} {
		cell = strings.TrimSpace(strings.TrimSuffix(cell, unit))
	}
	sign := ""
	if cell != "" && strings.ContainsRune("+-(", rune(cell[0])) {
		sign, cell = cell[:1], cell[1:]
	}
	for _, unit := range []string{"¥", "￥", "RMB", "CNY"} {
		cell = strings.TrimSpace(strings.TrimPrefix(cell, unit))
	}
	return sign + cell
}

// fenOf reads an amount in yuan; of an empty cell there is none.
func fenOf(cell, name string) (fen *int64, reason string) {
	if cell = bare(cell); cell == "" {
		return nil, ""
	}
	const decimals = 2
	n, ok := sheet.Fixed(cell, decimals)
	switch {
	case !ok:
		return nil, name + "_invalid"
	case n > model.MaxPurchaseFen || n < -model.MaxPurchaseFen:
		return nil, name + "_range"
	}
	return &n, ""
}

// itemOf reads the line of a sale; a row that says nothing of one has none. What has no quantity is one.
func itemOf(cells []string, mapping map[string]int, amount *int64) (item *purchase.Item, reason string) {
	cell := func(field string) string { return strings.TrimSpace(cellOf(cells, mapping, field)) }
	const one, decimals = 1000, 3
	i := purchase.Item{SKU: sheet.Whole(cell(FieldSKU)), Name: cell(FieldItemName), Category: cell(FieldCategory), Quantity: one}
	quantity := cell(FieldQuantity)
	if amount == nil && quantity == "" && i.SKU+i.Name+i.Category == "" {
		return nil, ""
	}
	if amount != nil {
		i.Amount = *amount
	}
	if quantity != "" {
		n, ok := sheet.Fixed(quantity, decimals)
		if !ok {
			return nil, "item_quantity_invalid"
		}
		i.Quantity = n
	}
	return &i, ""
}
