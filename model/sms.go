package model

// SMSSettings are by whom an account sends text messages, if at all, and as whom (M3).
type SMSSettings struct {
	AccountID       string `gorm:"column:account_id;primaryKey"`
	Provider        string `gorm:"column:provider"` // SMSOff, …
	SecretIDSealed  []byte `gorm:"column:secret_id_sealed"`
	SecretKeySealed []byte `gorm:"column:secret_key_sealed"`
	AppID           string `gorm:"column:app_id"` // the provider's, not WeChat's
	Region          string `gorm:"column:region"`
	Signature       string `gorm:"column:signature"` // 签名, without its brackets
	Price           int64  `gorm:"column:price"`     // fen a message; a long one is billed as several
	UpdatedAt       int64  `gorm:"column:updated_at"`
}

// TableName names the table.
func (SMSSettings) TableName() string { return "sms_settings" }

// On reports whether the account sends text messages.
func (s SMSSettings) On() bool { return s.Provider == SMSRecording || s.Provider == SMSTencent }

// Providers of text messages.
const (
	SMSOff       = "off"
	SMSRecording = "recording" // nothing leaves: for trying things out
	SMSTencent   = "tencent"   // Tencent Cloud
)

// Limits of the settings and of what is sent.
const (
	MaxSMSPrice  = 1_000 // fen
	MaxSMSParams = 10
	// SMSFrom and SMSTo are the hours, in Beijing, in which a provider takes offers (Tencent Cloud, document 382/55981).
	SMSFrom = 8
	SMSTo   = 22
)
