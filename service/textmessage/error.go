package textmessage

import "strings"

// Reaction is what a refusal asks for.
type Reaction int

// The reactions.
const (
	GiveUp    Reaction = iota // this message will never be taken
	NextWay                   // nor is this phone reached by others now
	Mend                      // nothing will be taken before a person has mended it
	Slow                      // too many calls: again in a while
	StopToday                 // the day's number is used up
	Later                     // it was not sent, for sure
	Unknown                   // it may have been sent
)

// Error is a message that was not taken, or of which that is not known. It names no phone and no secret.
type Error struct {
	Code      string // the provider's; empty: it gave none
	RequestID string // the provider's, for its support
	Status    int    // of HTTP, if not 200
	Reaction  Reaction
	Reason    string // a stable word
}

// Error tells it for logs.
func (e *Error) Error() string {
	return "text message: " + strings.TrimSpace(e.Reason+" "+e.Code)
}

// Reasons that stand in results and on screens.
const (
	ReasonNoBalance   = "sms_no_balance"  // the package is used up, or a bill is open
	ReasonCredentials = "sms_credentials" // key, app or rights
	ReasonSignature   = "sms_signature"   // 签名 not approved
	ReasonTemplate    = "sms_template"    // 模板 not approved, or with other blanks
	ReasonContent     = "sms_content"     // a word, a link or a length that is not taken
	ReasonBadPhone    = "sms_bad_phone"   // no phone that takes messages
	ReasonBlacklisted = "sms_blacklisted" // he answered R, or his carrier keeps such messages from him
	ReasonTooOften    = "sms_too_often"   // the phone has had all that the provider lets it have
	ReasonHours       = "sms_hours"       // marketing leaves from 8 to 22 only
	ReasonRate        = "rate_limited"    // too many calls
	ReasonDay         = "daily_quota"     // the app's number of the day
	ReasonNoAnswer    = "sms_no_answer"   // cut, or too slow
	ReasonUnreachable = "sms_unreachable" // no connection
	ReasonProvider    = "sms_provider"    // its own fault
	ReasonRefused     = "sms_refused"     // for a reason that we do not know
)

// verdict is what one of the provider's codes means.
type verdict struct {
	reaction Reaction
	reason   string
}

// judge finds a code in the table by its longest beginning: new codes are made below old ones.
func judge(code string) verdict {
	best, found := "", verdict{GiveUp, ReasonRefused}
	for known, v := range verdicts() {
		if strings.HasPrefix(code, known) && len(known) > len(best) {
			best, found = known, v
		}
	}
	return found
}

// verdicts are Tencent Cloud's codes (documents 382/55981 and 382/59177 for those of the message, 382/52075 for those of
// every API).
func verdicts() map[string]verdict {
	return map[string]verdict{
		"AuthFailure":           {Mend, ReasonCredentials},
		"UnauthorizedOperation": {Mend, ReasonCredentials},
		"UnauthorizedOperation.SerivceSuspendDueToArrears": {Mend, ReasonNoBalance}, // sic
		"UnauthorizedOperation.ServiceSuspendDueToArrears": {Mend, ReasonNoBalance},
		"IpInBlacklist":                          {Mend, ReasonCredentials},
		"IpNotInWhitelist":                       {Mend, ReasonCredentials},
		"InvalidParameterValue.SdkAppIdNotExist": {Mend, ReasonCredentials},
		"InvalidParameter.AppidAndBizId":         {Mend, ReasonCredentials},
		"InternalError.RequestTimeException":     {Mend, ReasonCredentials},
		"InternalError.Sig":                      {Mend, ReasonCredentials},
		"UnsupportedRegion":                      {Mend, ReasonCredentials},

		"FailedOperation.InsufficientBalanceInSmsPackage": {Mend, ReasonNoBalance},
		"FailedOperation.SignatureIncorrectOrUnapproved":  {Mend, ReasonSignature},
		"FailedOperation.MissingSignature":                {Mend, ReasonSignature},
		"FailedOperation.Template":                        {Mend, ReasonTemplate},
		"FailedOperation.MissingTemplate":                 {Mend, ReasonTemplate},

		"FailedOperation.ContainSensitiveWord":                      {GiveUp, ReasonContent},
		"InvalidParameter.DirtyWordFound":                           {GiveUp, ReasonContent},
		"InvalidParameterValue.ContentLengthLimit":                  {GiveUp, ReasonContent},
		"InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": {GiveUp, ReasonContent},
		"InvalidParameterValue.TemplateParameter":                   {GiveUp, ReasonContent},
		"FailedOperation.PhoneNumberInBlacklist":                    {GiveUp, ReasonBlacklisted},
		"InvalidParameterValue.IncorrectPhoneNumber":                {GiveUp, ReasonBadPhone},
		"FailedOperation.PhoneNumberParseFail":                      {GiveUp, ReasonBadPhone},
		"UnsupportedOperation":                                      {GiveUp, ReasonBadPhone},
		"FailedOperation.MarketingSendTimeConstraint":               {Later, ReasonHours},
		"LimitExceeded.PhoneNumber":                                 {NextWay, ReasonTooOften},
		"LimitExceeded.DeliveryFrequencyLimit":                      {NextWay, ReasonTooOften},
		"LimitExceeded.AppDailyLimit":                               {StopToday, ReasonDay},
		"LimitExceeded.AppMainlandChinaDailyLimit":                  {StopToday, ReasonDay},
		"LimitExceeded":                                             {Slow, ReasonRate},
		"RequestLimitExceeded":                                      {Slow, ReasonRate},
		"InternalError":                                             {Unknown, ReasonProvider}, // its call to the carrier may have got through
	}
}
