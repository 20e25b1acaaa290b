package simulator

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
)

// reply is the body of an answer to a push.
type reply struct {
	XMLName      xml.Name `xml:"xml"`
	ToUserName   string
	FromUserName string
	CreateTime   int64
	MsgType      string
	Content      string
	Image        struct{ MediaId string }                                                //nolint:revive // WeChat's name
	Voice        struct{ MediaId string }                                                //nolint:revive // WeChat's name
	Video        struct{ MediaId, Title, Description string }                            //nolint:revive // WeChat's name
	Music        struct{ Title, Description, MusicUrl, HQMusicUrl, ThumbMediaId string } //nolint:revive // WeChat's name
	ArticleCount int
	Articles     []struct{ Title, Description, PicUrl, Url string } `xml:"Articles>item"` //nolint:revive // WeChat's name
}

type sealedReply struct {
	XMLName      xml.Name `xml:"xml"`
	Encrypt      string
	MsgSignature string
	TimeStamp    string
	Nonce        string
}

// readReply checks an answer as WeChat does. Nil without an error means "nothing to say".
func readReply(acc *account, openid string, body []byte) (*reply, error) {
	if len(body) == 0 || string(body) == "success" {
		return nil, nil //nolint:nilnil // no reply is a good answer
	}
	if acc.key != nil {
		opened, err := open(acc, body)
		if err != nil {
			return nil, err
		}
		if len(opened) == 0 {
			return nil, nil //nolint:nilnil // no reply is a good answer
		}
		body = opened
	}
	var r reply
	if err := xml.NewDecoder(bytes.NewReader(body)).Decode(&r); err != nil {
		return nil, fmt.Errorf("read the reply: %w", err)
	}
	if r.ToUserName != openid || r.FromUserName != acc.OriginalID || r.CreateTime <= 0 {
		return nil, errors.New("the reply is not addressed to the person")
	}
	switch r.MsgType {
	case "text", "image", "voice", "video", "music", "transfer_customer_service":
	case "news":
		// One article since 2018-10-12, eight before.
		if len(r.Articles) != 1 || r.ArticleCount != 1 {
			return nil, errors.New("a news reply has one article")
		}
	default:
		return nil, errors.New("the reply is of no known kind")
	}
	return &r, nil
}

// open decrypts a reply in safe mode, where everything but an empty body and "success" is encrypted.
func open(acc *account, body []byte) ([]byte, error) {
	var sealed sealedReply
	if err := xml.NewDecoder(bytes.NewReader(body)).Decode(&sealed); err != nil {
		return nil, fmt.Errorf("read the encrypted reply: %w", err)
	}
	if sealed.Encrypt == "" {
		return nil, errors.New("the reply is not encrypted")
	}
	if sign(acc.Token, sealed.TimeStamp, sealed.Nonce, sealed.Encrypt) != sealed.MsgSignature {
		return nil, errors.New("the reply is not signed")
	}
	msg, appid, err := decrypt(acc.key, sealed.Encrypt)
	if err != nil {
		return nil, err
	}
	if appid != acc.AppID {
		return nil, errors.New("the reply is of another account")
	}
	return msg, nil
}

// showReply puts a passive reply on the phone. It does not count against the allowance.
func (s *Simulator) showReply(j *job, r *reply) {
	if r == nil || j.rel == nil || !j.replies || r.MsgType == "transfer_customer_service" {
		return
	}
	v := Received{Via: ViaPassive, Kind: r.MsgType, Text: r.Content}
	switch r.MsgType {
	case "image":
		v.MediaID = r.Image.MediaId
	case "voice":
		v.MediaID = r.Voice.MediaId
	case "video":
		v.MediaID, v.Title, v.Description = r.Video.MediaId, r.Video.Title, r.Video.Description
	case "music":
		v.Title, v.Description, v.URL = r.Music.Title, r.Music.Description, r.Music.MusicUrl
	case "news":
		a := r.Articles[0]
		v.Title, v.Description, v.URL, v.PicURL = a.Title, a.Description, a.Url, a.PicUrl
	default:
		if strings.TrimSpace(v.Text) == "" {
			return
		}
	}
	j.rel.exchange = s.now()
	s.receive(j.rel, v)
}
