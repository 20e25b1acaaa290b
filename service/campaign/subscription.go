package campaign

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/delivery"
	"liuke/service/fault"
	"liuke/wechat"
)

// checkSubscription holds the fields of a subscription notice against their kinds, which their names tell (fact page,
// section 6). What members' names make of them is looked at for each member.
func checkSubscription(t *model.CampaignTemplate) error {
	const at = "content.subscription"
	if err := checkFilled(at, t); err != nil {
		return err
	}
	empty := map[string]string{}
	for _, name := range Fields() {
		empty[name] = ""
	}
	for _, name := range sortedKeys(t.Fields) {
		text := t.Fields[name]
		fixed := model.FillFields(text, empty)
		if strings.TrimSpace(fixed) == "" && fixed != text { // all of it is a field
			continue
		}
		if !(wechat.TemplateField{Name: name}).Fits(fixed) {
			return fault.Input(at+".fields."+name, "does_not_fit")
		}
	}
	return nil
}

// fits cuts the texts that a member's names made too long, where WeChat takes any words, and tells whether WeChat takes
// them all then.
func fits(t *model.CampaignTemplate) bool {
	for name, text := range t.Fields {
		field := wechat.TemplateField{Name: name}
		if field.Kind() == "thing" && utf8.RuneCountInString(text) > wechat.MaxThing {
			text = string([]rune(text)[:wechat.MaxThing-1]) + "…"
			t.Fields[name] = text
		}
		if !field.Fits(text) {
			return false
		}
	}
	return true
}

func byTemplate(t *model.CampaignTemplate) delivery.Content {
	return delivery.Content{Text: shown(t), Template: &delivery.Template{ID: t.ID, URL: t.URL, Fields: t.Fields}}
}

// granted reads who allows notices by the campaign's template.
func (s *Service) granted(db *gorm.DB, accountID string, content model.CampaignContent, all map[string]*person) error {
	if content.Subscription == nil {
		return nil
	}
	ids := make([]string, 0, len(all))
	for _, p := range all {
		if p.follower.OpenID != "" {
			ids = append(ids, p.follower.OpenID)
		}
	}
	left, err := s.delivery.Granted(db, accountID, content.Subscription.ID, ids)
	if err != nil {
		return fmt.Errorf("who grants notices: %w", err)
	}
	for _, p := range all {
		p.grants = left[p.follower.OpenID]
	}
	return nil
}

// holdGrant locks what a member grants until his message is queued, so that two campaigns never want the same one.
func (s *Service) holdGrant(tx *database.Tx, content model.CampaignContent, p *person) error {
	if content.Subscription == nil || p == nil || p.grants == 0 {
		return nil
	}
	var err error
	p.grants, err = s.delivery.GrantsTx(tx, p.follower, content.Subscription.ID)
	return err
}
