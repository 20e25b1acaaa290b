package model

// Campaign is a message to the members of a segment, sent once and measured (H).
//
//	draft -> approved -> scheduled -> running -> done
//	  ^         |            |          | ^
//	  '---------'            |          v |
//	  cancelled <------------+------- paused
type Campaign struct {
	ID          string `gorm:"column:id;primaryKey"`
	AccountID   string `gorm:"column:account_id"`
	StoreID     string `gorm:"column:store_id"` // empty: the whole account
	Name        string `gorm:"column:name"`
	State       string `gorm:"column:state"`
	Reason      string `gorm:"column:reason"` // why it is paused
	SegmentID   string `gorm:"column:segment_id"`
	Filter      string `gorm:"column:filter"`  // as the segment stood when the campaign was made or changed
	Content     string `gorm:"column:content"` // JSON of CampaignContent
	Channels    string `gorm:"column:channels"`
	Control     int64  `gorm:"column:control"`      // percent who are left without it, to compare with
	OutcomeDays int64  `gorm:"column:outcome_days"` // how long a visit or purchase counts for it
	StartAt     int64  `gorm:"column:start_at"`
	Phase       string `gorm:"column:phase"` // while it runs, and after a cancel: Campaign…ing below
	Cursor      string `gorm:"column:cursor_id"`
	Audience    int64  `gorm:"column:audience"` // chosen so far
	CreatedBy   string `gorm:"column:created_by"`
	CreatedAt   int64  `gorm:"column:created_at"`
	UpdatedAt   int64  `gorm:"column:updated_at"`
	Version     int64  `gorm:"column:version"`
	ApprovedBy  string `gorm:"column:approved_by"`
	ApprovedAt  int64  `gorm:"column:approved_at"`
	StartedAt   int64  `gorm:"column:started_at"`
	FinishedAt  int64  `gorm:"column:finished_at"`
	Errors      int64  `gorm:"column:errors"` // refusals in a row that no member is to blame for
}

// TableName names the table.
func (Campaign) TableName() string { return "campaigns" }

// CampaignContent is what a campaign says, with the fields {member}, {clerk}, {store}, {points}, {child},
// {optout}.
type CampaignContent struct {
	Purpose      string            `json:"purpose"`                // CampaignOffer or CampaignNotice
	Text         string            `json:"text"`                   // of a customer message
	Variants     map[string]string `json:"variants,omitempty"`     // text by kind of member, in place of Text
	Template     *CampaignTemplate `json:"template,omitempty"`     // of a service notice
	Subscription *CampaignTemplate `json:"subscription,omitempty"` // of a subscription notice
	Task         string            `json:"task,omitempty"`         // what the clerk shall say who calls
	SMS          *CampaignSMS      `json:"sms,omitempty"`

	// Mass is the text of a mass message, which is the same for all and has no fields; MassVariants are texts by kind of
	// member in its place.
	Mass         string            `json:"mass,omitempty"`
	MassVariants map[string]string `json:"mass_variants,omitempty"`
}

// CampaignTemplate is a service template, or one of subscription notices, and what stands in its fields.
type CampaignTemplate struct {
	ID     string            `json:"id"`
	URL    string            `json:"url,omitempty"`
	Fields map[string]string `json:"fields"`
}

// CampaignSMS is a template of text messages as the provider approved it, and what stands in its blanks {1}, {2} ….
type CampaignSMS struct {
	ID     string   `json:"id"`
	Text   string   `json:"text"`
	Params []string `json:"params,omitempty"`
}

// Purposes of a campaign: WeChat takes no offers by service templates (fact page, section 6).
const (
	CampaignOffer  = "offer"
	CampaignNotice = "notice"
)

// States and phases of a campaign.
const (
	CampaignDraft     = "draft"
	CampaignApproved  = "approved"
	CampaignScheduled = "scheduled"
	CampaignRunning   = "running"
	CampaignPaused    = "paused"
	CampaignDone      = "done"
	CampaignCancelled = "cancelled"

	CampaignChoosing = "choosing"
	CampaignSending  = "sending"
	// CampaignClearing is the phase of a cancelled campaign of which recipients are still to be crossed out.
	CampaignClearing = "clearing"
)

// Recipient is one member of a campaign's audience, which is fixed when it starts.
//
//	waiting -> queued -> accepted -> delivered
//	   |  ^       |-----> refused | unknown
//	   |  '-------'               WeChat closed the window meanwhile: the next channel
//	   '-----> skipped | vetoed | control | task | cancelled
type Recipient struct {
	CampaignID string `gorm:"column:campaign_id;primaryKey"`
	MemberID   string `gorm:"column:member_id;primaryKey"`
	AccountID  string `gorm:"column:account_id"`
	State      string `gorm:"column:state"`
	Reason     string `gorm:"column:reason"`
	Channel    string `gorm:"column:channel"`
	Tried      string `gorm:"column:tried"` // channels that failed for him, separated by commas
	StoreID    string `gorm:"column:store_id"`
	ClerkID    string `gorm:"column:clerk_id"` // in whose name it went
	DeliveryID string `gorm:"column:delivery_id"`
	DueAt      int64  `gorm:"column:due_at"`
	SentAt     int64  `gorm:"column:sent_at"`    // when WeChat took it, or the to-do was made
	RepliedAt  int64  `gorm:"column:replied_at"` // first message of the member within 48 hours
	JobID      string `gorm:"column:job_id"`     // the mass job that he is in
	MessageID  string `gorm:"column:message_id"` // a mass message in his chat
	Cost       int64  `gorm:"column:cost"`       // fen that the message cost, or may have cost when that is not known
}

// TableName names the table.
func (Recipient) TableName() string { return "campaign_recipients" }

// States of a recipient.
const (
	RecipientWaiting   = "waiting"
	RecipientQueued    = "queued"
	RecipientAccepted  = "accepted"
	RecipientDelivered = "delivered"
	RecipientRefused   = "refused"
	RecipientUnknown   = "unknown"
	RecipientSkipped   = "skipped"
	RecipientVetoed    = "vetoed"
	RecipientControl   = "control"
	RecipientTask      = "task"
	RecipientCancelled = "cancelled"
)

// CampaignAnswer says that a message of a member was his first after a campaign had reached him (H5). It hangs on the
// conversation, as the message does, so that a merge moves both.
type CampaignAnswer struct {
	ConversationID string `gorm:"column:conversation_id;primaryKey"`
	Seq            int64  `gorm:"column:seq;primaryKey;autoIncrement:false"`
	CampaignID     string `gorm:"column:campaign_id"`
	AccountID      string `gorm:"column:account_id"`
}

// TableName names the table.
func (CampaignAnswer) TableName() string { return "campaign_answers" }

// CampaignSettings are an account's rules for all campaigns.
type CampaignSettings struct {
	AccountID string `gorm:"column:account_id;primaryKey"`
	QuietFrom int64  `gorm:"column:quiet_from"` // minute of the store's day from which nothing leaves
	QuietTo   int64  `gorm:"column:quiet_to"`   // until; the same: no quiet hours
	Cap       int64  `gorm:"column:cap"`        // campaigns that a member gets at most …
	CapDays   int64  `gorm:"column:cap_days"`   // … in so many days; 0: no limit
}

// TableName names the table.
func (CampaignSettings) TableName() string { return "campaign_settings" }

// DefaultCampaignSettings hold where an account has set none.
func DefaultCampaignSettings(accountID string) CampaignSettings {
	return CampaignSettings{AccountID: accountID, QuietFrom: 21*60 + 30, QuietTo: 9 * 60, Cap: 4, CapDays: 30}
}

// Quiet reports whether a minute of the day is one in which nothing leaves, and in how many minutes that ends.
func (s CampaignSettings) Quiet(minute int64) (quiet bool, ends int64) {
	past := s.QuietTo <= s.QuietFrom
	switch {
	case s.QuietFrom == s.QuietTo:
		return false, 0
	case !past && minute >= s.QuietFrom && minute < s.QuietTo:
		return true, s.QuietTo - minute
	case past && minute >= s.QuietFrom:
		return true, s.QuietTo + DayMinutes - minute
	case past && minute < s.QuietTo:
		return true, s.QuietTo - minute
	}
	return false, 0
}

// Limits and times of campaigns.
const (
	MaxCampaignName   = 100
	MaxControl        = 20 // percent
	MaxOutcomeDays    = 90
	MaxAudience       = 1_000_000
	MaxTemplateFields = 20
	MaxTask           = 500
	MaxCampaignCap    = 100
	MaxCapDays        = 365
	// CampaignErrors is how many refusals in a row, of which no member is the cause, pause a campaign.
	CampaignErrors = 20
	// TalkMillis is how long after the last line of a chat its member is left in peace (H13).
	TalkMillis = 2 * 60 * 60 * 1000
	// ReplyMillis is how long an answer counts for a campaign (H5).
	ReplyMillis = 48 * 60 * 60 * 1000
)
