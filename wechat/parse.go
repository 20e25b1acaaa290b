package wechat

import (
	"strconv"
	"strings"
	"time"
)

// Enough for every push without articles, so that reading one stays on the stack.
const (
	usualLeaves = 16
	usualInners = 4
)

// lastSecond is the end of the year 9999, past which a time has no text form.
const lastSecond = 253402300799

// Parse reads the inner XML of a push. What is unknown to us becomes Unknown; only a text that is no XML, that uses
// more of XML than WeChat does, or that lacks FromUserName or MsgType is refused. Errors: ErrBroken, ErrTooLarge.
func Parse(plain []byte) (Push, error) {
	if len(plain) > MaxBody {
		return Push{}, refuse(ErrTooLarge, "push")
	}
	var leaves [usualLeaves]leaf
	var inners [usualInners]inner
	t := tree{leaves: leaves[:0], inners: inners[:0]}
	if err := t.read(plain); err != nil {
		return Push{}, err
	}
	p := Push{
		ToUser:     t.get(top, "ToUserName"),
		FromUser:   t.get(top, "FromUserName"),
		CreateTime: unixTime(t.get(top, "CreateTime")),
		MsgType:    strings.ToLower(t.get(top, "MsgType")),
		MsgID:      t.get(top, "MsgId"),
	}
	if p.FromUser == "" || p.MsgType == "" {
		return Push{}, refuse(ErrBroken, "sender or kind missing")
	}
	if p.MsgType != "event" {
		p.Body = messageBody(p.MsgType, &t)
		return p, nil
	}
	p.Event = strings.ToLower(t.get(top, "Event"))
	if p.MsgID == "" {
		p.MsgID = t.get(top, "MsgID")
	}
	p.eventKey = t.get(top, "EventKey")
	p.about = distinguishing(&t)
	p.Body = eventBody(p.Event, p.eventKey, p.MsgID, &t)
	return p, nil
}

func unixTime(text string) time.Time {
	seconds, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || seconds <= 0 || seconds > lastSecond {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

func messageBody(kind string, t *tree) Body {
	switch kind {
	case "text":
		return Text{Content: t.get(top, "Content"), MenuID: t.get(top, "bizmsgmenuid")}
	case "image":
		return Image{PicURL: t.get(top, "PicUrl"), MediaID: t.get(top, "MediaId")}
	case "voice":
		return Voice{
			MediaID:     t.get(top, "MediaId"),
			Format:      t.get(top, "Format"),
			MediaID16K:  t.get(top, "MediaId16K"),
			Recognition: t.get(top, "Recognition"),
		}
	case "video", "shortvideo":
		return Video{MediaID: t.get(top, "MediaId"), ThumbMediaID: t.get(top, "ThumbMediaId"), Short: kind == "shortvideo"}
	case "location":
		return Location{
			Lat:   degrees(t.get(top, "Location_X")),
			Lng:   degrees(t.get(top, "Location_Y")),
			Scale: number(t.get(top, "Scale")),
			Label: t.get(top, "Label"),
		}
	case "link":
		return Link{Title: t.get(top, "Title"), Description: t.get(top, "Description"), URL: t.get(top, "Url")}
	default:
		return unknownBody(t)
	}
}

// unknownBody keeps every leaf but the common ones, which stand in the Push.
func unknownBody(t *tree) Body {
	fields := make([]Field, 0, len(t.leaves))
	for _, l := range t.leaves {
		if l.parent == top && isCommon(l.name) {
			continue
		}
		fields = append(fields, Field{Name: t.path(l), Value: l.value})
	}
	return Unknown{Fields: fields}
}

func isCommon(name string) bool {
	switch name {
	case "ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "Event":
		return true
	default:
		return false
	}
}

// degrees is also used for metres. NaN and infinities, which ParseFloat takes, would break JSON and SQL further on.
func degrees(text string) float64 {
	value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || value != value || value > 1e9 || value < -1e9 {
		return 0
	}
	return value
}
