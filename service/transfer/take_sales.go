package transfer

import (
	"liuke/model"
	"liuke/service/purchase"
)

// salesPerBatch is about how many rows of purchases are worked off in one transaction.
const salesPerBatch = 500

// takeSales hands the sales of a batch to the purchase room and counts what became of them.
func (b *batch) takeSales() error {
	all, outcomes, err := b.recordSales()
	if err != nil {
		return err
	}
	for i, s := range all {
		switch outcomes[i].Result {
		case purchase.Created:
			b.row.Created++
		case purchase.Unchanged:
			b.row.Updated++
		default:
			b.row.Refused++
			b.refuseSale(s, outcomes[i].Reason)
		}
	}
	return nil
}

// refuseSale refuses all rows of a sale, so that they can be mended and taken in together.
func (b *batch) refuseSale(s *rowsOfSale, reason string) {
	unread := false
	for _, r := range s.rows {
		unread = unread || r.reason != ""
	}
	for _, r := range s.rows {
		switch {
		case r.reason != "":
			b.refuse(r.place, r.reason)
		case unread:
			b.refuse(r.place, "other_row")
		default:
			b.refuse(r.place, reason)
		}
	}
}

// recordSales reads the rows and records what can be. Each sale has an outcome.
func (b *batch) recordSales() ([]*rowsOfSale, []purchase.Outcome, error) {
	all := salesOf(b.lines, b.before, b.mapping)
	if err := b.complete(all); err != nil {
		return nil, nil, err
	}
	var sales []purchase.Sale
	for _, s := range all {
		s.sale.Unread = s.reason
		sales = append(sales, s.sale)
	}
	outcomes, err := b.sales.RecordTx(b.tx, b.actor, purchase.Source{Kind: model.PurchaseByImport, ID: b.row.ID}, sales)
	return all, outcomes, err
}

// complete finds store, clerk, time and member of each sale.
func (b *batch) complete(all []*rowsOfSale) error {
	p, err := b.shopsOf(all)
	if err != nil {
		return err
	}
	if err := b.buyers(all); err != nil {
		return err
	}
	for _, s := range all {
		store, reason := p.store(s.words[FieldStore])
		if reason != "" {
			s.refuse(reason)
			continue
		}
		s.sale.StoreID = store.ID
		if word := s.words[FieldClerk]; word != "" {
			id, known := p.seller(word, store.ID)
			if !known {
				s.refuse("clerk_unknown")
			}
			s.sale.ClerkID = id
		}
		at, ok := p.times.read(s.words[FieldPaidAt], p.zones[store.ID])
		if !ok {
			s.refuse("paid_at_invalid")
		}
		s.sale.PaidAt = at
	}
	return nil
}

// buyers says by what each member is found: the card where a member has it, else the phone.
func (b *batch) buyers(all []*rowsOfSale) error {
	var cards []string
	for _, s := range all {
		if s.words[FieldCardNo] != "" && s.words[FieldPhone] != "" {
			cards = append(cards, s.words[FieldCardNo])
		}
	}
	_, known, err := b.members.KnownTx(b.tx.DB, b.actor.AccountID, nil, distinct(cards))
	if err != nil {
		return err
	}
	for _, s := range all {
		card, phone := s.words[FieldCardNo], s.words[FieldPhone]
		switch {
		case card == "" || phone != "" && known[card] == "":
			s.sale.Buyer.Phone = phone
		default:
			s.sale.Buyer.CardNo = card
		}
	}
	return nil
}
