package model

// Roles of staff (L1).
const (
	RoleOwner      = "owner"
	RoleSupervisor = "supervisor"
	RoleManager    = "manager"
	RoleClerk      = "clerk"
	RoleSupport    = "support"
)

// Kinds of who did something.
const (
	ByMember = "member"
	ByStaff  = "staff"
	BySystem = "system"
	ByKey    = "key" // a till or another program, by an API key
)

// States of an account.
const (
	AccountActive  = "active"
	AccountStopped = "stopped"
)

// PermanentCodes is WeChat's stock of permanent parametric codes, for the life of an account (A4).
const PermanentCodes = 100_000

// MemberCodeLife is how long a temporary code lives, in seconds: WeChat's most, 30 days (A1).
const MemberCodeLife = 2_592_000

// Rules for a second scan (A6).
const (
	SecondScanKeep   = "keep"
	SecondScanChange = "change"
	SecondScanAsk    = "ask"
)

// Kinds of members.
const (
	MemberKnown    = "member"
	MemberProspect = "prospect"
)

// Kinds of identities beside the openid.
const (
	IdentityPhone = "phone"
	IdentityCard  = "card"
)

// Kinds of followers.
const (
	FollowerMember = "member"
	FollowerStaff  = "staff"
)

// How a binding began.
const (
	HowScan     = "scan"
	HowImport   = "import"
	HowClaim    = "claim"
	HowHandover = "handover"
	HowManual   = "manual"
)

// Kinds of dated access.
const (
	AccessGuest      = "guest"
	AccessSubstitute = "substitute"
	AccessTakeover   = "takeover"
)

// Kinds of codes.
const (
	CodeClerk  = "clerk"
	CodeStore  = "store"
	CodeMember = "member"
	// CodeStaffLink ties the scanner's WeChat to a person of staff, for notices.
	CodeStaffLink = "staff_link"
)

// States of a code.
const (
	CodeMinting = "minting"
	CodeReady   = "ready"
	CodeUsed    = "used"
)

// Outcomes of a scan.
const (
	ScanBound    = "bound"
	ScanKept     = "kept"
	ScanGuest    = "guest"
	ScanChanged  = "changed"
	ScanAsked    = "asked"
	ScanQueued   = "queued"
	ScanStolen   = "stolen"
	ScanOther    = "other_member"
	ScanUsed     = "used"
	ScanExpired  = "expired"
	ScanUnknown  = "unknown"
	ScanNoTarget = "no_target"
)

// Kinds and states of entries for the manager.
const (
	RequestSecondScan  = "second_scan"
	RequestStolenCode  = "stolen_code"
	RequestOtherMember = "other_member"

	RequestOpen     = "open"
	RequestApproved = "approved"
	RequestRefused  = "refused"
	RequestNoted    = "noted"
)

// States of a push.
const (
	PushNew   = 0
	PushDone  = 1
	PushAside = 2
)

// MaxPushTries is how often a push may fail by its own fault before it is set aside.
const MaxPushTries = 5

// Directions of a message.
const (
	In  = "in"
	Out = "out"
)

// Kinds of messages; news, miniprogram and menu only go out, the others below link only come in.
const (
	KindText        = "text"
	KindImage       = "image"
	KindVoice       = "voice"
	KindVideo       = "video"
	KindShortVideo  = "shortvideo"
	KindLocation    = "location"
	KindLink        = "link"
	KindEvent       = "event"
	KindNote        = "note"
	KindUnsupported = "unsupported"
	KindNews        = "news"
	KindMiniProgram = "miniprogram"
	KindMenu        = "menu"
)

// States of a message: received comes in, the others are the life of an outgoing one (C13).
const (
	StateReceived = "received"
	StateQueued   = "queued"
	StateSending  = "sending"
	StateAccepted = "accepted"
	StateRefused  = "refused"
	StateUnknown  = "unknown"
	StatePending  = "pending"
	// StateWithdrawn is a pending message that its author took back; it was never sent.
	StateWithdrawn = "withdrawn"
)

// Purposes of a delivery.
const (
	PurposeReply        = "reply"
	PurposeGreeting     = "greeting"
	PurposeIntroduction = "introduction" // a receiver makes himself known after a handover (E6)
	PurposeCampaign     = "campaign"
	PurposeTest         = "test" // somebody of the house sends himself what members would get
)

// Channels to a member (H15).
const (
	ChannelCustomer     = "customer"     // WeChat's customer-service message, in an open window
	ChannelSubscription = "subscription" // a subscription notice, for which he granted one
	ChannelTemplate     = "template"     // a service template: no window, and no offers
	ChannelMass         = "mass"         // one content for many followers, four a month each
	ChannelSMS          = "sms"          // a text message to his phone: costs money
	ChannelTask         = "task"         // the clerk calls
)

// States of media.
const (
	MediaWaiting  = "waiting"
	MediaFetching = "fetching"
	MediaReady    = "ready"
	MediaFailed   = "failed"
)

// Limits of what staff may type or upload.
const (
	MaxTextBytes  = 2048     // WeChat refuses longer texts with 45002
	MaxNoteBytes  = 8192     // internal notes stay here
	MaxNameRunes  = 200      // names of people, stores, regions
	MaxImageBytes = 2 << 20  // the page's safe figure for pictures
	MaxVoiceBytes = 2 << 20  // amr or mp3
	MaxVideoBytes = 10 << 20 // mp4
	// MaxVoiceSeconds is the longest voice that WeChat takes (45007).
	MaxVoiceSeconds = 60
	// MaxInboundMedia is the most we keep of one fetched picture, voice or video.
	MaxInboundMedia = 25 << 20
)
