package campaign

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/delivery"
	"liuke/service/fault"
	"liuke/service/sms"
	"liuke/service/textmessage"
)

// optOutWords must stand in every offer by text message, or carriers keep it back (Tencent Cloud, document 382/13301).
const optOutWords = "拒收请回复R"

var (
	smsTemplateID = regexp.MustCompile(`^[0-9]{1,20}$`)
	smsBlank      = regexp.MustCompile(`\{([0-9]{1,2})\}`)
	smsLink       = regexp.MustCompile(`(?i)https?:|www\.`)
)

// checkSMS holds a text message against the rules of templates and their blanks (Tencent Cloud, document 382/39023).
func checkSMS(c model.CampaignContent) error {
	const at = "content.sms"
	t := c.SMS
	switch {
	case t == nil || !smsTemplateID.MatchString(t.ID):
		return fault.Input(at+".id", "required")
	case strings.TrimSpace(t.Text) == "":
		return fault.Input(at+".text", "required")
	case !utf8.ValidString(t.Text):
		return fault.Input(at+".text", "invalid")
	case utf8.RuneCountInString(t.Text) > textmessage.MaxRunes:
		return fault.Input(at+".text", "too_long")
	case model.UnknownField(t.Text, nil) != "":
		return fault.Input(at+".text", "fields_only_in_blanks")
	case strings.ContainsAny(t.Text, "【】"):
		return fault.Input(at+".text", "no_brackets")
	case c.Purpose == model.CampaignOffer && !strings.Contains(t.Text, optOutWords):
		return fault.Input(at+".text", "opt_out_words")
	case blanksOf(t.Text) != len(t.Params) || len(t.Params) > model.MaxSMSParams:
		return fault.Input(at+".params", "blanks")
	}
	for i, p := range t.Params {
		field := at + ".params[" + strconv.Itoa(i) + "]"
		if err := checkText(field, p, model.MaxTextBytes); err != nil {
			return err
		}
		if smsLink.MatchString(p) || strings.Contains(p, "{optout}") {
			return fault.Input(field, "no_link")
		}
	}
	return nil
}

// blanksOf counts the blanks {1}, {2} … of a template, or gives -1 where one is left out.
func blanksOf(text string) int {
	found := map[string]bool{}
	for _, m := range smsBlank.FindAllStringSubmatch(text, -1) {
		found[m[1]] = true
	}
	for n := range len(found) {
		if !found[strconv.Itoa(n+1)] {
			return -1
		}
	}
	return len(found)
}

func fillSMS(t *model.CampaignSMS, fields map[string]string) *model.CampaignSMS {
	if t == nil {
		return nil
	}
	without := maps.Clone(fields)
	without["optout"] = "" // no blank may hold a link
	filled := model.CampaignSMS{ID: t.ID, Text: t.Text, Params: make([]string, len(t.Params))}
	for i, p := range t.Params {
		filled.Params[i] = model.FillFields(p, without)
	}
	return &filled
}

// filledSMS is a text message as the phone shows it, without its signature.
func filledSMS(t *model.CampaignSMS) string {
	if t == nil {
		return ""
	}
	return textmessage.Filled(t.Text, t.Params)
}

// marked begins what a chat shows of a text message, so that its reader knows that it is not in WeChat.
const marked = "（短信）"

// bySMS is the content of a text message, or why its words do not fit.
func bySMS(t *model.CampaignSMS, settings model.SMSSettings) (delivery.Content, string) {
	text := textmessage.Signed(settings.Signature, filledSMS(t))
	switch {
	case utf8.RuneCountInString(text) > textmessage.MaxRunes:
		return delivery.Content{}, "text_too_long"
	case slices.ContainsFunc(t.Params, func(p string) bool { return strings.TrimSpace(p) == "" }):
		return delivery.Content{}, "text_does_not_fit"
	}
	return delivery.Content{Text: marked + text, SMS: &delivery.SMS{TemplateID: t.ID, Text: t.Text, Params: t.Params}}, ""
}

// byPhone is how a member stands with text messages.
type byPhone struct {
	closed   string // why he gets none; empty: he does
	settings model.SMSSettings
}

// phones reads who of a batch gets text messages of a campaign. That there is a number is all that is looked at.
func phones(db *gorm.DB, c model.Campaign, all map[string]*person) error {
	if !contains(c.Channels, model.ChannelSMS) {
		return nil
	}
	settings, err := sms.Of(db, c.AccountID)
	if err != nil {
		return err
	}
	for _, p := range all {
		p.sms = byPhone{settings: settings}
		switch {
		case !settings.On():
			p.sms.closed = sms.ReasonOff
		case len(p.member.PhoneSealed) == 0:
			p.sms.closed = "no_phone"
		}
	}
	return nil
}

// outOfHours puts an offer by text message off to the hours in which providers take it.
func outOfHours(content model.CampaignContent, d decision, now time.Time) decision {
	if d.channel != model.ChannelSMS {
		return d
	}
	if until := smsUntil(content, now); until > 0 {
		return decision{until: until}
	}
	return d
}

// smsUntil is when offers by text message may leave again, or 0 when they may now.
func smsUntil(content model.CampaignContent, now time.Time) int64 {
	local := now.In(model.Zone(""))
	if content.Purpose != model.CampaignOffer || local.Hour() >= model.SMSFrom && local.Hour() < model.SMSTo {
		return 0
	}
	day := local.Day()
	if local.Hour() >= model.SMSTo {
		day++
	}
	return time.Date(local.Year(), local.Month(), day, model.SMSFrom, 0, 0, 0, local.Location()).UnixMilli()
}

const (
	// reasonQuiet says that it is a time in which nothing leaves.
	reasonQuiet = "quiet_hours"
	// freshFor is how long after it was decided a message leaves without a second look at the clock.
	freshFor = time.Minute
)

// lateQuiet is a reason where a message that has waited in the outbox, for a budget or the next day, would leave in quiet
// hours (H7). One that leaves at once was decided outside of them.
func (s *Service) lateQuiet(db *gorm.DB, d model.Delivery, content model.CampaignContent) (string, error) {
	now := s.db.Now()
	if now.Sub(model.Time(d.CreatedAt)) < freshFor {
		return "", nil
	}
	if d.Channel == model.ChannelSMS && smsUntil(content, now) > 0 {
		return reasonQuiet, nil
	}
	settings, err := settingsOf(db, d.AccountID)
	if err != nil {
		return "", err
	}
	var zones []string
	err = db.Table("members").Joins("JOIN stores ON stores.id = members.store_id").Where("members.id = ?", d.MemberID).Pluck("stores.time_zone", &zones).Error
	if err != nil {
		return "", fmt.Errorf("find the zone of a member: %w", err)
	}
	if quietUntil(settings, &person{zone: model.Zone(strings.Join(zones, ""))}, now) > 0 {
		return reasonQuiet, nil
	}
	return "", nil
}

// stopUntilMended pauses a campaign whose text messages nobody takes before a person has mended something: a bill, a key, a
// template. The recipient waits for that; nothing was sent to him.
func (s *Service) stopUntilMended(tx *database.Tx, d model.Delivery, r model.Recipient) error {
	if err := s.waitAgain(tx, d, r.Tried); err != nil {
		return err
	}
	var c model.Campaign
	if err := tx.Lock().First(&c, "id = ?", d.SourceID).Error; err != nil {
		return fmt.Errorf("hold a campaign: %w", err)
	}
	if c.State != model.CampaignRunning {
		return nil
	}
	return s.pause(tx, c, "refused:"+d.Reason)
}

// SMSForecast is how many text messages a campaign would send to the members who were looked at, and what they cost.
type SMSForecast struct {
	Messages, Parts, Cost int64
	Settings              model.SMSSettings
}

// smsForecast begins it; nil for a campaign without text messages.
func smsForecast(db *gorm.DB, c model.Campaign) (*SMSForecast, error) {
	if !contains(c.Channels, model.ChannelSMS) {
		return nil, nil
	}
	settings, err := sms.Of(db, c.AccountID)
	return &SMSForecast{Settings: settings}, err
}

// count adds n members who are decided about like this one.
func (f *SMSForecast) count(content model.CampaignContent, p *person, d decision, n int64) {
	if f == nil || d.skip || d.channel != model.ChannelSMS {
		return
	}
	parts := textmessage.Parts(f.Settings.Signature, filledSMS(fillSMS(content.SMS, fieldsOf(p))))
	f.Messages += n
	f.Parts += n * parts
	f.Cost += n * parts * f.Settings.Price
}
