package wechat

import (
	"context"
	"time"
	"unicode/utf8"
)

const apiQRCreate = "qrcode/create"

// Limits of parametric codes.
const (
	// MaxScene is the longest scene, in characters.
	MaxScene = 64
	// MaxQRLife is the longest life of a temporary code.
	MaxQRLife = 30 * 24 * time.Hour
)

// QRRequest asks for a parametric code. ExpireIn counts for temporary ones only and must be given: WeChat's default is
// under a minute. An account has 100,000 permanent codes for its whole life.
type QRRequest struct {
	Scene     string
	Permanent bool
	ExpireIn  time.Duration
}

// QRTicket is a code made. URL is the text of the picture; ExpireIn is 0 for permanent codes.
type QRTicket struct {
	Ticket   string
	URL      string
	ExpireIn time.Duration
}

type qrBody struct {
	Expire int64    `json:"expire_seconds,omitempty"`
	Action string   `json:"action_name"`
	Info   qrAction `json:"action_info"`
}

type qrAction struct {
	Scene qrScene `json:"scene"`
}

type qrScene struct {
	Text string `json:"scene_str"`
}

// CreateQR mints a code with a text scene of 1 to MaxScene characters. Errors: *Error.
func (a *API) CreateQR(ctx context.Context, q QRRequest) (QRTicket, error) {
	size := utf8.RuneCountInString(q.Scene)
	body := qrBody{Action: "QR_LIMIT_STR_SCENE", Info: qrAction{Scene: qrScene{Text: q.Scene}}}
	if !q.Permanent {
		body.Action = "QR_STR_SCENE"
		body.Expire = int64(q.ExpireIn / time.Second)
	}
	if size < 1 || size > MaxScene || !q.Permanent && (body.Expire < 1 || q.ExpireIn > MaxQRLife) {
		return QRTicket{}, badInput(apiQRCreate)
	}
	var out struct {
		Ticket string `json:"ticket"`
		URL    string `json:"url"`
		Expire int64  `json:"expire_seconds"`
	}
	if err := a.post(ctx, request{api: apiQRCreate, path: "/cgi-bin/qrcode/create"}, body, &out); err != nil {
		return QRTicket{}, err
	}
	if out.Ticket == "" || out.URL == "" {
		return QRTicket{}, &Error{API: apiQRCreate, Reaction: ReactRetryLater, Reason: reasonBadAnswer}
	}
	return QRTicket{Ticket: out.Ticket, URL: out.URL, ExpireIn: time.Duration(out.Expire) * time.Second}, nil
}
