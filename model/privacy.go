package model

import "strings"

// Erased stands in merged_into of a member whose data was erased (N5): so he is in no list, no segment and no handover any
// more, like one who was merged into another; but there is no other.
const Erased = "erased"

// FollowerErased is the kind of a follower whose data was erased. His openid is one that nobody has, see ErasedOpenID.
const FollowerErased = "erased"

// erasedOpenID begins what stands in place of an erased openid; WeChat's have letters, digits, - and _ alone.
const erasedOpenID = "erased:"

// ErasedOpenID stands in place of the openid of an erased follower: made from nothing of his, so that nothing leads back,
// and the same person who scans again is somebody new.
func ErasedOpenID() string { return erasedOpenID + NewID() }

// IsErasedOpenID reports whether an openid stands for one that was erased.
func IsErasedOpenID(openID string) bool { return strings.HasPrefix(openID, erasedOpenID) }

// RetentionSettings say how long the data of a member who follows the account no more is kept (N5).
type RetentionSettings struct {
	AccountID string `gorm:"column:account_id;primaryKey"`
	GraceDays int64  `gorm:"column:grace_days"` // 0: never erased by itself
	// FromAt is from when on the days count at the earliest: the first start of a program that knows the rule, or the last
	// time it was made stricter. So no rule erases anybody sooner than its days after it began.
	FromAt    int64 `gorm:"column:from_at"`
	UpdatedAt int64 `gorm:"column:updated_at"`
}

// TableName names the table.
func (RetentionSettings) TableName() string { return "retention_settings" }

// Bounds of the grace.
const (
	DefaultGraceDays = 90
	MaxGraceDays     = 3650
)

// Erasure is the work of erasing one member's data, and in the end its certificate.
//
//	waiting -> erasing -> done
//	   '----> cancelled   he followed again within the grace
//
// While it waits, what is under way to him ends. Then one transaction takes his identity away: from there on he is a
// stranger, and it cannot be stopped. The tables follow one by one. Done is the certificate: it names nobody.
type Erasure struct {
	ID        string `gorm:"column:id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	StoreID   string `gorm:"column:store_id"`  // where he belonged when it was asked for
	MemberID  string `gorm:"column:member_id"` // empty once it is done
	// OpenMemberID is the member until it ends, nil then: at most one is under way.
	OpenMemberID *string `gorm:"column:open_member_id"`
	Cause        string  `gorm:"column:cause"`
	How          string  `gorm:"column:how"` // how he told his wish; of cause wish
	ByID         string  `gorm:"column:by_id"`
	State        string  `gorm:"column:state"`
	WaitsFor     string  `gorm:"column:waits_for"` // Waits…; why it does not go on at the moment
	DueAt        int64   `gorm:"column:due_at"`    // when to go on; 0 once it has ended
	Step         int64   `gorm:"column:step"`      // the table that is worked on
	Dirty        bool    `gorm:"column:dirty"`     // this round over the tables has found something
	Subject      string  `gorm:"column:subject"`   // JSON: ids of his rows; empty once it is done
	Counts       string  `gorm:"column:counts"`    // JSON: rows by table
	Files        int64   `gorm:"column:files"`
	AskedAt      int64   `gorm:"column:asked_at"`
	CutAt        int64   `gorm:"column:cut_at"`   // when his identity was taken away
	RoundAt      int64   `gorm:"column:round_at"` // when this round over the tables began; 0: it has not
	FinishedAt   int64   `gorm:"column:finished_at"`
}

// TableName names the table.
func (Erasure) TableName() string { return "erasures" }

// States of an erasure.
const (
	ErasureWaiting   = "waiting"
	ErasureErasing   = "erasing"
	ErasureDone      = "done"
	ErasureCancelled = "cancelled"
)

// Why somebody's data is erased: stable words and nothing typed, so that a certificate cannot name him.
const (
	EraseWish       = "wish"       // he asked for it
	EraseNoPurpose  = "no_purpose" // the chain needs it no more
	EraseUnlawful   = "unlawful"   // it should never have been kept, or an authority wants it
	EraseUnfollowed = "unfollowed" // he follows no more and the grace is over; the program's own
)

// How a member told his wish.
const (
	WishInStore  = "store"
	WishByPhone  = "phone"
	WishByWeChat = "wechat"
	WishByLetter = "letter"
)

// What an erasure waits for.
const (
	WaitsForSending = "sending" // WeChat has not yet answered what was sent to him
	WaitsForPushes  = "pushes"  // what he sent before is not yet worked off
	WaitsForJournal = "journal" // an instance holds pushes from before on its disk
	WaitsForFile    = "file"    // a picture of his is being fetched at this moment
	WaitsForCalm    = "calm"    // whoever worked with his file at that moment ends first
)

// ErasureCalm is how long after the identity is gone the tables are gone through once more, in milliseconds: longer than
// any call or transaction that began before. What it finds is erased too, and only a round that finds nothing ends it.
const ErasureCalm = 15_000

// ExportAuthority is why a member's data is given out that he did not ask for himself: an authority may. His own wish is
// EraseWish's word.
const ExportAuthority = "authority"
