package simulator

// fail is an answer with an errcode. WeChat sends it with HTTP status 200.
type fail struct {
	ErrCode int    `json:"errcode"`
	ErrMsg  string `json:"errmsg"`
	RID     string `json:"rid,omitempty"`
	MsgID   int64  `json:"msg_id,omitempty"` // of the job that 45065 found
}

// done is the answer of a call that has nothing to say.
type done struct {
	ErrCode int    `json:"errcode"`
	ErrMsg  string `json:"errmsg"`
}

func ok() done { return done{ErrMsg: "ok"} }

func failed(code int) *fail { return &fail{ErrCode: code, ErrMsg: message(code)} }

func failedWith(code int, what string) *fail {
	return &fail{ErrCode: code, ErrMsg: message(code) + ": " + what}
}

// message is the text that goes with an errcode.
func message(code int) string {
	texts := map[int]string{
		-1:    "system error",
		40001: "invalid credential, access_token is invalid or not latest",
		40002: "invalid grant_type",
		40003: "invalid openid",
		40004: "invalid media type",
		40005: "invalid file type",
		40007: "invalid media_id",
		40008: "invalid message type",
		40009: "invalid image size",
		40010: "invalid voice size",
		40011: "invalid video size",
		40012: "invalid thumb size",
		40013: "invalid appid",
		40014: "invalid access_token",
		40016: "invalid button size",
		40017: "invalid button type",
		40018: "invalid button name size",
		40019: "invalid button key size",
		40020: "invalid button url size",
		40023: "invalid sub button size",
		40029: "invalid code",
		40030: "invalid refresh_token",
		40032: "invalid openid list size",
		40035: "invalid parameter",
		40037: "invalid template_id",
		40066: "invalid url",
		40097: "invalid args",
		40125: "invalid appsecret",
		40130: "invalid openid list size, at least two openid",
		40132: "invalid username",
		40163: "code been used",
		40164: "invalid ip, not in whitelist",
		40200: "invalid account type",
		40243: "appsecret is frozen",
		41001: "access_token missing",
		41002: "appid missing",
		41004: "appsecret missing",
		41005: "media data missing",
		41006: "media_id missing",
		41008: "missing code",
		42001: "access_token expired",
		42002: "refresh_token expired",
		42003: "code expired",
		43001: "require GET method",
		43002: "require POST method",
		43004: "require subscribe",
		43019: "require remove blacklist",
		43101: "user refuse to accept the msg",
		44001: "empty media data",
		44002: "empty post data",
		44003: "empty news data",
		44004: "empty content",
		45001: "media size out of limit",
		45002: "content size out of limit",
		45003: "title size out of limit",
		45004: "description size out of limit",
		45005: "url size out of limit",
		45007: "playtime out of limit",
		45008: "article size out of limit",
		45009: "reach max api daily quota limit",
		45011: "api minute-quota reach limit, must slower, retry next minute",
		45015: "response out of time limit or subscription is canceled",
		45026: "template num exceeds limit",
		45028: "has no masssend quota",
		45029: "qrcode count out of limit",
		45047: "out of response count limit",
		45056: "too many tag now, no need to add new",
		45057: "can't delete the tag that has too many fans",
		45058: "can't modify sys tag",
		45059: "can not tag one user too much",
		45065: "clientmsgid exist",
		45066: "same clientmsgid retry too fast",
		45067: "clientmsgid size out of limit",
		45072: "invalid command",
		45080: "no message from user in the last 30 seconds",
		45081: "typing already",
		45083: "invalid speed",
		45157: "invalid tag name",
		45158: "tag name too long",
		45159: "invalid tag id",
		46003: "menu no exist",
		47001: "data format error",
		47003: "argument invalid",
		48001: "api unauthorized",
		48002: "user block the message",
		48003: "user not agree mass-send protocol",
		48004: "api forbidden for irregularities",
		48006: "forbid to clear quota because of reaching the limit",
		48008: "no permission for this msgtype",
		49003: "openid does not belong to this appid",
		50001: "user unauthorized",
		50002: "user limited",
		50005: "user is unsubscribed",
	}
	if text, known := texts[code]; known {
		return text
	}
	return "error"
}
