package model

// Purchase is one sale to a member, or the return of one (B5, M2). It is written once and never changed, but for the
// member it counts for, who follows merges.
type Purchase struct {
	ID         string `gorm:"column:id;primaryKey"`
	AccountID  string `gorm:"column:account_id"`
	MemberID   string `gorm:"column:member_id"`   // for whom it counts today
	BoughtBy   string `gorm:"column:bought_by"`   // for whom it was recorded; a merge does not change it
	ExternalID string `gorm:"column:external_id"` // the till's number, unique in the account
	StoreID    string `gorm:"column:store_id"`
	ClerkID    string `gorm:"column:clerk_id"` // who sold, as the till says; empty: it does not say
	PaidAt     int64  `gorm:"column:paid_at"`
	Amount     int64  `gorm:"column:amount"`    // fen; below zero: a refund
	RefundOf   string `gorm:"column:refund_of"` // the till's number of what is returned; may be empty
	Digest     string `gorm:"column:digest"`    // of what was told: the same again is unchanged
	SourceKind string `gorm:"column:source_kind"`
	SourceID   string `gorm:"column:source_id"` // the key, person or import
	CreatedAt  int64  `gorm:"column:created_at"`
}

// TableName names the table.
func (Purchase) TableName() string { return "purchases" }

// PurchaseItem is one line of a purchase. Member and time stand here too, so that one index answers who bought what when.
type PurchaseItem struct {
	PurchaseID string `gorm:"column:purchase_id;primaryKey"`
	Line       int64  `gorm:"column:line;primaryKey"`
	MemberID   string `gorm:"column:member_id"`
	PaidAt     int64  `gorm:"column:paid_at"`
	SKU        string `gorm:"column:sku"`
	Name       string `gorm:"column:name"`
	Category   string `gorm:"column:category"`
	Quantity   int64  `gorm:"column:quantity"` // thousandths
	Amount     int64  `gorm:"column:amount"`   // fen
}

// TableName names the table.
func (PurchaseItem) TableName() string { return "purchase_items" }

// PurchaseTotal is what a member's purchases come to. Purchases and times count sales alone, the amount refunds too.
type PurchaseTotal struct {
	MemberID  string `gorm:"column:member_id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	Purchases int64  `gorm:"column:purchases"`
	Amount    int64  `gorm:"column:amount"`
	FirstAt   int64  `gorm:"column:first_at"` // 0 = never
	LastAt    int64  `gorm:"column:last_at"`
}

// TableName names the table.
func (PurchaseTotal) TableName() string { return "purchase_totals" }

// Where purchases come from.
const (
	PurchaseByKey    = "key"
	PurchaseByStaff  = "staff"
	PurchaseByImport = "import"
)

// Limits of purchases.
const (
	MaxPurchases     = 1_000           // in one call
	MaxPurchaseItems = 200             // in one purchase
	MaxPurchaseFen   = 100_000_000_000 // either way
	MaxQuantity      = 1_000_000_000   // thousandths
	MaxExternalID    = 64
	MaxSKU           = 64
	MaxCategory      = 64
	MaxItemName      = 200
)
