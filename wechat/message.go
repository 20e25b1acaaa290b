package wechat

import "context"

const apiCustomSend = "message/custom/send"

// The kinds of CustomerMessage.
const (
	KindText            = "text"
	KindImage           = "image"
	KindVoice           = "voice"
	KindVideo           = "video"
	KindNews            = "news"
	KindMiniProgramPage = "miniprogrampage"
	KindMenu            = "msgmenu"
)

// KindThumb is the kind of a video's cover, for UploadMedia only.
const KindThumb = "thumb"

// CustomerMessage is a message to one member within the window (客服消息). Kind says which fields count:
// text: Text; image, voice: MediaID; video: MediaID, ThumbMediaID, Title, Description; news: Title, Description, URL,
// PicURL; miniprogrampage: Title, AppID, PagePath, ThumbMediaID; msgmenu: Menu. KfAccount, if set, is shown as sender.
type CustomerMessage struct {
	ToUser       string
	Kind         string
	Text         string
	MediaID      string
	ThumbMediaID string
	Title        string
	Description  string
	URL          string
	PicURL       string
	AppID        string
	PagePath     string
	Menu         Menu
	KfAccount    string
}

// Menu is a question with answers to tap; a tap arrives as Text with MenuID.
type Menu struct {
	Head  string
	Items []MenuItem
	Tail  string
}

// MenuItem is one answer of a Menu.
type MenuItem struct {
	ID      string `json:"id"`
	Content string `json:"content"`
}

// SendCustomer sends one message. nil means that WeChat accepted it; an error is an *Error, whose Reaction says whether
// it may be tried again: ReactUnknown must not.
func (a *API) SendCustomer(ctx context.Context, m CustomerMessage) error {
	body, ok := customBody(m)
	if !ok {
		return badInput(apiCustomSend)
	}
	return a.post(ctx, request{api: apiCustomSend, path: "/cgi-bin/message/custom/send", once: true}, body, nil)
}

type customMessage struct {
	ToUser  string          `json:"touser"`
	Kind    string          `json:"msgtype"`
	Text    *customText     `json:"text,omitempty"`
	Image   *customMedia    `json:"image,omitempty"`
	Voice   *customMedia    `json:"voice,omitempty"`
	Video   *customVideo    `json:"video,omitempty"`
	News    *customNews     `json:"news,omitempty"`
	Page    *customPage     `json:"miniprogrampage,omitempty"`
	Menu    *customMenu     `json:"msgmenu,omitempty"`
	Service *customServicer `json:"customservice,omitempty"`
}

type customText struct {
	Content string `json:"content"`
}

type customMedia struct {
	MediaID string `json:"media_id"`
}

type customVideo struct {
	MediaID      string `json:"media_id"`
	ThumbMediaID string `json:"thumb_media_id"`
	Title        string `json:"title,omitempty"`
	Description  string `json:"description,omitempty"`
}

type customNews struct {
	Articles [1]customArticle `json:"articles"` // WeChat takes exactly one
}

type customArticle struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	URL         string `json:"url"`
	PicURL      string `json:"picurl"`
}

type customPage struct {
	Title        string `json:"title"`
	AppID        string `json:"appid"`
	PagePath     string `json:"pagepath"`
	ThumbMediaID string `json:"thumb_media_id"`
}

type customMenu struct {
	Head  string     `json:"head_content"`
	Items []MenuItem `json:"list"`
	Tail  string     `json:"tail_content"`
}

type customServicer struct {
	Account string `json:"kf_account"`
}

// customBody is !ok if the message lacks what its kind needs.
func customBody(m CustomerMessage) (body customMessage, ok bool) {
	body = customMessage{ToUser: m.ToUser, Kind: m.Kind}
	switch m.Kind {
	case KindText:
		body.Text, ok = &customText{m.Text}, m.Text != ""
	case KindImage:
		body.Image, ok = &customMedia{m.MediaID}, m.MediaID != ""
	case KindVoice:
		body.Voice, ok = &customMedia{m.MediaID}, m.MediaID != ""
	case KindVideo:
		body.Video, ok = &customVideo{m.MediaID, m.ThumbMediaID, m.Title, m.Description}, m.MediaID != ""
	case KindNews:
		article := customArticle{m.Title, m.Description, m.URL, m.PicURL}
		body.News, ok = &customNews{[1]customArticle{article}}, m.URL != ""
	case KindMiniProgramPage:
		body.Page = &customPage{m.Title, m.AppID, m.PagePath, m.ThumbMediaID}
		ok = m.AppID != "" && m.PagePath != ""
	case KindMenu:
		body.Menu, ok = &customMenu{m.Menu.Head, m.Menu.Items, m.Menu.Tail}, len(m.Menu.Items) > 0
	}
	if m.KfAccount != "" {
		body.Service = &customServicer{m.KfAccount}
	}
	return body, ok && m.ToUser != ""
}
