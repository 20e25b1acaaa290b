package model

// Media is one picture, voice or video: fetched from WeChat or uploaded by staff.
type Media struct {
	ID             string `gorm:"column:id;primaryKey"`
	AccountID      string `gorm:"column:account_id"`
	ConversationID string `gorm:"column:conversation_id"`
	MessageID      string `gorm:"column:message_id"`
	StaffID        string `gorm:"column:staff_id"` // who uploaded it; empty for inbound
	Direction      string `gorm:"column:direction"`
	Kind           string `gorm:"column:kind"`
	WeChatMediaID  string `gorm:"column:wechat_media_id"`
	WeChatUntil    int64  `gorm:"column:wechat_until"` // when WeChat forgets its copy
	State          string `gorm:"column:state"`        // waiting, fetching, ready, failed
	Reason         string `gorm:"column:reason"`
	ContentType    string `gorm:"column:content_type"`
	Size           int64  `gorm:"column:size"`
	SHA256         string `gorm:"column:sha256"`
	BlobKey        string `gorm:"column:blob_key"`
	Tries          int64  `gorm:"column:tries"`
	DueAt          int64  `gorm:"column:due_at"`
	Owner          string `gorm:"column:owner"`
	LeaseUntil     int64  `gorm:"column:lease_until"`
	CreatedAt      int64  `gorm:"column:created_at"`
}

// TableName names the table.
func (Media) TableName() string { return "media" }
