package purchase

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"liuke/model"
)

// Sale is a purchase as a till tells it. A refund has an amount below zero, and may name what is returned.
type Sale struct {
	ExternalID string
	Buyer      Buyer
	StoreCode  string
	StoreID    string // a store that was found already; then the code is not looked at
	ClerkID    string
	PaidAt     time.Time
	Amount     int64 // fen
	RefundOf   string
	Items      []Item
	Unread     string // why it could not be read as a sale; then it is refused
}

// Buyer names a member by exactly one of these.
type Buyer struct{ ID, Phone, CardNo string }

// Item is one line.
type Item struct {
	SKU      string `json:"sku"`
	Name     string `json:"name"`
	Category string `json:"category"`
	Quantity int64  `json:"quantity"` // thousandths
	Amount   int64  `json:"amount"`   // fen
}

// What became of a sale.
const (
	Created   = "created"
	Unchanged = "unchanged"
	Refused   = "refused"
)

// Outcome is what became of one sale, with the reason of a refusal.
type Outcome struct {
	ExternalID string
	ID         string // of the purchase; empty when it was refused
	Result     string
	Reason     string
}

// ahead is how far a till's clock may be before ours.
const ahead = 24 * time.Hour

// check tells what is wrong with a sale by itself, or nothing.
func (s Sale) check(now time.Time) string {
	switch {
	case s.Unread != "":
		return s.Unread
	case s.ExternalID == "":
		return "external_id_missing"
	case model.ASCIIKey(s.ExternalID, model.MaxExternalID) == "":
		return "external_id_invalid"
	case s.Buyer.count() != 1:
		return "member_one_of"
	case s.PaidAt.Year() < 1990:
		return "paid_at_invalid"
	case s.PaidAt.After(now.Add(ahead)):
		return "paid_at_future"
	case s.Amount > model.MaxPurchaseFen || s.Amount < -model.MaxPurchaseFen:
		return "amount_range"
	case s.RefundOf != "" && model.ASCIIKey(s.RefundOf, model.MaxExternalID) == "":
		return "refund_of_invalid"
	case s.RefundOf != "" && s.Amount >= 0:
		return "refund_not_negative"
	case s.RefundOf != "" && s.RefundOf == s.ExternalID:
		return "refund_of_itself"
	case len(s.Items) > model.MaxPurchaseItems:
		return "too_many_items"
	}
	for _, i := range s.Items {
		if reason := i.check(); reason != "" {
			return reason
		}
	}
	return ""
}

func (b Buyer) count() (n int) {
	for _, s := range []string{b.ID, b.Phone, b.CardNo} {
		if s != "" {
			n++
		}
	}
	return n
}

func (i Item) check() string {
	switch {
	case !utf8.ValidString(i.SKU + i.Name + i.Category):
		return "item_not_text"
	case utf8.RuneCountInString(i.SKU) > model.MaxSKU:
		return "item_sku_too_long"
	case utf8.RuneCountInString(i.Name) > model.MaxItemName:
		return "item_name_too_long"
	case utf8.RuneCountInString(i.Category) > model.MaxCategory:
		return "item_category_too_long"
	case i.Quantity > model.MaxQuantity || i.Quantity < -model.MaxQuantity:
		return "item_quantity_range"
	case i.Amount > model.MaxPurchaseFen || i.Amount < -model.MaxPurchaseFen:
		return "item_amount_range"
	}
	return ""
}

// digest is what two tellings of the same sale have in common. The member and the store are those that were found: a
// till may name a member once by phone and once by card.
func (s Sale) digest(memberID, storeID string) (string, error) {
	text, err := json.Marshal([]any{memberID, storeID, s.ClerkID, s.PaidAt.UnixMilli(), s.Amount, s.RefundOf, s.Items})
	if err != nil {
		return "", fmt.Errorf("digest a sale: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
