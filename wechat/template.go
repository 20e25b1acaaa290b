package wechat

import (
	"context"
	"regexp"
	"time"
)

const apiTemplateSend = "message/template/send"

// TemplateIDLife is how long WeChat knows a template message again by its ClientMsgID, counted from the first try.
// After it, a message whose answer was lost must not be tried again.
const TemplateIDLife = 10 * time.Minute

// TemplateMessage is a service notice by one of the account's templates (模板消息) to a follower; it needs no window and
// must not advertise. Data is the text of each field. The same ClientMsgID to the same person is sent once within
// TemplateIDLife, so a repeat does no harm.
type TemplateMessage struct {
	ToUser      string
	TemplateID  string
	URL         string      // opened by a tap; may be empty
	MiniProgram MiniProgram // opened by a tap instead of URL; may be empty
	ClientMsgID string
	Data        map[string]string
}

// MiniProgram is a page of a mini-program that is bound to the account; both or neither.
type MiniProgram struct {
	AppID    string
	PagePath string
}

type templateBody struct {
	ToUser      string                   `json:"touser"`
	TemplateID  string                   `json:"template_id"`
	URL         string                   `json:"url,omitempty"`
	MiniProgram *miniProgram             `json:"miniprogram,omitempty"`
	ClientMsgID string                   `json:"client_msg_id"`
	Data        map[string]templateValue `json:"data"`
}

type miniProgram struct {
	AppID    string `json:"appid"`
	PagePath string `json:"pagepath"`
}

type templateValue struct {
	Value string `json:"value"`
}

// SendTemplate sends one notice and gives WeChat's id of it, which TemplateSendFinished carries: taken is not yet
// delivered. Errors: *Error; see ResultOf.
func (a *API) SendTemplate(ctx context.Context, m TemplateMessage) (string, error) {
	page, ok := m.MiniProgram.body()
	if !ok || m.ToUser == "" || m.TemplateID == "" || m.ClientMsgID == "" || len(m.Data) == 0 {
		return "", badInput(apiTemplateSend)
	}
	body := templateBody{
		ToUser: m.ToUser, TemplateID: m.TemplateID, URL: m.URL, MiniProgram: page, ClientMsgID: m.ClientMsgID,
		Data: templateValues(m.Data),
	}
	var out struct {
		MsgID int64 `json:"msgid"`
	}
	r := request{api: apiTemplateSend, path: "/cgi-bin/message/template/send"}
	err := a.post(ctx, r, body, &out)
	return sentAs(r, out.MsgID, err)
}

// body is nil for none: what WeChat makes of an empty object is not known. It is !ok for a half one.
func (p MiniProgram) body() (body *miniProgram, ok bool) {
	if p == (MiniProgram{}) {
		return nil, true
	}
	return &miniProgram{p.AppID, p.PagePath}, p.AppID != "" && p.PagePath != ""
}

func templateValues(data map[string]string) map[string]templateValue {
	values := make(map[string]templateValue, len(data))
	for field, text := range data {
		values[field] = templateValue{text}
	}
	return values
}

const codeBadField = 47003

// The field in "argument invalid! data.thing4.value invalid".
var fieldInMessage = regexp.MustCompile(`\bdata\.([a-z_]{1,24}[0-9]{0,4})\.value\b`)

// refusedField reads which field of a template WeChat refuses; "" if it names none.
func refusedField(code int, message string) string {
	if code != codeBadField {
		return ""
	}
	if m := fieldInMessage.FindStringSubmatch(message); m != nil {
		return m[1]
	}
	return ""
}
