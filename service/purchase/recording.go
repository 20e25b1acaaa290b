package purchase

import (
	"fmt"
	"slices"

	"liuke/model"
	"liuke/model/database"
)

// recording is one batch of sales on its way in.
type recording struct {
	*Service

	tx       *database.Tx
	account  string
	source   Source
	sales    []Sale
	outcomes []Outcome
	buyers   []string // by sale; empty: refused
	stores   []string
	known    map[string]model.Purchase // by external id, also of this batch
	returned map[string]int64          // fen below zero, by the external id of what is returned
	rows     []model.Purchase
	items    []model.PurchaseItem
}

// open tells whether a sale has not been decided about.
func (r *recording) open(i int) bool { return r.outcomes[i].Result == "" }

func (r *recording) refuse(i int, reason string) {
	r.outcomes[i].Result, r.outcomes[i].Reason = Refused, reason
}

// each calls f for every sale that has not been decided about.
func (r *recording) each(f func(i int, s Sale)) {
	for i, s := range r.sales {
		if r.open(i) {
			f(i, s)
		}
	}
}

func (r *recording) check() error {
	for i, s := range r.sales {
		if model.ASCIIKey(s.ExternalID, model.MaxExternalID) != "" {
			r.outcomes[i].ExternalID = s.ExternalID
		}
		if reason := s.check(r.tx.Now); reason != "" {
			r.refuse(i, reason)
		}
	}
	return nil
}

// findPlaces finds the stores by their codes, and looks whether the clerks are of the account: also one who has left
// may have sold.
func (r *recording) findPlaces() error {
	var codes, clerks []string
	r.each(func(_ int, s Sale) {
		if s.StoreID == "" {
			codes = append(codes, s.StoreCode)
		}
		if model.ValidID(s.ClerkID) {
			clerks = append(clerks, s.ClerkID)
		}
	})
	var stores []model.Store
	if err := r.tx.Select("id", "code").Where("account_id = ? AND code IN ? AND code <> ''", r.account, codes).Find(&stores).Error; err != nil {
		return fmt.Errorf("find stores by code: %w", err)
	}
	ofCode := map[string]string{}
	for _, s := range stores {
		ofCode[s.Code] = s.ID
	}
	var staff []string
	if err := r.tx.Model(&model.Staff{}).Where("account_id = ? AND id IN ?", r.account, clerks).Pluck("id", &staff).Error; err != nil {
		return fmt.Errorf("find who sold: %w", err)
	}
	r.stores = make([]string, len(r.sales))
	r.each(func(i int, s Sale) {
		if r.stores[i] = s.StoreID; s.StoreID == "" {
			r.stores[i] = ofCode[s.StoreCode]
		}
		switch {
		case r.stores[i] == "":
			r.refuse(i, "store_unknown")
		case s.ClerkID != "" && !slices.Contains(staff, s.ClerkID):
			r.refuse(i, "clerk_unknown")
		}
	})
	return nil
}

// findKnown reads what was recorded before under the numbers of the batch and of what it returns. Who records another
// sale or return of the same members waits for the rows that lock holds.
func (r *recording) findKnown() error {
	var numbers, returns []string
	r.each(func(_ int, s Sale) {
		numbers = append(numbers, s.ExternalID)
		if s.RefundOf != "" {
			numbers, returns = append(numbers, s.RefundOf), append(returns, s.RefundOf)
		}
	})
	r.known, r.returned = map[string]model.Purchase{}, map[string]int64{}
	var rows []model.Purchase
	if err := r.tx.Where("account_id = ? AND external_id IN ?", r.account, numbers).Find(&rows).Error; err != nil {
		return fmt.Errorf("find known purchases: %w", err)
	}
	for _, p := range rows {
		r.known[p.ExternalID] = p
	}
	if len(returns) == 0 {
		return nil
	}
	var sums []struct {
		RefundOf string
		Amount   int64
	}
	err := r.tx.Model(&model.Purchase{}).Select("refund_of, SUM(amount) AS amount").
		Where("account_id = ? AND refund_of IN ?", r.account, returns).Group("refund_of").Scan(&sums).Error
	if err != nil {
		return fmt.Errorf("find what was returned: %w", err)
	}
	for _, s := range sums {
		r.returned[s.RefundOf] = s.Amount
	}
	return nil
}

// take decides about each sale that is left, in order: a batch may hold a sale and its return.
func (r *recording) take() (err error) {
	r.each(func(i int, s Sale) {
		if err == nil {
			err = r.takeOne(i, s)
		}
	})
	return err
}

func (r *recording) takeOne(i int, s Sale) error {
	digest, err := s.digest(r.buyers[i], r.stores[i])
	if err != nil {
		return err
	}
	if before, told := r.known[s.ExternalID]; told {
		if same, err := r.same(s, before, digest, i); err != nil || !same {
			r.refuse(i, "external_id_used")
			return err
		}
		r.outcomes[i].ID, r.outcomes[i].Result = before.ID, Unchanged
		return nil
	}
	if reason := r.refundable(i, s); reason != "" {
		r.refuse(i, reason)
		return nil
	}
	p := model.Purchase{
		ID: model.NewID(), AccountID: r.account, MemberID: r.buyers[i], BoughtBy: r.buyers[i], ExternalID: s.ExternalID,
		StoreID: r.stores[i], ClerkID: s.ClerkID, PaidAt: s.PaidAt.UnixMilli(), Amount: s.Amount, RefundOf: s.RefundOf, Digest: digest,
		SourceKind: r.source.Kind, SourceID: r.source.ID, CreatedAt: r.tx.Millis(),
	}
	r.rows, r.known[s.ExternalID] = append(r.rows, p), p
	for n, item := range s.Items {
		r.items = append(r.items, model.PurchaseItem{
			PurchaseID: p.ID, Line: int64(n + 1), MemberID: p.MemberID, PaidAt: p.PaidAt,
			SKU: item.SKU, Name: item.Name, Category: item.Category, Quantity: item.Quantity, Amount: item.Amount,
		})
	}
	r.outcomes[i].ID, r.outcomes[i].Result = p.ID, Created
	return nil
}

// same tells whether a sale was told before in the same words. The member whom the till named may have been merged
// since.
func (r *recording) same(s Sale, before model.Purchase, digest string, i int) (bool, error) {
	if digest == before.Digest {
		return true, nil
	}
	if before.MemberID != r.buyers[i] || before.BoughtBy == r.buyers[i] {
		return false, nil
	}
	old, err := s.digest(before.BoughtBy, r.stores[i])
	return old == before.Digest, err
}

// refundable tells why a return cannot be, or nothing.
func (r *recording) refundable(i int, s Sale) string {
	if s.RefundOf == "" {
		return ""
	}
	of, there := r.known[s.RefundOf]
	switch {
	case !there:
		return "refund_of_unknown"
	case of.MemberID != r.buyers[i]:
		return "refund_of_other_member"
	case of.Amount <= 0:
		return "refund_of_refund"
	case of.Amount+r.returned[s.RefundOf]+s.Amount < 0:
		return "refund_too_large"
	}
	r.returned[s.RefundOf] += s.Amount
	return ""
}

// rowsAtOnce bounds the rows of one statement.
const rowsAtOnce = 500

func (r *recording) write() error {
	if len(r.rows) == 0 {
		return nil
	}
	if err := r.tx.CreateInBatches(&r.rows, rowsAtOnce).Error; err != nil {
		return fmt.Errorf("record purchases: %w", err)
	}
	if len(r.items) > 0 {
		if err := r.tx.CreateInBatches(&r.items, rowsAtOnce).Error; err != nil {
			return fmt.Errorf("record what was bought: %w", err)
		}
	}
	var members []string
	for _, p := range r.rows {
		members = append(members, p.MemberID)
	}
	return count(r.tx, r.account, members)
}
