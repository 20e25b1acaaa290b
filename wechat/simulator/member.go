package simulator

import (
	"fmt"
	"strconv"
)

// say is the common part of everything a person writes: it opens the long window and pushes. What a person on the
// blacklist writes reaches nobody.
func (s *Simulator) say(r *relation, shown Received, fields ...Field) (int64, error) {
	if err := s.full(); err != nil {
		return 0, err
	}
	s.mine(r, shown)
	if r.blocked {
		return 0, nil
	}
	now := s.now()
	r.allow.message(now)
	r.exchange = now
	return s.pushMessage(r, fields...), nil
}

// SendText writes a text to the account. It returns the MsgId.
func (s *Simulator) SendText(appid, openid, text string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.follower(appid, openid)
	if err != nil {
		return 0, err
	}
	return s.say(r, Received{Kind: "text", Text: text}, Field{Name: "MsgType", Value: "text"}, Field{Name: "Content", Value: text})
}

// TapReply taps an entry of a msgmenu that the account sent. It arrives like a text, but opens only the short window.
func (s *Simulator) TapReply(appid, openid, id string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.follower(appid, openid)
	if err != nil {
		return 0, err
	}
	if err := s.full(); err != nil {
		return 0, err
	}
	for i := len(r.chat) - 1; i >= 0; i-- {
		for _, item := range r.chat[i].Items {
			if item.ID != id {
				continue
			}
			s.mine(r, Received{Kind: "text", Text: item.Content})
			r.allow.trigger(s.now())
			r.exchange = s.now()
			return s.pushMessage(r, Field{Name: "MsgType", Value: "text"}, Field{Name: "Content", Value: item.Content},
				Field{Name: "bizmsgmenuid", Value: id}), nil
		}
	}
	return 0, fmt.Errorf("tap the entry %q: %w", id, errNoButton)
}

// SendImage sends a PNG, JPEG or GIF; nil sends a small picture made here.
func (s *Simulator) SendImage(appid, openid string, data []byte) (int64, error) {
	if data == nil {
		data = samplePicture()
	}
	return s.sendMedia(appid, openid, "image", "image", data)
}

// SendVoice sends an AMR or MP3; nil sends two seconds of silence.
func (s *Simulator) SendVoice(appid, openid string, data []byte) (int64, error) {
	if data == nil {
		data = sampleVoice()
	}
	return s.sendMedia(appid, openid, "voice", "voice", data)
}

// SendVideo sends an MP4; nil sends the head of one.
func (s *Simulator) SendVideo(appid, openid string, data []byte) (int64, error) {
	if data == nil {
		data = sampleVideo()
	}
	return s.sendMedia(appid, openid, "video", "video", data)
}

// SendShortVideo sends an MP4 as the phone's own short video; nil sends the head of one.
func (s *Simulator) SendShortVideo(appid, openid string, data []byte) (int64, error) {
	if data == nil {
		data = sampleVideo()
	}
	return s.sendMedia(appid, openid, "shortvideo", "video", data)
}

func (s *Simulator) sendMedia(appid, openid, msgType, kind string, data []byte) (int64, error) {
	ctype, ext := sniff(data)
	if f := mediaRules(kind, false).check(data, ext); f != nil {
		return 0, fmt.Errorf("send a %s: %w", kind, errMedia)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.follower(appid, openid)
	if err != nil {
		return 0, err
	}
	v := s.addMedium(r.acc, kind, ctype, ext, data, false)
	fields := []Field{{Name: "MsgType", Value: msgType}}
	switch kind {
	case "image":
		fields = append(fields, Field{Name: "PicUrl", Value: "http://mmbiz.qpic.cn/mmbiz_" + ext + "/" + v.id + "/0"}, Field{Name: "MediaId", Value: v.id})
	case "voice":
		better := s.addMedium(r.acc, kind, ctype, ext, data, false)
		fields = append(fields, Field{Name: "MediaId", Value: v.id}, Field{Name: "Format", Value: ext}, Field{Name: "MediaId16K", Value: better.id})
	default:
		thumb := s.addMedium(r.acc, "thumb", "image/jpeg", "jpg", sampleThumb(), false)
		fields = append(fields, Field{Name: "MediaId", Value: v.id}, Field{Name: "ThumbMediaId", Value: thumb.id})
	}
	return s.say(r, Received{Kind: msgType, MediaID: v.id}, fields...)
}

// SendLocation sends a place.
func (s *Simulator) SendLocation(appid, openid string, lat, lng float64, label string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.follower(appid, openid)
	if err != nil {
		return 0, err
	}
	return s.say(r, Received{Kind: "location", Text: label},
		Field{Name: "MsgType", Value: "location"},
		Field{Name: "Location_X", Value: strconv.FormatFloat(lat, 'f', 6, 64), Number: true},
		Field{Name: "Location_Y", Value: strconv.FormatFloat(lng, 'f', 6, 64), Number: true},
		number("Scale", 15),
		Field{Name: "Label", Value: label})
}

// SendLink shares a link.
func (s *Simulator) SendLink(appid, openid, title, description, url string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.follower(appid, openid)
	if err != nil {
		return 0, err
	}
	return s.say(r, Received{Kind: "link", Title: title, Description: description, URL: url},
		Field{Name: "MsgType", Value: "link"}, Field{Name: "Title", Value: title},
		Field{Name: "Description", Value: description}, Field{Name: "Url", Value: url})
}

// SendRaw pushes the fields as they are, in the person's name; the common ones are added where they are missing, and a
// MsgId unless it is an event or has one. It opens no window. Odd kinds and fields come in by this road.
func (s *Simulator) SendRaw(appid, openid string, fields ...Field) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.relation(appid, openid)
	if err != nil {
		return 0, err
	}
	if err := s.full(); err != nil {
		return 0, err
	}
	if value(fields, "MsgType") == "event" || value(fields, "MsgId") != "" {
		s.enqueue(r.acc, r, r.openid, 0, false, fields)
		return 0, nil
	}
	return s.pushMessage(r, append([]Field{}, fields...)...), nil
}
