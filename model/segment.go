package model

// Profile is today's value of what a member's ledger says, kept beside it for filters. The ledger rules: a profile can be
// made again at any time.
type Profile struct {
	MemberID  string `gorm:"column:member_id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	Birthday  string `gorm:"column:birthday"`  // 2006-01-02, or empty
	BirthDay  string `gorm:"column:birth_day"` // 01-02 of it
	Sex       string `gorm:"column:sex"`
	Channel   string `gorm:"column:channel"` // preferred
}

// TableName names the table.
func (Profile) TableName() string { return "member_profiles" }

// ProfileChild is one child of a profile.
type ProfileChild struct {
	MemberID string `gorm:"column:member_id;primaryKey"`
	Position int64  `gorm:"column:position;primaryKey"`
	Birthday string `gorm:"column:birthday"` // 2006-01-02
	Sex      string `gorm:"column:sex"`
}

// TableName names the table.
func (ProfileChild) TableName() string { return "member_children" }

// Consent is what a member says today about one purpose (B2, H11); its history stands in ConsentRecord.
type Consent struct {
	MemberID  string `gorm:"column:member_id;primaryKey"`
	Purpose   string `gorm:"column:purpose;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	State     string `gorm:"column:state"` // ConsentGiven or ConsentWithdrawn
	At        int64  `gorm:"column:at"`
}

// TableName names the table.
func (Consent) TableName() string { return "consents" }

// ConsentRecord is one word of a member about a purpose: what, when, how, to which text. It is never changed.
type ConsentRecord struct {
	ID        string `gorm:"column:id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	MemberID  string `gorm:"column:member_id"`
	Purpose   string `gorm:"column:purpose"`
	State     string `gorm:"column:state"`
	How       string `gorm:"column:how"`  // ConsentBy…
	Text      string `gorm:"column:text"` // what he agreed to, or the word by which he withdrew
	ByKind    string `gorm:"column:by_kind"`
	ByID      string `gorm:"column:by_id"`
	At        int64  `gorm:"column:at"`
}

// TableName names the table.
func (ConsentRecord) TableName() string { return "consent_records" }

// Purposes for which a member's consent is asked.
const (
	ConsentForService   = "service"   // words about what he bought and booked
	ConsentForMarketing = "marketing" // offers
	ConsentForProfiling = "profiling" // offers chosen by what he bought
)

// States of a consent. Who never said anything has given none.
const (
	ConsentGiven     = "given"
	ConsentWithdrawn = "withdrawn"
)

// How a consent was told.
const (
	ConsentByStaff = "staff" // the member told a clerk
	ConsentByWord  = "word"  // he wrote 退订 or TD
	ConsentByPage  = "page"  // he chose on his page
	ConsentByMerge = "merge" // taken over from a file that was merged
)

// Segment is a saved filter over members (H1).
type Segment struct {
	ID        string `gorm:"column:id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	Scope     string `gorm:"column:scope"`    // ScopeAccount, …Store or …Own: who finds it
	StoreID   string `gorm:"column:store_id"` // of scope store
	StaffID   string `gorm:"column:staff_id"` // who made it
	Name      string `gorm:"column:name"`
	Filter    string `gorm:"column:filter"` // JSON
	Version   int64  `gorm:"column:version"`
	CreatedAt int64  `gorm:"column:created_at"`
	UpdatedAt int64  `gorm:"column:updated_at"`
}

// TableName names the table.
func (Segment) TableName() string { return "segments" }

// Limits of segments.
const (
	MaxSegmentName   = 100
	MaxSegments      = 1_000 // of one account
	SegmentExamples  = 10
	MaxFilterDepth   = 5
	MaxFilterParts   = 50
	MaxFilterValues  = 200
	MaxFilterCost    = 100 // see the segment room: what each condition costs
	MaxBirthdaySpan  = 92  // days
	MaxFilterDays    = 3_660
	MaxConsentText   = 500
	MaxFilterNumber  = 1_000_000_000_000
	MaxChildInMonths = 300
)
