package wechat

import (
	"context"
	"strconv"
)

const apiTemplateSend = "message/template/send"

// TemplateMessage is a service notice by one of the account's templates (模板消息); it needs no window. Data is the text
// of each field. The same ClientMsgID to the same person is sent once within ten minutes, so a repeat does no harm.
type TemplateMessage struct {
	ToUser      string
	TemplateID  string
	URL         string // opened by a tap; may be empty
	ClientMsgID string
	Data        map[string]string
}

// MaxThing is how many characters a template's field of the kind thing takes.
const MaxThing = 20

type templateBody struct {
	ToUser      string                   `json:"touser"`
	TemplateID  string                   `json:"template_id"`
	URL         string                   `json:"url,omitempty"`
	ClientMsgID string                   `json:"client_msg_id"`
	Data        map[string]templateValue `json:"data"`
}

type templateValue struct {
	Value string `json:"value"`
}

// SendTemplate sends one notice and gives WeChat's id of it, which the event of its result carries. Errors: *Error.
func (a *API) SendTemplate(ctx context.Context, m TemplateMessage) (string, error) {
	if m.ToUser == "" || m.TemplateID == "" || m.ClientMsgID == "" || len(m.Data) == 0 {
		return "", badInput(apiTemplateSend)
	}
	body := templateBody{ToUser: m.ToUser, TemplateID: m.TemplateID, URL: m.URL, ClientMsgID: m.ClientMsgID, Data: map[string]templateValue{}}
	for field, text := range m.Data {
		body.Data[field] = templateValue{text}
	}
	var out struct {
		MsgID int64 `json:"msgid"`
	}
	if err := a.post(ctx, request{api: apiTemplateSend, path: "/cgi-bin/message/template/send"}, body, &out); err != nil {
		return "", err
	}
	return strconv.FormatInt(out.MsgID, 10), nil
}
