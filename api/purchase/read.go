package purchase

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"time"

	"liuke/service/fault"
	"liuke/service/purchase"
)

// Sale is a purchase as a till tells it.
type Sale struct {
	ExternalID string    `json:"external_id" minLength:"1" maxLength:"64" doc:"the till's number; printable ASCII, unique in the account"`
	Member     Buyer     `json:"member" doc:"exactly one of id, phone and card_no"`
	StoreCode  string    `json:"store_code" doc:"the store's code"`
	ClerkID    string    `json:"clerk_id,omitempty" doc:"who sold; also one who has left"`
	PaidAt     time.Time `json:"paid_at" doc:"RFC 3339; at most a day ahead"`
	Amount     *int64    `json:"amount" doc:"fen; below zero: a refund"`
	RefundOf   string    `json:"refund_of,omitempty" maxLength:"64" doc:"the external_id of what is returned: of the same member, and in all not more than it cost"`
	Items      []Item    `json:"items,omitempty" maxItems:"200"`
}

// Buyer names a member.
type Buyer struct {
	ID     string `json:"id,omitempty"`
	Phone  string `json:"phone,omitempty"`
	CardNo string `json:"card_no,omitempty"`
}

// Item is one line of a sale.
type Item struct {
	SKU      string   `json:"sku,omitempty" maxLength:"64"`
	Name     string   `json:"name,omitempty" maxLength:"200"`
	Category string   `json:"category,omitempty" maxLength:"64"`
	Quantity *float64 `json:"quantity,omitempty" doc:"1 when it is not said; at most three decimals"`
	Amount   int64    `json:"amount,omitempty" doc:"fen"`
}

// read takes one sale or an array of them. A sale alone that cannot be read is the caller's error; of several it is
// refused by itself.
func read(body []byte) (all []purchase.Sale, alone bool, err error) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || body[0] != '[' {
		one, err := readSale(body)
		return []purchase.Sale{one}, true, err
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(body, &parts); err != nil {
		return nil, false, fault.Input("purchases", "invalid").Because(err)
	}
	all = make([]purchase.Sale, len(parts))
	for i, part := range parts {
		sale, err := readSale(part)
		all[i] = sale
		if f := fault.Of(err); f != nil {
			all[i].Unread = f.Fields[0].Name + "_" + f.Fields[0].Reason
		}
	}
	return all, false, nil
}

// readSale reads strictly: a field that nobody knows is a mistake of the till's programmer, who should hear of it. What
// of a broken one could be read is given too.
func readSale(text []byte) (purchase.Sale, error) {
	var in Sale
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(&in)
	sale := purchase.Sale{
		ExternalID: in.ExternalID, Buyer: purchase.Buyer(in.Member), StoreCode: in.StoreCode, ClerkID: in.ClerkID, PaidAt: in.PaidAt,
		RefundOf: in.RefundOf,
	}
	wrong := new(json.UnmarshalTypeError)
	unparsed := new(time.ParseError)
	switch {
	case errors.As(err, &wrong):
		return sale, fault.Input(name(wrong.Field, "purchase"), "type")
	case errors.As(err, &unparsed):
		return sale, fault.Input("paid_at", "invalid")
	case err != nil:
		if field, unknown := strings.CutPrefix(err.Error(), `json: unknown field "`); unknown {
			return sale, fault.Input(name(strings.TrimSuffix(field, `"`), "purchase"), "unexpected")
		}
		return sale, fault.Input("purchase", "invalid").Because(err)
	case d.Decode(&struct{}{}) != io.EOF:
		return sale, fault.Input("purchase", "invalid")
	case in.Amount == nil:
		return sale, fault.Input("amount", "required")
	}
	sale.Amount = *in.Amount
	for _, i := range in.Items {
		item := purchase.Item{SKU: i.SKU, Name: i.Name, Category: i.Category, Quantity: 1000, Amount: i.Amount}
		if i.Quantity != nil {
			thousandths := *i.Quantity * 1000
			if math.Abs(thousandths) > 1e15 || math.Abs(thousandths-math.Round(thousandths)) > 1e-6 {
				return sale, fault.Input("items_quantity", "invalid")
			}
			item.Quantity = int64(math.Round(thousandths))
		}
		sale.Items = append(sale.Items, item)
	}
	return sale, nil
}

// name bounds the name of a field that came from the caller.
func name(field, otherwise string) string {
	if field == "" || len(field) > 64 {
		return otherwise
	}
	return field
}
