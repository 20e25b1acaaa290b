package transfer

import (
	"liuke/model"
	"liuke/service/purchase"
)

// rowsOfSale are the rows of one sale in a file, and what they make together.
type rowsOfSale struct {
	rows   []saleRow
	words  map[string]string // what the rows agree on
	sale   purchase.Sale
	reason string // why it is not taken; a row may have one of its own
}

// salesOf puts rows together to sales. A sale of more lines than any may have was divided before: its rows go on from
// the row before.
func salesOf(lines []line, before *line, mapping map[string]int) []*rowsOfSale {
	var all []*rowsOfSale
	for i, l := range lines {
		if i > 0 && sameSale(mapping, lines[i-1].cells, l.cells) {
			last := all[len(all)-1]
			last.rows = append(last.rows, saleRowOf(l, mapping))
			continue
		}
		all = append(all, &rowsOfSale{rows: []saleRow{saleRowOf(l, mapping)}})
	}
	for i, s := range all {
		s.join()
		divided := i == 0 && before != nil && sameSale(mapping, before.cells, s.rows[0].cells)
		if divided || len(s.rows) > model.MaxPurchaseItems {
			s.refuse("too_many_items")
		}
	}
	return all
}

// refuse keeps the first reason.
func (s *rowsOfSale) refuse(reason string) {
	if s.reason == "" {
		s.reason = reason
	}
}

// join reads the sale out of its rows. A cell that is empty says nothing: tills often write the head of a sale in its
// first row only.
func (s *rowsOfSale) join() {
	s.words = map[string]string{}
	for _, r := range s.rows {
		s.refuse(r.reason)
		for field, word := range r.words {
			if said, there := s.words[field]; there && said != word {
				s.refuse("rows_differ")
			}
			s.words[field] = word
		}
		if r.item != nil {
			s.sale.Items = append(s.sale.Items, *r.item)
		}
	}
	s.sale.ExternalID, s.sale.RefundOf = s.words[FieldExternalID], s.words[FieldRefundOf]
	amount, reason := s.amount()
	s.refuse(reason)
	s.sale.Amount = amount
	if len(s.rows) == 1 && len(s.sale.Items) == 1 && s.rows[0].itemAmount == nil {
		s.sale.Items[0].Amount = amount
	}
}

// amount is that of the whole sale where its rows agree on one, else what the lines come to, if each has its own.
func (s *rowsOfSale) amount() (fen int64, reason string) {
	var whole *int64
	agreed, complete, sum := true, true, int64(0)
	for _, r := range s.rows {
		if r.amount != nil {
			agreed = agreed && (whole == nil || *whole == *r.amount)
			whole = r.amount
		}
		if r.itemAmount == nil {
			complete = false
		} else {
			sum += *r.itemAmount
		}
	}
	switch {
	case whole != nil && agreed:
		return *whole, ""
	case complete:
		return sum, ""
	case whole == nil:
		return 0, "amount_required"
	}
	return 0, "amounts_differ"
}
