package simulator

import (
	"time"
)

// The limits of customer messages and the typing mark.
const (
	maxText        = 2048 // bytes; WeChat states none, this is what is known to pass
	typingLife     = 15 * time.Second
	typingExchange = 30 * time.Second
)

// content is the part of a message that customer and mass messages share.
type content struct {
	MsgType string `json:"msgtype"`
	Text    struct {
		Content string `json:"content"`
	} `json:"text"`
	Image mediaRef `json:"image"`
	Voice mediaRef `json:"voice"`
	Video struct {
		MediaID      string `json:"media_id"`
		ThumbMediaID string `json:"thumb_media_id"`
		Title        string `json:"title"`
		Description  string `json:"description"`
	} `json:"video"`
	Music struct {
		Title        string `json:"title"`
		Description  string `json:"description"`
		URL          string `json:"musicurl"`
		HQURL        string `json:"hqmusicurl"`
		ThumbMediaID string `json:"thumb_media_id"`
	} `json:"music"`
	News struct {
		Articles []article `json:"articles"`
	} `json:"news"`
	MPNews  mediaRef `json:"mpnews"`
	Article struct {
		ID string `json:"article_id"`
	} `json:"mpnewsarticle"`
	Menu struct {
		Head string `json:"head_content"`
		List []struct {
			ID      flexible `json:"id"`
			Content string   `json:"content"`
		} `json:"list"`
		Tail string `json:"tail_content"`
	} `json:"msgmenu"`
	Card struct {
		ID string `json:"card_id"`
	} `json:"wxcard"`
	MiniProgram struct {
		Title        string `json:"title"`
		AppID        string `json:"appid"`
		PagePath     string `json:"pagepath"`
		ThumbMediaID string `json:"thumb_media_id"`
	} `json:"miniprogrampage"`
}

type mediaRef struct {
	MediaID string `json:"media_id"`
}

type article struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	URL         string `json:"url"`
	PicURL      string `json:"picurl"`
}

func customSend(c *call) (any, *fail) {
	var in struct {
		content
		ToUser  string `json:"touser"`
		Service struct {
			KFAccount string `json:"kf_account"`
		} `json:"customservice"`
		AI struct {
			Is int `json:"is_ai_msg"`
		} `json:"aimsgcontext"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	r, f := c.fan(in.ToUser)
	if f != nil {
		return nil, f
	}
	v, f := c.customContent(&in.content)
	if f != nil {
		return nil, f
	}
	switch {
	case !r.subscribed:
		return nil, failed(43004)
	case r.blocked:
		return nil, failed(43019)
	case r.refuses:
		return nil, failed(48002)
	}
	if f := r.allow.take(c.at); f != nil {
		return nil, f
	}
	v.Via, v.KFAccount, v.AI = ViaCustom, in.Service.KFAccount, in.AI.Is == 1
	r.exchange, r.typing = c.at, time.Time{}
	c.receive(r, v)
	return ok(), nil
}

// fan finds the person behind an openid of this account, follower or not.
func (c *call) fan(openid string) (*relation, *fail) {
	r, known := c.relations[openid]
	if !known || r.acc != c.acc {
		return nil, failed(40003)
	}
	return r, nil
}

func (c *call) customContent(in *content) (Received, *fail) {
	v := Received{Kind: in.MsgType}
	switch in.MsgType {
	case "text":
		v.Text = in.Text.Content
		return v, checkText(v.Text)
	case "image":
		v.MediaID = in.Image.MediaID
		return v, c.mediumOf(c.acc, v.MediaID, "image")
	case "voice":
		v.MediaID = in.Voice.MediaID
		return v, c.mediumOf(c.acc, v.MediaID, "voice")
	case "video":
		v.MediaID, v.Title, v.Description = in.Video.MediaID, in.Video.Title, in.Video.Description
		if in.Video.ThumbMediaID != "" {
			if f := c.mediumOf(c.acc, in.Video.ThumbMediaID, "thumb", "image"); f != nil {
				return v, f
			}
		}
		return v, c.mediumOf(c.acc, v.MediaID, "video")
	case "music":
		v.Title, v.Description, v.URL = in.Music.Title, in.Music.Description, in.Music.URL
		return v, c.mediumOf(c.acc, in.Music.ThumbMediaID, "thumb", "image")
	case "mpnews":
		return c.acc.articles(in.MPNews.MediaID)
	case "news":
		return newsContent(in.News.Articles)
	}
	return c.cardContent(in, v)
}

func newsContent(articles []article) (Received, *fail) {
	v := Received{Kind: "news"}
	switch {
	case len(articles) == 0:
		return v, failed(44003)
	case len(articles) > 1:
		return v, failed(45008)
	case articles[0].Title == "" || articles[0].URL == "":
		return v, failed(44003)
	}
	a := articles[0]
	v.Title, v.Description, v.URL, v.PicURL = a.Title, a.Description, a.URL, a.PicURL
	return v, nil
}

func (c *call) cardContent(in *content, v Received) (Received, *fail) {
	switch in.MsgType {
	case "mpnewsarticle":
		if v.Title = in.Article.ID; v.Title == "" {
			return v, failed(40035)
		}
	case "wxcard":
		if v.Title = in.Card.ID; v.Title == "" {
			return v, failed(40035)
		}
	case "msgmenu":
		v.Text, v.Tail = in.Menu.Head+"\n"+in.Menu.Tail, in.Menu.Tail
		for _, item := range in.Menu.List {
			if item.ID == "" || item.Content == "" {
				return v, failed(40035)
			}
			v.Items = append(v.Items, Item{ID: string(item.ID), Content: item.Content})
		}
		if len(v.Items) == 0 {
			return v, failed(44004)
		}
		return v, checkText(v.Text)
	case "miniprogrampage":
		m := in.MiniProgram
		v.Title, v.URL, v.Page, v.MediaID = m.Title, m.AppID, m.PagePath, m.ThumbMediaID
		if m.Title == "" || m.AppID == "" || m.PagePath == "" {
			return v, failed(40035)
		}
		return v, c.mediumOf(c.acc, m.ThumbMediaID, "image", "thumb")
	default:
		return v, failed(40008)
	}
	return v, nil
}

func checkText(text string) *fail {
	if text == "" {
		return failed(44004)
	}
	if len(text) > maxText {
		return failed(45002)
	}
	return nil
}

func customTyping(c *call) (any, *fail) {
	var in struct {
		ToUser  string `json:"touser"`
		Command string `json:"command"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	r, f := c.fan(in.ToUser)
	if f != nil {
		return nil, f
	}
	if in.Command != "Typing" && in.Command != "CancelTyping" {
		return nil, failed(45072)
	}
	if !r.subscribed {
		return nil, failed(43004)
	}
	if in.Command == "CancelTyping" {
		r.typing = time.Time{}
		return ok(), nil
	}
	switch {
	case !r.allow.open(c.at):
		return nil, failed(45015)
	case c.at.Sub(r.exchange) > typingExchange:
		return nil, failed(45080)
	case c.at.Before(r.typing):
		return nil, failed(45081)
	}
	r.typing = c.at.Add(typingLife)
	return ok(), nil
}
