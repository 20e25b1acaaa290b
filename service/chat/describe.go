package chat

import (
	"encoding/json"
	"strings"

	"liuke/model"
	"liuke/service/inbound"
	"liuke/wechat"
)

// described is a push as a message's columns.
type described struct {
	kind          string
	text          string
	payload       string
	wechatMediaID string
}

// Place is the payload of a location.
type Place struct {
	Lat   float64 `json:"lat"`
	Lng   float64 `json:"lng"`
	Scale int     `json:"scale"`
	Label string  `json:"label"`
}

// LinkCard is the payload of a link.
type LinkCard struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	URL         string `json:"url"`
}

// EventLine is the payload of an event.
type EventLine struct {
	Event string `json:"event"`
	Key   string `json:"key,omitempty"`
}

// Raw is the payload of what we do not know: nothing of it is lost.
type Raw struct {
	MsgType string `json:"msg_type"`
	Event   string `json:"event,omitempty"`
	XML     string `json:"xml"`
}

// describe turns any push into a message's columns. What it does not know becomes "unsupported" with all it had.
func describe(r inbound.Received) described {
	switch b := r.Push.Body.(type) {
	case wechat.Text:
		return described{kind: model.KindText, text: clean(b.Content)}
	case wechat.Image:
		return described{kind: model.KindImage, wechatMediaID: clean(b.MediaID)}
	case wechat.Voice:
		return described{kind: model.KindVoice, text: clean(b.Recognition), wechatMediaID: clean(b.MediaID)}
	case wechat.Video:
		kind := model.KindVideo
		if b.Short {
			kind = model.KindShortVideo
		}
		return described{kind: kind, wechatMediaID: clean(b.MediaID)}
	case wechat.Location:
		return described{
			kind: model.KindLocation, text: clean(b.Label),
			payload: encode(Place{Lat: b.Lat, Lng: b.Lng, Scale: b.Scale, Label: clean(b.Label)}),
		}
	case wechat.Link:
		return described{
			kind: model.KindLink, text: clean(b.Title),
			payload: encode(LinkCard{Title: clean(b.Title), Description: clean(b.Description), URL: clean(b.URL)}),
		}
	case wechat.Unknown:
		return unsupported(r)
	}
	if r.Push.Event == "" {
		return unsupported(r)
	}
	return described{kind: model.KindEvent, payload: encode(EventLine{Event: clean(r.Push.Event), Key: clean(eventKey(r.Push.Body))})}
}

func unsupported(r inbound.Received) described {
	return described{
		kind:    model.KindUnsupported,
		payload: encode(Raw{MsgType: clean(r.Push.MsgType), Event: clean(r.Push.Event), XML: clean(string(r.Raw))}),
	}
}

func eventKey(body wechat.Body) string {
	switch b := body.(type) {
	case wechat.Click:
		return b.Key
	case wechat.View:
		return b.URL
	}
	return ""
}

// clean makes text storable: bytes that are no UTF-8 become the replacement character; everything else stays.
func clean(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// encode writes a payload; the types above cannot fail.
func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "{}"
	}
	return string(b)
}
