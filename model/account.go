package model

// Account is one service account (公众号), the tenant every other row belongs to.
type Account struct {
	ID                   string `gorm:"column:id;primaryKey"`
	AppID                string `gorm:"column:appid"` // WeChat's id of the account
	Name                 string `gorm:"column:name"`
	OriginalID           string `gorm:"column:original_id"`             // gh_… id that pushes carry as ToUserName
	SecretSealed         []byte `gorm:"column:secret_sealed"`           // AppSecret, sealed
	TokenSealed          []byte `gorm:"column:token_sealed"`            // callback token, sealed
	AESKeySealed         []byte `gorm:"column:aes_key_sealed"`          // EncodingAESKey in force, sealed; empty = plain mode
	AESKeyPreviousSealed []byte `gorm:"column:aes_key_previous_sealed"` // the key before, still accepted after a change
	State                string `gorm:"column:state"`                   // active or stopped
	StateReason          string `gorm:"column:state_reason"`            // why sending stopped, a stable word
	Greeting             string `gorm:"column:greeting"`                // greeting template; empty = none
	SecondScan           string `gorm:"column:second_scan"`             // keep, change or ask (A6)
	CodesUsed            int64  `gorm:"column:codes_used"`              // permanent codes taken from the stock of 100,000
	WaitAmberMinutes     int64  `gorm:"column:wait_amber_minutes"`      // a waiting member turns amber after this (C3)
	WaitRedMinutes       int64  `gorm:"column:wait_red_minutes"`        // and red after this
	BusinessHours        string `gorm:"column:business_hours"`          // a Week; waiting counts only within it; empty = always open
	UndoHours            int64  `gorm:"column:undo_hours"`              // how long a handover can be taken back (E11)
	Version              int64  `gorm:"column:version"`                 // grows with every change, so that caches know
	CreatedAt            int64  `gorm:"column:created_at"`
	UpdatedAt            int64  `gorm:"column:updated_at"`
}

// TableName names the table.
func (Account) TableName() string { return "accounts" }
