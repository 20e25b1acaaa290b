package model

import "math"

// Member is one person known to the account. Store, clerk and bound_at are today's and written by service/member alone.
type Member struct {
	ID            string `gorm:"column:id;primaryKey"`
	AccountID     string `gorm:"column:account_id"`
	CreatedAt     int64  `gorm:"column:created_at"`
	Kind          string `gorm:"column:kind"` // member or prospect
	Name          string `gorm:"column:name"`
	Initials      string `gorm:"column:initials"` // pinyin initials of the name, lower case
	PhoneSealed   []byte `gorm:"column:phone_sealed"`
	PhoneTailHash string `gorm:"column:phone_tail_hash"` // keyed hash of the last four digits
	CardNo        string `gorm:"column:card_no"`
	StoreID       string `gorm:"column:store_id"`
	ClerkID       string `gorm:"column:clerk_id"`
	BoundAt       int64  `gorm:"column:bound_at"`
	Level         string `gorm:"column:level"`
	Points        int64  `gorm:"column:points"`
	MergedInto    string `gorm:"column:merged_into"` // the member that took this one's identities over
	UpdatedAt     int64  `gorm:"column:updated_at"`
}

// TableName names the table.
func (Member) TableName() string { return "members" }

// Identity is a phone (as keyed hash) or card number that points at a member. The openid's row is Follower.
type Identity struct {
	AccountID string `gorm:"column:account_id;primaryKey"`
	Kind      string `gorm:"column:kind;primaryKey"`
	Value     string `gorm:"column:value;primaryKey"`
	MemberID  string `gorm:"column:member_id"`
	CreatedAt int64  `gorm:"column:created_at"`
}

// TableName names the table.
func (Identity) TableName() string { return "member_identities" }

// Follower is the openid side of a person: the identity row a conversation hangs on.
type Follower struct {
	ID             string `gorm:"column:id;primaryKey"`
	AccountID      string `gorm:"column:account_id"`
	OpenID         string `gorm:"column:openid"`
	Kind           string `gorm:"column:kind"` // member or staff
	MemberID       string `gorm:"column:member_id"`
	StaffID        string `gorm:"column:staff_id"`
	Subscribed     bool   `gorm:"column:subscribed"`
	SubscribedAt   int64  `gorm:"column:subscribed_at"`
	UnsubscribedAt int64  `gorm:"column:unsubscribed_at"`
	CreatedAt      int64  `gorm:"column:created_at"`
}

// TableName names the table.
func (Follower) TableName() string { return "followers" }

// Binding says that a member belonged to a clerk of a store from when to when. It is closed, never overwritten.
type Binding struct {
	ID        string `gorm:"column:id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	MemberID  string `gorm:"column:member_id"`
	Seq       int64  `gorm:"column:seq"` // 1, 2, 3 … of the member, unique: two at once cannot both be the next
	StoreID   string `gorm:"column:store_id"`
	ClerkID   string `gorm:"column:clerk_id"`
	FromAt    int64  `gorm:"column:from_at"`
	ToAt      int64  `gorm:"column:to_at"` // OpenEnd while it is open
	How       string `gorm:"column:how"`   // scan, import, claim, handover, manual
	ByKind    string `gorm:"column:by_kind"`
	ByID      string `gorm:"column:by_id"`
	SourceID  string `gorm:"column:source_id"` // the code, handover … behind it
}

// OpenEnd is where an open binding ends: after every time there is. So "to_at > t" asks who had a member at t.
const OpenEnd = math.MaxInt64

// Open reports whether the member still belongs to the clerk.
func (b Binding) Open() bool { return b.ToAt == OpenEnd }

// TableName names the table.
func (Binding) TableName() string { return "bindings" }

// Access is a dated right of one person to serve a member who is not bound to him.
type Access struct {
	ID        string `gorm:"column:id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	MemberID  string `gorm:"column:member_id"`
	StaffID   string `gorm:"column:staff_id"`
	Kind      string `gorm:"column:kind"` // guest, substitute, takeover
	FromAt    int64  `gorm:"column:from_at"`
	ToAt      int64  `gorm:"column:to_at"`
	SourceID  string `gorm:"column:source_id"`
}

// TableName names the table.
func (Access) TableName() string { return "member_access" }

// Family says that a member belongs to a family (B4): its members have the same family_id, and nobody is in two.
type Family struct {
	MemberID  string `gorm:"column:member_id;primaryKey"`
	FamilyID  string `gorm:"column:family_id"`
	AccountID string `gorm:"column:account_id"`
	ByID      string `gorm:"column:by_id"`
	CreatedAt int64  `gorm:"column:created_at"`
}

// TableName names the table.
func (Family) TableName() string { return "member_families" }

// Merge records that one member's identities moved to another, so that it can be undone.
type Merge struct {
	ID           string `gorm:"column:id;primaryKey"`
	AccountID    string `gorm:"column:account_id"`
	FromMemberID string `gorm:"column:from_member_id"`
	IntoMemberID string `gorm:"column:into_member_id"`
	ByID         string `gorm:"column:by_id"`
	Moved        string `gorm:"column:moved"` // JSON: what moved
	CreatedAt    int64  `gorm:"column:created_at"`
	UndoneAt     int64  `gorm:"column:undone_at"`
}

// TableName names the table.
func (Merge) TableName() string { return "merges" }
