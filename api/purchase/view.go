package purchase

import (
	"liuke/api/rest"
	"liuke/model"
	"liuke/service/purchase"
)

// Outcome is what became of one sale.
type Outcome struct {
	ExternalID *string `json:"external_id"`
	ID         *string `json:"id" doc:"of the purchase; null when it was refused"`
	Result     string  `json:"result" enum:"created,unchanged,refused"`
	Reason     *string `json:"reason" doc:"why it was refused, such as member_unknown, store_unknown, clerk_unknown, external_id_used, refund_too_large, amount_required"`
}

// Recorded is the answer: what became of each, in the order of the call. What became of a sale that was told by itself
// stands beside the list too.
type Recorded struct {
	Items      []Outcome `json:"items" nullable:"false"`
	ExternalID string    `json:"external_id,omitempty" doc:"this and the next only for a sale that was told by itself"`
	ID         string    `json:"id,omitempty"`
	Result     string    `json:"result,omitempty" enum:"created,unchanged,refused"`
	Reason     string    `json:"reason,omitempty"`
}

func viewOutcome(o purchase.Outcome) Outcome {
	return Outcome{rest.Null(o.ExternalID), rest.Null(o.ID), o.Result, rest.Null(o.Reason)}
}

// Purchase is one sale or refund of a member.
type Purchase struct {
	ID         string       `json:"id"`
	ExternalID string       `json:"external_id"`
	StoreID    string       `json:"store_id"`
	ClerkID    *string      `json:"clerk_id" doc:"who sold, as the till says"`
	PaidAt     rest.Time    `json:"paid_at"`
	Amount     int64        `json:"amount" doc:"fen; below zero: a refund"`
	RefundOf   *string      `json:"refund_of"`
	Items      []BoughtItem `json:"items" nullable:"false"`
}

// BoughtItem is one line of it.
type BoughtItem struct {
	SKU      string  `json:"sku"`
	Name     string  `json:"name"`
	Category string  `json:"category"`
	Quantity float64 `json:"quantity"`
	Amount   int64   `json:"amount" doc:"fen"`
}

func view(p purchase.Bought) Purchase {
	out := Purchase{
		ID: p.Purchase.ID, ExternalID: p.Purchase.ExternalID, StoreID: p.Purchase.StoreID, ClerkID: rest.Null(p.Purchase.ClerkID),
		PaidAt: rest.Time(p.Purchase.PaidAt), Amount: p.Purchase.Amount, RefundOf: rest.Null(p.Purchase.RefundOf),
		Items: make([]BoughtItem, len(p.Items)),
	}
	for i, item := range p.Items {
		out.Items[i] = viewItem(item)
	}
	return out
}

func viewItem(i model.PurchaseItem) BoughtItem {
	return BoughtItem{i.SKU, i.Name, i.Category, float64(i.Quantity) / 1000, i.Amount}
}
