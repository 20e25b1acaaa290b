package simulator

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// sentTemplateLife is how long WeChat remembers a client_msg_id for sure.
const sentTemplateLife = 10 * time.Minute

// maxTemplates is how many templates an account may have.
const maxTemplates = 25

type sentTemplate struct {
	msgID int64
	at    time.Time
}

var templateField = regexp.MustCompile(`\{\{(\w+)\.DATA\}\}`)

// AddTemplate puts a template into the account's library, of template messages or of subscription notifications. It
// returns the template id, which is made here when it is empty.
func (s *Simulator) AddTemplate(appid string, t Template) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	acc, err := s.account(appid)
	if err != nil {
		return "", err
	}
	if !templateField.MatchString(t.Content) {
		return "", errors.New("simulator: the template's content has no {{name.DATA}} field")
	}
	if t.ID == "" {
		t.ID = s.id(43, "template", appid, t.Title, t.Content)
	}
	acc.templates = slices.DeleteFunc(acc.templates, func(o *Template) bool { return o.ID == t.ID })
	acc.templates = append(acc.templates, &t)
	return t.ID, nil
}

func (acc *account) template(id string, subscribe bool) *Template {
	for _, t := range acc.templates {
		if t.ID == id && t.Subscribe == subscribe {
			return t
		}
	}
	return nil
}

type templateData map[string]struct {
	Value string `json:"value"`
}

// fill checks the data as WeChat does and writes the text that the phone shows.
func (t *Template) fill(data templateData) (string, *fail) {
	for _, m := range templateField.FindAllStringSubmatch(t.Content, -1) {
		if !validField(m[1], data[m[1]].Value) {
			return "", failedWith(47003, "data."+m[1]+".value invalid")
		}
	}
	return templateField.ReplaceAllStringFunc(t.Content, func(m string) string {
		return data[templateField.FindStringSubmatch(m)[1]].Value
	}), nil
}

// validField checks a value against the type that the field's name begins with.
func validField(name, value string) bool {
	n := utf8.RuneCountInString(value)
	if n == 0 {
		return false
	}
	every := func(fits func(rune) bool) bool {
		return !strings.ContainsFunc(value, func(r rune) bool { return !fits(r) })
	}
	han := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	switch strings.TrimRight(name, "0123456789") {
	case "thing":
		return n <= 20
	case "phrase":
		return n <= 5 && every(han)
	case "character_string":
		return n <= 32 && every(func(r rune) bool { return r > 32 && r < 127 })
	case "letter":
		return n <= 32 && every(func(r rune) bool { return r < unicode.MaxASCII && unicode.IsLetter(r) })
	case "symbol":
		return n <= 5 && every(func(r rune) bool { return r < unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r)) })
	case "name":
		return n <= 10 && every(han) || n <= 20 && !strings.ContainsFunc(value, han)
	case "car_number":
		return n <= 8 && every(func(r rune) bool {
			return han(r) || r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r))
		})
	case "number":
		return n <= 32 && strings.ContainsAny(value, "0123456789") && every(func(r rune) bool { return strings.ContainsRune("0123456789.-+", r) })
	case "amount":
		return n <= 32 && strings.ContainsAny(value, "0123456789") && !strings.ContainsFunc(strings.TrimSuffix(value, "元"), han)
	case "time", "date":
		return n <= 40 && strings.ContainsAny(value, "0123456789")
	case "phone_number":
		return n <= 17 && every(func(r rune) bool { return r >= '0' && r <= '9' || r == '+' || r == '-' })
	}
	return true
}

func templateSend(c *call) (any, *fail) {
	var in struct {
		ToUser      string       `json:"touser"`
		TemplateID  string       `json:"template_id"`
		URL         string       `json:"url"`
		ClientMsgID string       `json:"client_msg_id"`
		Data        templateData `json:"data"`
		MiniProgram struct {
			AppID    string `json:"appid"`
			PagePath string `json:"pagepath"`
		} `json:"miniprogram"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	r, f := c.fan(in.ToUser)
	if f != nil {
		return nil, f
	}
	t := c.acc.template(in.TemplateID, false)
	if t == nil {
		return nil, failed(40037)
	}
	text, f := t.fill(in.Data)
	if f != nil {
		return nil, f
	}
	if !r.subscribed {
		return nil, failed(43004)
	}
	type answer struct {
		done
		MsgID int64 `json:"msgid"`
	}
	key := r.openid + "|" + in.ClientMsgID
	if old, sent := c.acc.templateSent[key]; sent && in.ClientMsgID != "" && c.at.Sub(old.at).Abs() < sentTemplateLife {
		return answer{ok(), old.msgID}, nil
	}
	id := c.number()
	if in.ClientMsgID != "" {
		maps.DeleteFunc(c.acc.templateSent, func(_ string, v sentTemplate) bool { return c.at.Sub(v.at) > sentTemplateLife })
		c.acc.templateSent[key] = sentTemplate{id, c.at}
	}
	usual := "success"
	if r.refuses || r.blocked {
		usual = "failed:user block"
	}
	status := c.jobStatus(c.acc, "TEMPLATESENDJOBFINISH", usual)
	if status == "success" {
		c.receive(r, Received{Via: ViaTemplate, Kind: "template", Title: t.Title, Text: text, URL: in.URL, Page: in.MiniProgram.PagePath, MsgID: id})
	}
	c.pushJob(c.acc, r, r.openid, Field{Name: "Event", Value: "TEMPLATESENDJOBFINISH"}, number("MsgID", id), Field{Name: "Status", Value: status})
	return answer{ok(), id}, nil
}

func subscribeSend(c *call) (any, *fail) {
	var in struct {
		ToUser     string       `json:"touser"`
		TemplateID string       `json:"template_id"`
		Page       string       `json:"page"` // of the web, for service accounts
		Data       templateData `json:"data"`

		MiniProgram struct {
			PagePath string `json:"pagepath"`
		} `json:"miniprogram"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	r, f := c.fan(in.ToUser)
	if f != nil {
		return nil, f
	}
	t := c.acc.template(in.TemplateID, true)
	if t == nil {
		return nil, failed(40037)
	}
	text, f := t.fill(in.Data)
	if f != nil {
		return nil, f
	}
	if r.consents[t.ID] < 1 {
		return nil, failed(43101)
	}
	r.consents[t.ID]--
	id := c.number()
	status := c.jobStatus(c.acc, "subscribe_msg_sent_event", "success")
	code := "0"
	if status == "success" {
		c.receive(r, Received{Via: ViaSubscribe, Kind: "template", Title: t.Title, Text: text, URL: in.Page, Page: in.MiniProgram.PagePath, MsgID: id})
	} else {
		code = "-1"
	}
	c.pushJob(c.acc, r, r.openid, Field{Name: "Event", Value: "subscribe_msg_sent_event"},
		Field{Name: "SubscribeMsgSentEvent", Fields: []Field{{Name: "List", Fields: []Field{
			{Name: "TemplateId", Value: t.ID}, number("MsgID", id), {Name: "ErrorCode", Value: code}, {Name: "ErrorStatus", Value: status},
		}}}})
	return ok(), nil
}
