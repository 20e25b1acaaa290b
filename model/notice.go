package model

// StaffLink ties a person of staff to his own follower, by which notices reach his phone (D3).
type StaffLink struct {
	StaffID    string `gorm:"column:staff_id;primaryKey"`
	AccountID  string `gorm:"column:account_id"`
	FollowerID string `gorm:"column:follower_id"`
	LinkedAt   int64  `gorm:"column:linked_at"`
}

// TableName names the table.
func (StaffLink) TableName() string { return "staff_links" }

// NoticeSettings say by which template of WeChat an account tells its staff that a member waits.
type NoticeSettings struct {
	AccountID  string `gorm:"column:account_id;primaryKey"`
	TemplateID string `gorm:"column:template_id"` // empty = no notices
	Field      string `gorm:"column:field"`       // the field that takes the member's name, such as thing1
	UpdatedAt  int64  `gorm:"column:updated_at"`
}

// TableName names the table.
func (NoticeSettings) TableName() string { return "notice_settings" }

// Notice is one note to a sleeping phone that a member waits: one per person, member and minute at most.
type Notice struct {
	ID             string `gorm:"column:id;primaryKey"`
	AccountID      string `gorm:"column:account_id"`
	StaffID        string `gorm:"column:staff_id"`
	MemberID       string `gorm:"column:member_id"`
	ConversationID string `gorm:"column:conversation_id"`
	Minute         int64  `gorm:"column:minute"` // minutes since 1970
	State          string `gorm:"column:state"`
	Reason         string `gorm:"column:reason"`
	Tries          int64  `gorm:"column:tries"`
	DueAt          int64  `gorm:"column:due_at"`
	Owner          string `gorm:"column:owner"`
	LeaseUntil     int64  `gorm:"column:lease_until"`
	CreatedAt      int64  `gorm:"column:created_at"`
}

// TableName names the table.
func (Notice) TableName() string { return "notices" }

// NoticeDropped is the state of a notice that was not worth sending any more: answered, read, or the app is open.
const NoticeDropped = "dropped"

// WaitingMark says how far it was told that a conversation waits.
type WaitingMark struct {
	ConversationID string `gorm:"column:conversation_id;primaryKey"`
	AccountID      string `gorm:"column:account_id"`
	WaitingSince   int64  `gorm:"column:waiting_since"`
	Step           string `gorm:"column:step"` // amber or red
	At             int64  `gorm:"column:at"`
}

// TableName names the table.
func (WaitingMark) TableName() string { return "waiting_marks" }

// Steps of waiting (C3).
const (
	WaitAmber = "amber"
	WaitRed   = "red"
)
