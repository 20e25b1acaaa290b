package model

import "time"

// TodoFirstContact is the kind of the receiver's first visit or call (E6).
const TodoFirstContact = "first_contact"

// TodoCampaign is the kind of a call in place of a campaign's message that could not be sent (H15).
const TodoCampaign = "campaign"

// Results of a to-do.
const (
	TodoReached    = "reached"
	TodoNoAnswer   = "no_answer"
	TodoNotNeeded  = "not_needed"
	TodoTakenBack  = "taken_back"  // by the undo of its handover
	TodoHandedOver = "handed_over" // the member went on to somebody else, who has a first contact of his own
)

// Limits of to-dos.
const (
	TodoHour      = 20                  // hour of the store's day at which a to-do is due; what is made later is due the next day
	MaxSnooze     = 30                  // days ahead that a to-do may be put off at once
	MaxTodoNote   = 600                 // runes
	ReopenTodo    = 24 * time.Hour      // how long a result may be taken back
	DefaultQuiet  = 14                  // days without contact after which a member is offered back (E7)
	MaxQuiet      = 365                 // the longest an account may set
	MaxGiveAtOnce = 100                 // members given on in one call
	TodoDoneSpan  = 30 * 24 * time.Hour // how far back done to-dos are counted where no handover is named
)

// Todo is something a person has to do about a member. It follows the member to his next clerk while it is open.
type Todo struct {
	ID          string `gorm:"column:id;primaryKey"`
	AccountID   string `gorm:"column:account_id"`
	StaffID     string `gorm:"column:staff_id"` // empty while the member waits in a queue
	MemberID    string `gorm:"column:member_id"`
	Kind        string `gorm:"column:kind"`
	HandoverID  string `gorm:"column:handover_id"` // the handover it comes from
	Level       string `gorm:"column:level"`       // of the member, when it was made
	Priority    int64  `gorm:"column:priority"`    // of those due at the same time the smaller first; a first contact: LevelRank
	FirstDueAt  int64  `gorm:"column:first_due_at"`
	DueAt       int64  `gorm:"column:due_at"` // later than first_due_at once it was put off
	Snoozes     int64  `gorm:"column:snoozes"`
	AssignedAt  int64  `gorm:"column:assigned_at"`  // since when it is this person's
	ContactedAt int64  `gorm:"column:contacted_at"` // first message of this person that WeChat took; 0 = none
	NeglectedAt int64  `gorm:"column:neglected_at"` // when nobody had contacted the member for too long (E7); 0 = not
	DoneAt      int64  `gorm:"column:done_at"`      // 0 = open
	DoneBy      string `gorm:"column:done_by"`
	Result      string `gorm:"column:result"`
	Note        string `gorm:"column:note"`
	CreatedAt   int64  `gorm:"column:created_at"`
}

// TableName names the table.
func (Todo) TableName() string { return "todos" }

// TodoDue is when a to-do made now is due, days later: at TodoHour of the store's day. An overdue to-do is one whose
// day is over in the store's zone, so an hour that a change of the clock adds or takes moves it to no other day.
func TodoDue(now time.Time, zone *time.Location, days int) time.Time {
	y, m, d := now.In(zone).Add((24 - TodoHour) * time.Hour).Date()
	return time.Date(y, m, d+days, TodoHour, 0, 0, 0, zone)
}

// Day gives the beginning and the end of the present day in a zone.
func Day(now time.Time, zone *time.Location) (from, to time.Time) {
	y, m, d := now.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone), time.Date(y, m, d+1, 0, 0, 0, 0, zone)
}

// NextBeijingDay is when WeChat's present day ends: its limits are of days in Beijing (fact page, section 12).
func NextBeijingDay(now time.Time) time.Time {
	_, next := Day(now, Zone(""))
	return next
}

// Receiver is one who got members by a handover, and whether he has put the news of it away.
type Receiver struct {
	HandoverID  string `gorm:"column:handover_id;primaryKey"`
	StaffID     string `gorm:"column:staff_id;primaryKey"`
	AccountID   string `gorm:"column:account_id"`
	Members     int64  `gorm:"column:members"`
	At          int64  `gorm:"column:at"`
	DismissedAt int64  `gorm:"column:dismissed_at"` // 0 = still shown
	EndedAt     int64  `gorm:"column:ended_at"`     // the handover was taken back; 0 = holds
}

// TableName names the table.
func (Receiver) TableName() string { return "handover_receivers" }

// Introduction is the message by which a receiver makes himself known to a member: one per member and handover.
type Introduction struct {
	HandoverID     string `gorm:"column:handover_id;primaryKey"`
	MemberID       string `gorm:"column:member_id;primaryKey"`
	AccountID      string `gorm:"column:account_id"`
	StaffID        string `gorm:"column:staff_id"`
	ConversationID string `gorm:"column:conversation_id"`
	MessageID      string `gorm:"column:message_id"`
	State          string `gorm:"column:state"` // as its message's
	Reason         string `gorm:"column:reason"`
	Tries          int64  `gorm:"column:tries"` // how often it was written; again only after it was refused or withdrawn
	CreatedAt      int64  `gorm:"column:created_at"`
	UpdatedAt      int64  `gorm:"column:updated_at"`
}

// TableName names the table.
func (Introduction) TableName() string { return "introductions" }

// Gone reports whether an introduction will not arrive, so that another may be written.
func (i Introduction) Gone() bool { return i.State == StateRefused || i.State == StateWithdrawn }

// DutySettings is what an account wants of handovers: of those who receive members, and of who leaves.
type DutySettings struct {
	AccountID    string `gorm:"column:account_id;primaryKey"`
	Introduction string `gorm:"column:introduction"` // with the fields of IntroductionFields; empty: DefaultIntroduction
	QuietDays    int64  `gorm:"column:quiet_days"`   // without contact, until a member is offered back; 0 = never
	ToQueue      bool   `gorm:"column:to_queue"`     // they go to the store's queue without being asked about
	// HandInRequired: a leaver's handover runs only once both have signed his hand-in checklist.
	HandInRequired bool  `gorm:"column:hand_in_required"`
	UpdatedAt      int64 `gorm:"column:updated_at"`
}

// TableName names the table.
func (DutySettings) TableName() string { return "duty_settings" }

// DefaultIntroduction is the introduction of an account that has written none.
const DefaultIntroduction = "{member}您好，我是{store}的{clerk}。之前一直是{earlier}照顾您，现在由我接着为您服务。您以前说过的我都看得到，不用再讲一遍，有需要随时在这里找我。"

// IntroductionFields are the words in braces that an introduction may hold.
func IntroductionFields() []string { return []string{"member", "clerk", "store", "earlier", "account"} }
