package model

// APIKey opens a part of the API to a till or another program (M4). Only a hash of the key is kept.
type APIKey struct {
	ID         string `gorm:"column:id;primaryKey"`
	AccountID  string `gorm:"column:account_id"`
	Name       string `gorm:"column:name"` // whose it is, in the owner's words
	Hash       string `gorm:"column:hash"` // SHA-256
	Head       string `gorm:"column:head"` // its first characters, to tell keys apart
	CreatedBy  string `gorm:"column:created_by"`
	CreatedAt  int64  `gorm:"column:created_at"`
	LastUsedAt int64  `gorm:"column:last_used_at"` // to the minute; 0 = never
	RevokedAt  int64  `gorm:"column:revoked_at"`   // 0 = in use
}

// TableName names the table.
func (APIKey) TableName() string { return "api_keys" }

// Limits of keys.
const (
	MaxAPIKeys    = 50 // in use, per account
	MaxAPIKeyName = 100
)
