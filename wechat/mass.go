package wechat

import (
	"context"
	"errors"
	"strconv"
	"time"
)

const (
	apiMassSend   = "message/mass/send"
	apiMassGet    = "message/mass/get"
	apiMassDelete = "message/mass/delete"
)

// How many followers one mass send may name.
const (
	MassLeast = 2
	MassMost  = 10_000
)

// MassIDLife is how long WeChat knows a mass send again by its ClientMsgID, counted from the first try. After it, a
// send whose answer was lost must not be tried again.
const MassIDLife = 24 * time.Hour

// massIDPause is how long WeChat wants between two tries of one ClientMsgID.
const massIDPause = time.Minute

const maxMassID = 64 // bytes

// KindArticles is a kind for SendMass only: articles that were made at WeChat before (mpnews).
const KindArticles = "mpnews"

// MassMessage is one content for many followers (群发). Everybody gets the same words, at most four such sends a
// calendar month (Beijing) whatever we ask: WeChat leaves out who has had them. Kind says which field counts: text:
// Text; image: MediaID; mpnews: MediaID of a draft.
type MassMessage struct {
	ToUsers []string // MassLeast to MassMost openids, nobody twice
	Kind    string
	Text    string
	MediaID string
	// ClientMsgID makes the send happen once in MassIDLife; at most 64 bytes. Without one WeChat would refuse the same
	// words to the same people for a day, so it is required.
	ClientMsgID string
}

type massBody struct {
	ToUsers     []string     `json:"touser"`
	Kind        string       `json:"msgtype"`
	Text        *customText  `json:"text,omitempty"`
	Images      *massImages  `json:"images,omitempty"`
	Articles    *customMedia `json:"mpnews,omitempty"`
	Reprint     *int         `json:"send_ignore_reprint,omitempty"`
	ClientMsgID string       `json:"clientmsgid"`
}

type massImages struct {
	MediaIDs [1]string `json:"media_ids"`
}

// SendMass gives WeChat a mass send and returns its id there, by which MassState asks and MassSendFinished tells how it
// ended: a job taken is not yet a message sent. Of a repeat of a send that WeChat has already, it returns the id of
// that one; the id is empty if WeChat does not name it. Errors: *Error; see ResultOf.
func (a *API) SendMass(ctx context.Context, m MassMessage) (string, error) {
	body, ok := mass(m)
	if !ok {
		return "", badInput(apiMassSend)
	}
	var out struct {
		MsgID int64 `json:"msg_id"`
	}
	r := request{api: apiMassSend, path: "/cgi-bin/message/mass/send"}
	err := a.post(ctx, r, body, &out)
	var failure *Error
	if errors.As(err, &failure) && failure.Reaction == ReactAccepted {
		return failure.msgID, nil
	}
	return sentAs(r, out.MsgID, err)
}

// sentAs refuses a success without an id: whoever said that, it was not WeChat taking a message.
func sentAs(r request, id int64, err error) (string, error) {
	switch {
	case err != nil:
		return "", err
	case id <= 0:
		return "", badAnswer(r)
	default:
		return strconv.FormatInt(id, 10), nil
	}
}

// mass is !ok if the message lacks what its kind needs, or its list or id does not fit.
func mass(m MassMessage) (body massBody, ok bool) {
	body = massBody{ToUsers: m.ToUsers, Kind: m.Kind, ClientMsgID: m.ClientMsgID}
	switch m.Kind {
	case KindText:
		body.Text, ok = &customText{m.Text}, m.Text != ""
	case KindImage:
		body.Images, ok = &massImages{[1]string{m.MediaID}}, m.MediaID != ""
	case KindArticles:
		body.Articles, body.Reprint, ok = &customMedia{m.MediaID}, new(int), m.MediaID != ""
	}
	fits := m.ClientMsgID != "" && len(m.ClientMsgID) <= maxMassID && len(m.ToUsers) >= MassLeast && len(m.ToUsers) <= MassMost
	return body, ok && fits && allDifferent(m.ToUsers)
}

func allDifferent(openids []string) bool {
	seen := make(map[string]bool, len(openids))
	for _, openid := range openids {
		if openid == "" || seen[openid] {
			return false
		}
		seen[openid] = true
	}
	return true
}

// MassState is how far a mass send has come.
type MassState string

// The states of a mass send. MassOther is a word of WeChat's that is not known here.
const (
	MassSending MassState = "sending"
	MassSent    MassState = "sent"
	MassFailed  MassState = "failed"
	MassDeleted MassState = "deleted"
	MassOther   MassState = "other"
)

// MassState asks for the state of a mass send, because its event may get lost. It tells no counts. Errors: *Error.
func (a *API) MassState(ctx context.Context, msgID string) (MassState, error) {
	if msgID == "" {
		return "", badInput(apiMassGet)
	}
	var out struct {
		Status string `json:"msg_status"`
	}
	err := a.post(ctx, request{api: apiMassGet, path: "/cgi-bin/message/mass/get"}, map[string]string{"msg_id": msgID}, &out)
	if err != nil {
		return "", err
	}
	switch out.Status {
	case "SENDING":
		return MassSending, nil
	case "SEND_SUCCESS":
		return MassSent, nil
	case "SEND_FAIL":
		return MassFailed, nil
	case "DELETE":
		return MassDeleted, nil
	default:
		return MassOther, nil
	}
}

// DeleteMass takes the articles of a mass send off; the card stays on the phones. WeChat deletes nothing but articles
// and videos, and nothing before it was sent. Errors: *Error.
func (a *API) DeleteMass(ctx context.Context, msgID string) error {
	id, err := strconv.ParseInt(msgID, 10, 64)
	if err != nil {
		return badInput(apiMassDelete)
	}
	return a.post(ctx, request{api: apiMassDelete, path: "/cgi-bin/message/mass/delete"}, map[string]int64{"msg_id": id}, nil)
}
