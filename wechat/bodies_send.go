package wechat

// TemplateSendFinished is a Body: the result of a template message. MsgID is the one the send returned; Status is
// "success", "failed:user block", "failed: system failed" and the like; see Verdict.
type TemplateSendFinished struct {
	MsgID  string
	Status string
}

// MassSendFinished is a Body: the nearly final result of a mass send. Status is "send success", "send fail" or
// "err(n)"; see Verdict. The counts are approximate: TotalCount were asked for, FilterCount were left after WeChat had
// dropped those who refuse messages or had their four of the month, and of these SentCount got it, ErrorCount did not.
// The event may never come (MassState tells the rest), come twice, and speak of a send that is not ours.
type MassSendFinished struct {
	MsgID       string
	Status      string
	TotalCount  int
	FilterCount int
	SentCount   int
	ErrorCount  int
	// CheckState: 1 no reprint found, 2 not sendable, 3 judged a reprint. 0 if WeChat checked nothing.
	CheckState int
	Copyright  []CopyrightItem
	Articles   []ArticleURL
}

// CopyrightItem is the verdict on one article of a mass send; Index counts from 1.
type CopyrightItem struct {
	Index             int
	UserDeclareState  int
	AuditState        int
	OriginalURL       string
	OriginalType      int
	CanReprint        bool
	NeedReplace       bool
	NeedReprintSource bool
}

// ArticleURL is where one article of a mass send ended up; Index counts from 1.
type ArticleURL struct {
	Index int
	URL   string
}

// SubscribePopup is a Body: the member answered a request for subscription messages. Each accept allows one more notice.
type SubscribePopup struct {
	Lists []SubscribeChoice
}

// SubscribeChange is a Body: the member changed the answer later, in WeChat's settings. WeChat tells of refusals only;
// one takes every notice away that was allowed by this template.
type SubscribeChange struct {
	Lists []SubscribeChoice
}

// SubscribeChoice is the answer for one template: anything but accept is no. Scene: 1 page, 2 article, 0 not told.
type SubscribeChoice struct {
	TemplateID string
	Accepted   bool
	Scene      int
}

// SubscribeSent is a Body: results of subscription messages to the push's OpenID.
type SubscribeSent struct {
	Lists []SubscribeResult
}

// SubscribeResult is the result of one subscription message; Code 0 is success, see Verdict. MsgID is new to us: the send
// returned none, so person and template must do to find it.
type SubscribeResult struct {
	TemplateID string
	MsgID      string
	Code       int
	Status     string
}

// KfSession is a Body: WeChat's own customer-service tool took, gave up or passed on a chat.
// For a switch, Account is the old and To the new one.
type KfSession struct {
	Act     KfAct
	Account string
	To      string
}

// KfAct is what happened to a KfSession.
type KfAct string

// The acts of a KfSession.
const (
	KfCreate KfAct = "create"
	KfClose  KfAct = "close"
	KfSwitch KfAct = "switch"
)

// AuthorizationChange is a Body: a person changed, withdrew or ended (account closed) what WeChat may tell us.
// RevokeInfo lists what was withdrawn: 201 address … 207 chosen pictures. After Revoke and Cancel the data must be deleted.
type AuthorizationChange struct {
	Kind       AuthorizationKind
	OpenID     string
	UnionID    string
	AppID      string
	RevokeInfo string
}

// AuthorizationKind says what an AuthorizationChange did.
type AuthorizationKind string

// The kinds of AuthorizationChange.
const (
	AuthorizationModified AuthorizationKind = "modified"
	AuthorizationRevoked  AuthorizationKind = "revoked"
	AuthorizationEnded    AuthorizationKind = "cancelled"
)

func (TemplateSendFinished) body() {}
func (MassSendFinished) body()     {}
func (SubscribePopup) body()       {}
func (SubscribeChange) body()      {}
func (SubscribeSent) body()        {}
func (KfSession) body()            {}
func (AuthorizationChange) body()  {}
