package simulator

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
)

// maxArticleImage is the largest picture for article bodies.
const maxArticleImage = 1 << 20

// upload reads the file of a multipart body, from the field that WeChat calls media.
func (c *call) upload() ([]byte, *fail) {
	ctype, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || ctype != "multipart/form-data" {
		return nil, failed(41005)
	}
	form := multipart.NewReader(bytes.NewReader(c.body), params["boundary"])
	for {
		part, err := form.NextPart()
		if err != nil {
			return nil, failed(41005)
		}
		if part.FormName() != "media" || part.FileName() == "" {
			continue
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, failed(41005)
		}
		return data, nil
	}
}

func (c *call) store(permanent bool) (*medium, *fail) {
	kind := c.query.Get("type")
	rule := mediaRules(kind, permanent)
	if rule == nil {
		return nil, failed(40004)
	}
	data, f := c.upload()
	if f != nil {
		return nil, f
	}
	ctype, ext := sniff(data)
	if f := rule.check(data, ext); f != nil {
		return nil, f
	}
	return c.addMedium(c.acc, kind, ctype, ext, data, permanent), nil
}

func mediaUpload(c *call) (any, *fail) {
	v, f := c.store(false)
	if f != nil {
		return nil, f
	}
	answer := struct {
		Type    string `json:"type"`
		MediaID string `json:"media_id,omitempty"`
		ThumbID string `json:"thumb_media_id,omitempty"`
		Created int64  `json:"created_at"`
	}{Type: v.kind, MediaID: v.id, Created: c.at.Unix()}
	if v.kind == "thumb" {
		answer.MediaID, answer.ThumbID = "", v.id
	}
	return answer, nil
}

// mediaGet answers the file itself; for a video it answers where the file can be fetched.
func mediaGet(c *call) (any, *fail) {
	id := c.query.Get("media_id")
	if id == "" {
		return nil, failed(41006)
	}
	v, f := c.medium(c.acc, id)
	if f != nil {
		return nil, f
	}
	if v.kind == "video" {
		return map[string]string{"video_url": c.base() + "/sim/media/" + url.PathEscape(v.id)}, nil
	}
	return fileAnswer{data: v.data, ctype: v.ctype, name: v.id + "." + v.ext}, nil
}

func articleImage(c *call) (any, *fail) {
	data, f := c.upload()
	if f != nil {
		return nil, f
	}
	ctype, ext := sniff(data)
	if ext != "png" && ext != "jpg" {
		return nil, failed(40005)
	}
	if len(data) >= maxArticleImage {
		return nil, failed(40009)
	}
	v := c.addMedium(c.acc, "article", ctype, ext, data, true)
	return map[string]string{"url": c.base() + "/sim/media/" + url.PathEscape(v.id)}, nil
}

func addMaterial(c *call) (any, *fail) {
	v, f := c.store(true)
	if f != nil {
		return nil, f
	}
	answer := map[string]string{"media_id": v.id}
	if v.kind == "image" {
		answer["url"] = c.base() + "/sim/media/" + url.PathEscape(v.id)
	}
	return answer, nil
}

func deleteMaterial(c *call) (any, *fail) {
	var in mediaRef
	if f := c.json(&in); f != nil {
		return nil, f
	}
	v, f := c.medium(c.acc, in.MediaID)
	if f != nil || !v.expires.IsZero() {
		return nil, failed(40007)
	}
	c.media.remove(v)
	return ok(), nil
}

func countMaterial(c *call) (any, *fail) {
	counts := map[string]int{"voice_count": 0, "video_count": 0, "image_count": 0, "news_count": 0}
	for _, v := range c.media.order {
		if v.acc == c.acc && v.expires.IsZero() && v.kind != "article" && v.kind != "thumb" {
			counts[v.kind+"_count"]++
		}
	}
	return counts, nil
}
