package model

// Conversation is the one line between a follower and the account. It belongs to the member; clerk and store are today's owner.
type Conversation struct {
	ID            string `gorm:"column:id;primaryKey"`
	AccountID     string `gorm:"column:account_id"`
	FollowerID    string `gorm:"column:follower_id"`
	MemberID      string `gorm:"column:member_id"`
	StoreID       string `gorm:"column:store_id"`
	ClerkID       string `gorm:"column:clerk_id"`
	RankAt        int64  `gorm:"column:rank_at"`      // see Rank: waiting longest first, then latest
	LastSeq       int64  `gorm:"column:last_seq"`     // highest message number
	ReadSeq       int64  `gorm:"column:read_seq"`     // highest number the clerk has read
	AnsweredSeq   int64  `gorm:"column:answered_seq"` // highest number of an accepted answer
	Unread        int64  `gorm:"column:unread"`
	WaitingSince  int64  `gorm:"column:waiting_since"` // time of the oldest unanswered message; 0 = none
	LastKind      string `gorm:"column:last_kind"`
	LastText      string `gorm:"column:last_text"` // first letters of the last message
	LastDirection string `gorm:"column:last_direction"`
	LastAt        int64  `gorm:"column:last_at"`
	CreatedAt     int64  `gorm:"column:created_at"`
}

// TableName names the table.
func (Conversation) TableName() string { return "conversations" }

// Message is one inbound or outbound item of a conversation. seq counts within the conversation.
type Message struct {
	Shard          int     `gorm:"column:shard;primaryKey;autoIncrement:false"`
	ConversationID string  `gorm:"column:conversation_id;primaryKey"`
	Seq            int64   `gorm:"column:seq;primaryKey;autoIncrement:false"`
	ID             string  `gorm:"column:id"`
	AccountID      string  `gorm:"column:account_id"`
	Direction      string  `gorm:"column:direction"`
	Kind           string  `gorm:"column:kind"`
	Text           string  `gorm:"column:text"`
	MediaID        string  `gorm:"column:media_id"`
	Payload        string  `gorm:"column:payload"` // JSON of what the kind has beside text
	State          string  `gorm:"column:state"`
	Reason         string  `gorm:"column:reason"`
	AuthorKind     string  `gorm:"column:author_kind"`
	AuthorID       string  `gorm:"column:author_id"`
	AuthorName     string  `gorm:"column:author_name"` // as it was at the time
	OnBehalfOf     string  `gorm:"column:on_behalf_of"`
	ClientID       *string `gorm:"column:client_id"`
	At             int64   `gorm:"column:at"`
}

// TableName names the table.
func (Message) TableName() string { return "messages" }
