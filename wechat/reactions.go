package wechat

// The errcodes by which WeChat refuses an access token.
const (
	codeBadCredential = 40001
	codeBadToken      = 40014
	codeTokenExpired  = 42001
)

// codeTooManyCalls is the errcode of a minute's limit, which holds for all calls of the API.
const codeTooManyCalls = 45011

// isBan tells the errcodes by which WeChat takes an API away as a punishment: no new day gives it back.
func isBan(code int) bool { return code == 48004 || code == 50002 }

// Classify says what an errcode asks for, and why in a stable word. api is the name as in Error.API: a few codes mean
// something else to the token call, and what cannot be told apart from its repeat must not be repeated for ever.
// Codes without an entry are refusals: ReactGiveUp, "refused".
func Classify(api string, code int) (Reaction, string) {
	switch code {
	case 0:
		return ReactNone, ""
	case -1, 61450:
		if !isKeyed(api) {
			return ReactRetryOnce, "system_busy"
		}
		return ReactRetryLater, "system_busy"
	case codeBadCredential, codeBadToken, codeTokenExpired:
		if api == apiToken {
			return ReactStopAccount, "config_secret"
		}
		return ReactRetryLater, "token_invalid"
	case 40007:
		return ReactReupload, ReasonMediaExpired
	case 45009:
		return ReactStopAPIToday, "daily_quota"
	case codeTooManyCalls:
		return ReactSlow, "rate_limited"
	case 45015:
		return ReactPending, "window_closed"
	case 45047:
		return ReactPending, "quota_used_up"
	case 45065:
		return ReactAccepted, "already_accepted"
	case 45066:
		return ReactSlow, "client_id_too_soon"
	case 45072, 45080, 45081:
		return ReactIgnore, "typing"
	}
	if isBan(code) {
		return ReactStopAPIToday, "api_banned"
	}
	if reason := stopsAccount(code); reason != "" {
		return ReactStopAccount, reason
	}
	if reason := aboutPerson(code); reason != "" {
		return ReactGiveUp, reason
	}
	if reason := aboutContent(code); reason != "" {
		return ReactGiveUp, reason
	}
	return ReactGiveUp, aboutRights(code)
}

// isKeyed tells which calls may be repeated: all but the sends that carry no id of ours.
func isKeyed(api string) bool { return api != apiCustomSend && api != apiSubscribeSend }

func stopsAccount(code int) string {
	switch code {
	case 40013, 41002:
		return "config_appid"
	case 40125, 41004:
		return "config_secret"
	case 40164, 61004:
		return "ip_not_allowed"
	case 40243:
		return "secret_frozen"
	case 89501, 89502, 89503, 89504, 89505, 89506, 89507:
		return "admin_confirmation"
	default:
		return ""
	}
}

func aboutPerson(code int) string {
	switch code {
	case 40003, 46004, 49003:
		return "bad_openid"
	case 43004, 50005:
		return "unsubscribed"
	case 43019:
		return "blacklisted"
	case 43101:
		return "no_consent"
	case 48002:
		return "blocked_by_member"
	default:
		return ""
	}
}

func aboutContent(code int) string {
	switch {
	case code >= 45001 && code <= 45007:
		return "too_long"
	case code == 45008:
		return "too_many_articles"
	case code >= 40004 && code <= 40012:
		return "bad_media"
	case code >= 44001 && code <= 44004:
		return "empty_content"
	case code == 47001 || code == 47003:
		return "bad_format"
	case code == 40037:
		return "config_template"
	case code == 40130 || code == 40031 || code == 40032:
		return "bad_list_size"
	case code == 45067:
		return "client_id_too_long"
	case code == 61451:
		return "bad_parameter"
	case code >= 61452 && code <= 61457:
		return "bad_kf_account"
	case code == 61500:
		return "bad_date"
	case code >= 85000 && code < 86000, code >= 87000 && code < 88000:
		return "content_refused"
	default:
		return ""
	}
}

func aboutRights(code int) string {
	switch {
	case code == 41001:
		return "token_missing"
	case code == 45028:
		return "no_mass_quota"
	case code == 48001:
		return "api_not_granted"
	case code == 48003:
		return "mass_not_agreed"
	case code == 48006:
		return "clear_quota_used_up"
	case code == 48008:
		return "kind_not_granted"
	case code == 50001:
		return "not_authorised"
	case code == 40200:
		return "account_kind"
	case code >= 65400 && code <= 65415:
		return "kf_session"
	default:
		return "refused"
	}
}
