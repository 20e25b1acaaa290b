package model

import "time"

// Complaint is what a member has against the chain, told to the owner past his clerk and manager (J1). While one is
// open, no campaign reaches him (J5).
type Complaint struct {
	ID         string `gorm:"column:id;primaryKey"`
	AccountID  string `gorm:"column:account_id"`
	MemberID   string `gorm:"column:member_id"`
	MadeBy     string `gorm:"column:made_by"` // the member who made it; another than MemberID after a merge
	StoreID    string `gorm:"column:store_id"`
	ClerkID    string `gorm:"column:clerk_id"` // whose he was then
	Channel    string `gorm:"column:channel"`  // how it reached the owner
	Text       string `gorm:"column:text"`
	RecordedBy string `gorm:"column:recorded_by"`
	CreatedAt  int64  `gorm:"column:created_at"`
	DueAt      int64  `gorm:"column:due_at"` // by when it should be settled
	ClosedAt   int64  `gorm:"column:closed_at"`
	ClosedBy   string `gorm:"column:closed_by"`
	Result     string `gorm:"column:result"` // how it was settled
}

// TableName names the table.
func (Complaint) TableName() string { return "complaints" }

// How a complaint reached the owner.
const (
	ComplaintByPhone  = "phone"
	ComplaintInStore  = "store"
	ComplaintByWeChat = "wechat"
	ComplaintOther    = "other"
)

// Limits of complaints.
const (
	// ComplaintTime is how long settling one may take (J2).
	ComplaintTime    = 3 * 24 * time.Hour
	MaxComplaintText = 2000 // characters, also of the result
)
