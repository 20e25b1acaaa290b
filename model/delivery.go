package model

// Delivery is one outgoing item on its way: the outbox.
type Delivery struct {
	ID             string  `gorm:"column:id;primaryKey"`
	AccountID      string  `gorm:"column:account_id"`
	FollowerID     string  `gorm:"column:follower_id"`
	MemberID       string  `gorm:"column:member_id"`
	ConversationID string  `gorm:"column:conversation_id"`
	MessageID      string  `gorm:"column:message_id"`
	Purpose        string  `gorm:"column:purpose"` // reply, greeting, care, campaign, notice
	SourceKind     string  `gorm:"column:source_kind"`
	SourceID       string  `gorm:"column:source_id"`
	AuthorKind     string  `gorm:"column:author_kind"`
	AuthorID       string  `gorm:"column:author_id"`
	OnBehalfOf     string  `gorm:"column:on_behalf_of"`
	Channel        string  `gorm:"column:channel"`        // chosen channel
	ChannelReason  string  `gorm:"column:channel_reason"` // why it was chosen
	Kind           string  `gorm:"column:kind"`
	Payload        string  `gorm:"column:payload"` // JSON of model.Outgoing
	DedupeKey      *string `gorm:"column:dedupe_key"`
	State          string  `gorm:"column:state"`
	Reason         string  `gorm:"column:reason"`
	WindowKind     string  `gorm:"column:window_kind"` // the window whose allowance is reserved: user, event or none
	Tries          int64   `gorm:"column:tries"`
	DueAt          int64   `gorm:"column:due_at"`
	ExpiresAt      int64   `gorm:"column:expires_at"` // 0 = never
	Owner          string  `gorm:"column:owner"`
	LeaseUntil     int64   `gorm:"column:lease_until"`
	MsgID          string  `gorm:"column:msg_id"` // WeChat's id of a template message; its result names it
	Cost           int64   `gorm:"column:cost"`   // fen; of text messages only
	CreatedAt      int64   `gorm:"column:created_at"`
	UpdatedAt      int64   `gorm:"column:updated_at"`
}

// TableName names the table.
func (Delivery) TableName() string { return "deliveries" }

// TemplateResult is where WeChat's id of a template message meets what it says of it later: either may come first.
type TemplateResult struct {
	AccountID string `gorm:"column:account_id;primaryKey"`
	MsgID     string `gorm:"column:msg_id;primaryKey"`
	Status    string `gorm:"column:status"` // WeChat's word; empty: not yet
	At        int64  `gorm:"column:at"`
}

// TableName names the table.
func (TemplateResult) TableName() string { return "template_results" }

// Allowance is what WeChat still lets us send one follower (C4).
type Allowance struct {
	FollowerID string `gorm:"column:follower_id;primaryKey"`
	AccountID  string `gorm:"column:account_id"`
	UserLeft   int64  `gorm:"column:user_left"` // sends left after the follower's last message
	UserUntil  int64  `gorm:"column:user_until"`
	EventLeft  int64  `gorm:"column:event_left"` // sends left after a follow, scan or menu tap
	EventUntil int64  `gorm:"column:event_until"`
	Inflight   int64  `gorm:"column:inflight"` // reserved, outcome not known yet
	UpdatedAt  int64  `gorm:"column:updated_at"`
}

// TableName names the table.
func (Allowance) TableName() string { return "allowances" }

// APIStop is an API of WeChat that an account does not call until a moment, because WeChat answers it no more.
type APIStop struct {
	AccountID string `gorm:"column:account_id;primaryKey"`
	API       string `gorm:"column:api;primaryKey"`
	Reason    string `gorm:"column:reason"` // a stable word
	Until     int64  `gorm:"column:stopped_until"`
	At        int64  `gorm:"column:at"`
}

// TableName names the table.
func (APIStop) TableName() string { return "api_stops" }
