package model

// SubscriptionGrant is what one person allows one template of subscription notices: each accept allows one notice, without
// a time limit (fact page, section 6). It hangs on the openid: who has not followed yet may grant too.
type SubscriptionGrant struct {
	AccountID  string `gorm:"column:account_id;primaryKey"`
	OpenID     string `gorm:"column:openid;primaryKey"`
	TemplateID string `gorm:"column:template_id;primaryKey"`
	Remaining  int64  `gorm:"column:remaining"` // notices that may still be sent
	Granted    int64  `gorm:"column:granted"`   // how often he accepted, ever
	How        string `gorm:"column:how"`       // where he accepted last: GrantIn…
	GrantedAt  int64  `gorm:"column:granted_at"`
	UsedAt     int64  `gorm:"column:used_at"`   // when one was used last; 0 = never
	EndedAt    int64  `gorm:"column:ended_at"`  // when all that remained ended
	EndedHow   string `gorm:"column:ended_how"` // GrantWithdrawn or GrantRefused
}

// TableName names the table.
func (SubscriptionGrant) TableName() string { return "subscription_grants" }

// Where a grant was given, and how what remained of it ended.
const (
	GrantInH5      = "h5"
	GrantInArticle = "article"

	GrantWithdrawn = "withdrawn" // he switched the template off
	GrantRefused   = "refused"   // WeChat knows of no grant (43101): its word counts
)
