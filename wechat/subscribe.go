package wechat

import "context"

const apiSubscribeSend = "message/subscribe/bizsend"

// SubscribeMessage is a subscription notice (订阅通知): each time somebody accepted its template allows one, without a
// time limit, and he need not follow the account. Data is the text of each field.
type SubscribeMessage struct {
	ToUser      string
	TemplateID  string
	Page        string      // a web page opened by a tap; may be empty
	MiniProgram MiniProgram // opened by a tap instead of Page; may be empty
	Data        map[string]string
}

type subscribeBody struct {
	ToUser      string                   `json:"touser"`
	TemplateID  string                   `json:"template_id"`
	Page        string                   `json:"page,omitempty"`
	MiniProgram *miniProgram             `json:"miniprogram,omitempty"`
	Data        map[string]templateValue `json:"data"`
}

// SendSubscribe sends one notice. WeChat takes no id for it and gives none: SubscribeSent, which tells what became of
// it, names person and template only, and a notice whose answer was lost must not be sent again. Errors: *Error; see
// ResultOf.
func (a *API) SendSubscribe(ctx context.Context, m SubscribeMessage) error {
	page, ok := m.MiniProgram.body()
	if !ok || m.ToUser == "" || m.TemplateID == "" || len(m.Data) == 0 {
		return badInput(apiSubscribeSend)
	}
	body := subscribeBody{ToUser: m.ToUser, TemplateID: m.TemplateID, Page: m.Page, MiniProgram: page, Data: templateValues(m.Data)}
	return a.post(ctx, request{api: apiSubscribeSend, path: "/cgi-bin/message/subscribe/bizsend", once: true}, body, nil)
}
