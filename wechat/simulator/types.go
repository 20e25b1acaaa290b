package simulator

import (
	"log/slog"
	"time"
)

// Account is one service account that the simulator plays.
type Account struct {
	AppID      string `json:"appid"`
	Name       string `json:"name"` // what phones show; empty = the app id
	Secret     string `json:"secret"`
	Token      string `json:"token"`
	AESKey     string `json:"aes_key"`     // 43 characters; empty = plain mode
	OriginalID string `json:"original_id"` // gh_…; empty = made from the app id
	Callback   string `json:"callback"`    // full URL; empty = pushes are logged but go nowhere
}

// Options is what New needs.
type Options struct {
	Accounts []Account
	Now      func() time.Time // the real clock, required
	Log      *slog.Logger     // nil = silent
	Seed     int64            // the same seed makes the same openids and permanent codes

	PushTimeout  time.Duration // the callback's time to answer, real time; 0 = 5 s
	RetrySpacing time.Duration // from the start of one try to the next, real time; 0 = 5 s
}

// Person is somebody with a phone. A person has another openid at every account.
type Person struct {
	ID      string            `json:"id"`
	Name    string            `json:"name"`
	OpenID  string            `json:"openid"`  // at the first account
	OpenIDs map[string]string `json:"openids"` // by app id
}

// Via says by which road something reached the phone.
type Via string

// The roads.
const (
	ViaCustom    Via = "custom"    // message/custom/send
	ViaPassive   Via = "passive"   // the answer to a push
	ViaTemplate  Via = "template"  // message/template/send
	ViaSubscribe Via = "subscribe" // message/subscribe/bizsend
	ViaMass      Via = "mass"      // message/mass/send and sendall
	ViaPreview   Via = "preview"   // message/mass/preview
	ViaNotice    Via = "notice"    // WeChat's own grey line, such as UnavailableNotice
)

// UnavailableNotice is what a phone shows when the account's server failed or answered rubbish.
const UnavailableNotice = "该公众号暂时无法提供服务，请稍后再试"

// Received is one thing the account sent to a person.
type Received struct {
	ID          int64     `json:"id"` // grows within the simulator
	AppID       string    `json:"appid"`
	Via         Via       `json:"via"`
	Kind        string    `json:"kind"` // text image voice video music news msgmenu miniprogrampage …
	Text        string    `json:"text,omitempty"`
	MediaID     string    `json:"media_id,omitempty"`
	Title       string    `json:"title,omitempty"`
	Description string    `json:"description,omitempty"`
	URL         string    `json:"url,omitempty"`
	PicURL      string    `json:"pic_url,omitempty"`
	Page        string    `json:"page,omitempty"`  // mini program page
	Items       []Item    `json:"items,omitempty"` // entries of a msgmenu
	Tail        string    `json:"tail,omitempty"`  // what a msgmenu says below its entries; Text ends with it
	KFAccount   string    `json:"kf_account,omitempty"`
	AI          bool      `json:"ai,omitempty"`     // marked as made by AI
	MsgID       int64     `json:"msg_id,omitempty"` // of a template or mass send
	At          time.Time `json:"at"`               // by the movable clock
}

// Item is one entry of a msgmenu.
type Item struct {
	ID      string `json:"id"`
	Content string `json:"content"`
}

// Call is one API call as it came in and was answered.
type Call struct {
	ID       int64     `json:"id"`
	AppID    string    `json:"appid"` // empty when the caller could not be told
	Method   string    `json:"method"`
	Path     string    `json:"path"`
	Query    string    `json:"query"` // without access_token and secret
	Body     []byte    `json:"body"`  // the raw bytes, at most the first 64 KiB
	BodySize int       `json:"body_size"`
	Status   int       `json:"status"` // 0 = the connection was cut
	Code     int       `json:"errcode"`
	Answer   []byte    `json:"answer"` // at most the first 64 KiB
	Fault    string    `json:"fault,omitempty"`
	At       time.Time `json:"at"`      // by the movable clock
	RealAt   time.Time `json:"real_at"` // by the real clock
}

// Push is one message or event on its way to the callback.
type Push struct {
	ID        int64     `json:"id"`
	AppID     string    `json:"appid"`
	OpenID    string    `json:"openid"` // FromUserName
	Kind      string    `json:"kind"`   // MsgType
	Event     string    `json:"event,omitempty"`
	MsgID     int64     `json:"msg_id,omitempty"`
	XML       string    `json:"xml"` // before encryption
	At        time.Time `json:"at"`  // by the movable clock
	Tries     []Try     `json:"tries"`
	Done      bool      `json:"done"`      // nothing more will be tried
	Delivered bool      `json:"delivered"` // a try was answered as it should be
}

// Try is one attempt to deliver a push.
type Try struct {
	At     time.Time     `json:"at"`     // real time of the start
	Took   time.Duration `json:"took"`   // nanoseconds in JSON
	Status int           `json:"status"` // HTTP status; 0 = no answer within the time
	Result string        `json:"result"` // ok, timeout, refused, status, bad_answer
}

// Code is one parametric QR code.
type Code struct {
	AppID     string    `json:"appid"`
	Scene     string    `json:"scene"`
	Ticket    string    `json:"ticket"`
	URL       string    `json:"url"`
	Permanent bool      `json:"permanent"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // zero for a permanent one
}

// Scanned says what a scan did.
type Scanned struct {
	AppID    string `json:"appid"`
	OpenID   string `json:"openid"`
	Scene    string `json:"scene"`
	Followed bool   `json:"followed"` // the scan made the person a follower
}

// Follower is how one person stands to one account.
type Follower struct {
	AppID      string    `json:"appid"`
	OpenID     string    `json:"openid"`
	Name       string    `json:"name"`
	Subscribed bool      `json:"subscribed"`
	Since      time.Time `json:"since,omitzero"`
	Tags       []int     `json:"tags"`
	Remark     string    `json:"remark"`
	Left       int       `json:"left"`           // customer messages left in the 48 h window
	Until      time.Time `json:"until,omitzero"` // end of the 48 h window
	BriefLeft  int       `json:"brief_left"`     // left in the one-minute window
	BriefUntil time.Time `json:"brief_until,omitzero"`
	Typing     bool      `json:"typing"`  // the account shows as typing
	Refuses    bool      `json:"refuses"` // switched the account's messages off
	Blocked    bool      `json:"blocked"` // on the account's blacklist
	Unread     int       `json:"unread"`  // things from the account that came since the phone was last looked at

	// Consents is how many subscription notices may still be sent, by template; MassLeft how many mass sends this month.
	Consents map[string]int `json:"consents"`
	MassLeft int            `json:"mass_left"`
}

// Quota is the limit and the use of one API path by one account.
type Quota struct {
	AppID      string `json:"appid"`
	Path       string `json:"path"`
	PerDay     int    `json:"per_day"`    // 0 = none; days are Beijing days of the movable clock
	PerMinute  int    `json:"per_minute"` // 0 = none
	UsedDay    int    `json:"used_day"`
	UsedMinute int    `json:"used_minute"`
}

// MassJob is one mass send that was taken.
type MassJob struct {
	MsgID       int64     `json:"msg_id"`
	Kind        string    `json:"kind"`
	ClientMsgID string    `json:"clientmsgid,omitempty"`
	Status      string    `json:"status"` // as mass/get says it
	Asked       int       `json:"asked"`  // people named, or meant by the filter
	Sent        int       `json:"sent"`   // those who got it
	At          time.Time `json:"at"`     // by the movable clock
}

// Template is one template of an account's library.
type Template struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	Content   string `json:"content"`   // with {{thing1.DATA}} fields
	Subscribe bool   `json:"subscribe"` // of the library of subscription notifications
}

// Consent is a person's answer to one template of a subscription popup.
type Consent struct {
	TemplateID string `json:"template_id"`
	Accept     bool   `json:"accept"`
}

// Field is one node of a push. A node with Fields is a container, one with Number is written without CDATA.
type Field struct {
	Name   string  `json:"name"`
	Value  string  `json:"value,omitempty"`
	Number bool    `json:"number,omitempty"`
	Fields []Field `json:"fields,omitempty"`
}

// Button is one button of the account's menu.
type Button struct {
	Type     string   `json:"type,omitempty"`
	Name     string   `json:"name"`
	Key      string   `json:"key,omitempty"`
	URL      string   `json:"url,omitempty"`
	AppID    string   `json:"appid,omitempty"`
	PagePath string   `json:"pagepath,omitempty"`
	MediaID  string   `json:"media_id,omitempty"`
	Sub      []Button `json:"sub_button,omitempty"`
}

// Entry is one line of a chat as the phone shows it, in both directions.
type Entry struct {
	Received
	Mine bool `json:"mine"` // the person sent or did it
}
