package model

// Kinds of what stands on a hand-in checklist. The first four are on each; the manager adds others.
const (
	HandInFiles      = "files"
	HandInPromises   = "promises"
	HandInGifts      = "gifts"
	HandInComplaints = "complaints"
	HandInOther      = "other"
)

// HandInKinds lists what every checklist begins with, in its order.
func HandInKinds() []string {
	return []string{HandInFiles, HandInPromises, HandInGifts, HandInComplaints}
}

// Sides that sign a hand-in checklist.
const (
	SideLeaver  = "leaver"
	SideManager = "manager"
)

// Limits of a hand-in checklist.
const (
	MaxHandInItems = 40   // with the four
	MaxHandInTitle = 200  // runes
	MaxHandInNote  = 1000 // runes
)

// HandIn is the checklist that a leaver and his manager go through before the last day (E5). It begins with the notice
// and ends when that is taken back; of who left it stays as it was.
type HandIn struct {
	ID          string  `gorm:"column:id;primaryKey"`
	AccountID   string  `gorm:"column:account_id"`
	StaffID     string  `gorm:"column:staff_id"`
	OpenStaffID *string `gorm:"column:open_staff_id"` // the person until it ends, nil then: at most one in force
	Version     int64   `gorm:"column:version"`       // grows with every change of an item
	CreatedAt   int64   `gorm:"column:created_at"`
	EndedAt     int64   `gorm:"column:ended_at"`
}

// TableName names the table.
func (HandIn) TableName() string { return "hand_ins" }

// HandInItem is one line of the checklist.
type HandInItem struct {
	ID        string `gorm:"column:id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	HandInID  string `gorm:"column:hand_in_id"`
	Kind      string `gorm:"column:kind"`
	Title     string `gorm:"column:title"` // of kind other; the screens have words for the rest
	Place     int64  `gorm:"column:place"`
	Done      bool   `gorm:"column:done"`
	Note      string `gorm:"column:note"`
	ChangedBy string `gorm:"column:changed_by"`
	ChangedAt int64  `gorm:"column:changed_at"` // 0 = as it was made
}

// TableName names the table.
func (HandInItem) TableName() string { return "hand_in_items" }

// HandInSignature is one side's signature under what the checklist said at that moment. A later change of an item voids
// it; the row stays.
type HandInSignature struct {
	ID        string `gorm:"column:id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	HandInID  string `gorm:"column:hand_in_id"`
	Side      string `gorm:"column:side"`
	StaffID   string `gorm:"column:staff_id"`
	StaffName string `gorm:"column:staff_name"` // as it was at the time
	Version   int64  `gorm:"column:version"`    // of the checklist
	Content   string `gorm:"column:content"`    // JSON: items and facts that were signed
	SignedAt  int64  `gorm:"column:signed_at"`
	VoidedAt  int64  `gorm:"column:voided_at"` // 0 = holds
	VoidedBy  string `gorm:"column:voided_by"`
}

// TableName names the table.
func (HandInSignature) TableName() string { return "hand_in_signatures" }
