package wechat

import "strings"

// Verdict tells whether the member got the message, and if not, why, in a stable word.
func (t TemplateSendFinished) Verdict() (delivered bool, reason string) {
	// The blank after the colon comes and goes.
	switch strings.ReplaceAll(strings.ToLower(t.Status), " ", "") {
	case "success":
		return true, ""
	case "failed:userblock":
		return false, "blocked_by_member"
	case "failed:systemfailed":
		return false, "system_failed"
	case "failed:freqlimit":
		return false, "rate_limited"
	default:
		return false, "refused"
	}
}

// Verdict tells whether the job was carried out, and if not, why, in a stable word. A job that was may still have
// missed some of its followers: see the counts.
func (m MassSendFinished) Verdict() (sent bool, reason string) {
	status := strings.ReplaceAll(strings.ToLower(m.Status), " ", "")
	switch status {
	case "sendsuccess":
		return true, ""
	case "sendfail":
		return false, "send_failed"
	}
	code := strings.TrimSuffix(strings.TrimPrefix(status, "err("), ")")
	switch number(code) {
	case 10001:
		return false, "judged_advertising"
	case 20001:
		return false, "judged_politics"
	case 20002:
		return false, "judged_porn"
	case 20004:
		return false, "judged_social"
	case 20006:
		return false, "judged_crime"
	case 20008:
		return false, "judged_fraud"
	case 20013:
		return false, "judged_copyright"
	case 21000:
		return false, "judged_other"
	case 22000:
		return false, "judged_mutual_promotion"
	case 30001, 30002, 30003:
		return false, "judged_reprint"
	case 40001:
		return false, "admin_refused"
	case 40002:
		return false, "admin_silent"
	default:
		return false, "refused"
	}
}

// Verdict tells whether the member got the notice, and if not, why, in a stable word.
func (s SubscribeResult) Verdict() (delivered bool, reason string) {
	if s.Code == 0 {
		return true, ""
	}
	_, reason = Classify(apiSubscribeSend, s.Code)
	return false, reason
}
