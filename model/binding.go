package model

// Code is one parametric QR code. What its scene stands for is looked up when it is scanned.
type Code struct {
	ID         string  `gorm:"column:id;primaryKey"`
	AccountID  string  `gorm:"column:account_id"`
	Kind       string  `gorm:"column:kind"`
	Scene      string  `gorm:"column:scene"`
	Target     *string `gorm:"column:target"` // kind and target of a permanent code: asked twice = the same
	StoreID    string  `gorm:"column:store_id"`
	ClerkID    string  `gorm:"column:clerk_id"`
	MemberID   string  `gorm:"column:member_id"`
	StaffID    string  `gorm:"column:staff_id"`
	Channel    string  `gorm:"column:channel"`
	Greeting   string  `gorm:"column:greeting"`
	State      string  `gorm:"column:state"` // minting, ready, used
	Ticket     string  `gorm:"column:ticket"`
	URL        string  `gorm:"column:url"`
	ExpiresAt  int64   `gorm:"column:expires_at"`  // 0 = never
	LeaseUntil int64   `gorm:"column:lease_until"` // while minting
	UsedAt     int64   `gorm:"column:used_at"`
	UsedBy     string  `gorm:"column:used_by"` // follower
	CreatedBy  string  `gorm:"column:created_by"`
	CreatedAt  int64   `gorm:"column:created_at"`
}

// TableName names the table.
func (Code) TableName() string { return "codes" }

// Scan is one scan of a code, whatever came of it.
type Scan struct {
	ID         string `gorm:"column:id;primaryKey"`
	AccountID  string `gorm:"column:account_id"`
	CodeID     string `gorm:"column:code_id"`
	Scene      string `gorm:"column:scene"`
	FollowerID string `gorm:"column:follower_id"`
	MemberID   string `gorm:"column:member_id"`
	StoreID    string `gorm:"column:store_id"`
	ClerkID    string `gorm:"column:clerk_id"`
	Outcome    string `gorm:"column:outcome"`
	Followed   bool   `gorm:"column:followed"` // the scan was also the follow
	At         int64  `gorm:"column:at"`
}

// TableName names the table.
func (Scan) TableName() string { return "scans" }

// BindingRequest is an entry for the manager: a second scan to decide, or a code that went astray (A6, A10).
type BindingRequest struct {
	ID          string `gorm:"column:id;primaryKey"`
	AccountID   string `gorm:"column:account_id"`
	State       string `gorm:"column:state"` // open, approved, refused, noted
	Kind        string `gorm:"column:kind"`  // second_scan, stolen_code, other_member
	MemberID    string `gorm:"column:member_id"`
	FollowerID  string `gorm:"column:follower_id"`
	StoreID     string `gorm:"column:store_id"`
	FromClerkID string `gorm:"column:from_clerk_id"`
	ToClerkID   string `gorm:"column:to_clerk_id"`
	ToStoreID   string `gorm:"column:to_store_id"`
	CodeID      string `gorm:"column:code_id"`
	DecidedBy   string `gorm:"column:decided_by"`
	DecidedAt   int64  `gorm:"column:decided_at"`
	CreatedAt   int64  `gorm:"column:created_at"`
}

// TableName names the table.
func (BindingRequest) TableName() string { return "binding_requests" }
