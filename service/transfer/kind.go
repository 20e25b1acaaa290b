package transfer

import "liuke/model"

// kind is what differs between files of members and of purchases.
type kind struct {
	object string   // names an import in the audit log
	fields []string // that a column may fill
	words  func(field string) []string
	check  func(Start) error
	// atOnce is how many rows are worked off in one transaction, and over how many more it goes on for rows that belong
	// to its last one.
	atOnce, over int
	joined       func(mapping map[string]int, a, b []string) bool
	takeIn       func(*batch) error
}

// kindOf gives what is known of model.ImportMembers or …Purchases.
func kindOf(name string) kind {
	if name == model.ImportPurchases {
		return kind{
			object: "purchase_import", fields: SaleFields(), words: saleWords, check: checkSales,
			atOnce: salesPerBatch, over: model.MaxPurchaseItems, joined: sameSale, takeIn: (*batch).takeSales,
		}
	}
	return kind{
		object: "member_import", fields: Fields(), words: words, check: checkMembers,
		atOnce: rowsPerPart, joined: func(map[string]int, []string, []string) bool { return false }, takeIn: (*batch).takeMembers,
	}
}
