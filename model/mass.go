package model

import "time"

// MassJob is one mass send of a campaign: one content for up to 10,000 followers (H6; fact page, section 7).
//
//	collecting -> ready <-> sending -> sent -> done
//	     |          |          |        |----> failed
//	     '----------'-> dropped|        '----> unknown  WeChat never told how it ended
//	                           |-----> failed           nothing was sent, for sure
//	                           '-----> unknown          it may have been sent: nothing sends it again
type MassJob struct {
	ID         string `gorm:"column:id;primaryKey"` // WeChat's clientmsgid as well: a repeat of the call sends nothing twice
	AccountID  string `gorm:"column:account_id"`
	CampaignID string `gorm:"column:campaign_id"`
	Text       string `gorm:"column:text"`
	State      string `gorm:"column:state"`
	Reason     string `gorm:"column:reason"`
	Month      int64  `gorm:"column:month"`        // the Beijing month of its rations, as 202611
	Members    int64  `gorm:"column:members"`      // how many are in it; once it has left: how many were named to WeChat
	MsgID      string `gorm:"column:msg_id"`       // WeChat's id of it; its result names it
	Tries      int64  `gorm:"column:tries"`        // calls to send it; then, how often its state was asked for
	FirstTryAt int64  `gorm:"column:first_try_at"` // of a call that may have been taken; 0: it was not sent, for sure
	DueAt      int64  `gorm:"column:due_at"`       // when to call, or to ask, next
	Owner      string `gorm:"column:owner"`
	LeaseUntil int64  `gorm:"column:lease_until"`
	Onward     bool   `gorm:"column:onward"` // failed: its members go to the next channel
	Told       bool   `gorm:"column:told"`   // its recipients and their chats say what it says
	Counted    bool   `gorm:"column:counted"`
	Total      int64  `gorm:"column:total"`    // WeChat's counts: of how many it knew …
	Filtered   int64  `gorm:"column:filtered"` // … how many it left out, …
	Sent       int64  `gorm:"column:sent"`     // … reached …
	Failed     int64  `gorm:"column:failed"`   // … and failed to reach. It names nobody.
	CreatedAt  int64  `gorm:"column:created_at"`
	SentAt     int64  `gorm:"column:sent_at"` // when WeChat took it
	FinishedAt int64  `gorm:"column:finished_at"`
}

// TableName names the table.
func (MassJob) TableName() string { return "mass_jobs" }

// States of a mass job.
const (
	MassCollecting = "collecting" // members are put into it
	MassReady      = "ready"      // it may leave when it is due
	MassSending    = "sending"    // a call is or may be under way
	MassSent       = "sent"       // WeChat has it and has not told how it ended
	MassDone       = "done"
	MassFailed     = "failed"
	MassUnknown    = "unknown"
	MassDropped    = "dropped" // it never left
)

// MassRation is one of the four mass messages that a follower may get in a Beijing month. The key holds the limit: there
// is no fifth slot, whoever reserves it.
type MassRation struct {
	FollowerID string `gorm:"column:follower_id;primaryKey"`
	Month      int64  `gorm:"column:month;primaryKey;autoIncrement:false"` // as 202611
	Slot       int64  `gorm:"column:slot;primaryKey;autoIncrement:false"`  // 1 … MassPerMonth
	AccountID  string `gorm:"column:account_id"`
	JobID      string `gorm:"column:job_id"`
	MemberID   string `gorm:"column:member_id"`
}

// TableName names the table.
func (MassRation) TableName() string { return "mass_rations" }

// MassAccount is how many mass calls an account made on a Beijing day, and until when it makes none.
type MassAccount struct {
	AccountID   string `gorm:"column:account_id;primaryKey"`
	Day         int64  `gorm:"column:day"` // as 20261130
	Calls       int64  `gorm:"column:calls"`
	ClosedUntil int64  `gorm:"column:closed_until"`
	Reason      string `gorm:"column:reason"`
}

// TableName names the table.
func (MassAccount) TableName() string { return "mass_accounts" }

// CallsOn is how many calls were made on a day.
func (a MassAccount) CallsOn(day int64) int64 {
	if a.Day != day {
		return 0
	}
	return a.Calls
}

// MassResult is what WeChat said of a mass send, kept until the job that it names is found: it may come before we have
// written down its id, twice, or for a send that is not ours.
type MassResult struct {
	AccountID string `gorm:"column:account_id;primaryKey"`
	MsgID     string `gorm:"column:msg_id;primaryKey"`
	OK        bool   `gorm:"column:ok"`
	Reason    string `gorm:"column:reason"`
	Total     int64  `gorm:"column:total"`
	Filtered  int64  `gorm:"column:filtered"`
	Sent      int64  `gorm:"column:sent"`
	Failed    int64  `gorm:"column:failed"`
	Used      bool   `gorm:"column:used"`
	At        int64  `gorm:"column:at"`
}

// TableName names the table.
func (MassResult) TableName() string { return "mass_results" }

// Limits of mass sends (fact page, section 7).
const (
	// MassPerMonth is how many a follower gets in a calendar month; days and months are Beijing's.
	MassPerMonth = 4
	// MassPerDay is how often an account may call in a day.
	MassPerDay = 100
	// MassLeast and MassMost are how many followers one job names.
	MassLeast = 2
	MassMost  = 10_000
)

// MassMonth is the Beijing month of a time, as 202611.
func MassMonth(t time.Time) int64 {
	local := t.In(Zone(""))
	return int64(local.Year())*100 + int64(local.Month())
}

// MassDay is the Beijing day of a time, as 20261130.
func MassDay(t time.Time) int64 { return MassMonth(t)*100 + int64(t.In(Zone("")).Day()) }
