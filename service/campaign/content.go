package campaign

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"liuke/model"
	"liuke/service/fault"
)

// Fields are those that a text may have.
func Fields() []string { return []string{"member", "clerk", "store", "points", "child", "optout"} }

// channelsInOrder are the channels, the cheapest first (H15).
func channelsInOrder() []string {
	return []string{model.ChannelCustomer, model.ChannelSubscription, model.ChannelTemplate, model.ChannelMass, model.ChannelSMS, model.ChannelTask}
}

// checkContent tells what is wrong with a content for a list of channels.
func checkContent(c model.CampaignContent, channels []string) error {
	if c.Purpose != model.CampaignOffer && c.Purpose != model.CampaignNotice {
		return fault.Input("content.purpose", "unknown")
	}
	if len(channels) == 0 {
		return fault.Input("channels", "required")
	}
	for _, ch := range channels {
		switch ch {
		case model.ChannelCustomer:
			if err := checkText("content.text", c.Text, model.MaxTextBytes); err != nil {
				return err
			}
		case model.ChannelSubscription:
			if err := checkSubscription(c.Subscription); err != nil {
				return err
			}
		case model.ChannelTemplate:
			if err := checkTemplate(c); err != nil {
				return err
			}
		case model.ChannelMass:
			if err := checkMass("content.mass", c.Mass); err != nil {
				return err
			}
		case model.ChannelSMS:
			if err := checkSMS(c); err != nil {
				return err
			}
		case model.ChannelTask:
			if err := checkText("content.task", c.Task, 4*model.MaxTask); err != nil {
				return err
			}
			if utf8.RuneCountInString(c.Task) > model.MaxTask {
				return fault.Input("content.task", "too_long")
			}
		default:
			return fault.Input("channels", "unknown")
		}
	}
	if err := checkVariants("content.variants", c.Variants, func(field, text string) error {
		return checkText(field, text, model.MaxTextBytes)
	}); err != nil {
		return err
	}
	return checkVariants("content.mass_variants", c.MassVariants, checkMass)
}

func checkVariants(field string, variants map[string]string, check func(field, text string) error) error {
	for _, kind := range sortedKeys(variants) {
		if kind != model.MemberKnown && kind != model.MemberProspect {
			return fault.Input(field, "unknown")
		}
		if err := check(field+"."+kind, variants[kind]); err != nil {
			return err
		}
	}
	return nil
}

// checkMass holds that a mass message has no fields: one job has one content, so everybody would read them as they stand
// (fact page, section 7).
func checkMass(field, text string) error {
	if model.UnknownField(text, nil) != "" {
		return fault.Input(field, "no_fields_in_mass")
	}
	return checkText(field, text, model.MaxTextBytes)
}

// checkText holds a text with its fields empty: names may make it longer, and then it is refused for that member alone.
func checkText(field, text string, most int) error {
	switch {
	case strings.TrimSpace(text) == "":
		return fault.Input(field, "required")
	case !utf8.ValidString(text):
		return fault.Input(field, "invalid")
	case len(text) > most:
		return fault.Input(field, "too_long")
	case model.UnknownField(text, Fields()) != "":
		return fault.Input(field, "unknown_field")
	}
	return nil
}

// checkTemplate holds WeChat's rule: service templates carry notices about what a member bought or booked. Offers by
// them are intercepted, and whoever sends them loses his templates (fact page, section 6).
func checkTemplate(c model.CampaignContent) error {
	if c.Purpose == model.CampaignOffer {
		return fault.Input("channels", "template_not_for_offers")
	}
	return checkFilled("content.template", c.Template)
}

// checkFilled holds what is true of every template that is filled in.
func checkFilled(at string, t *model.CampaignTemplate) error {
	switch {
	case t == nil || model.ASCIIKey(strings.TrimSpace(t.ID), 64) == "":
		return fault.Input(at, "required")
	case len(t.Fields) == 0:
		return fault.Input(at+".fields", "required")
	case len(t.Fields) > model.MaxTemplateFields:
		return fault.Input(at+".fields", "too_many")
	case t.URL != "" && !strings.HasPrefix(t.URL, "https://"):
		return fault.Input(at+".url", "not_https")
	}
	for _, name := range sortedKeys(t.Fields) {
		if model.ASCIIKey(name, 32) == "" {
			return fault.Input(at+".fields", "invalid")
		}
		if err := checkText(at+".fields."+name, t.Fields[name], model.MaxTextBytes); err != nil {
			return err
		}
	}
	return nil
}

func readContent(c model.Campaign) (model.CampaignContent, error) {
	var out model.CampaignContent
	if err := json.Unmarshal([]byte(c.Content), &out); err != nil {
		return out, fmt.Errorf("read the content of a campaign: %w", err)
	}
	return out, nil
}

// channelsOf are those of a campaign, the cheapest first.
func channelsOf(c model.Campaign) []string {
	var all []string
	for _, ch := range channelsInOrder() {
		if contains(c.Channels, ch) {
			all = append(all, ch)
		}
	}
	return all
}

// contains looks into a list that is kept with commas.
func contains(list, word string) bool { return strings.Contains(","+list+",", ","+word+",") }

// letter is what one member gets: the texts with his fields filled in.
type letter struct {
	text         string
	mass         string // the same for all of his kind
	template     *model.CampaignTemplate
	subscription *model.CampaignTemplate
	sms          *model.CampaignSMS
	task         string
}

func write(c model.CampaignContent, kind string, fields map[string]string) letter {
	text := c.Text
	if own := c.Variants[kind]; own != "" {
		text = own
	}
	out := letter{text: model.FillFields(text, fields), task: model.FillFields(c.Task, fields), mass: massText(c, kind)}
	out.template, out.subscription = fill(c.Template, fields), fill(c.Subscription, fields)
	out.sms = fillSMS(c.SMS, fields)
	return out
}

// fill puts a member's fields into a template; nil stays nil.
func fill(t *model.CampaignTemplate, fields map[string]string) *model.CampaignTemplate {
	if t == nil {
		return nil
	}
	filled := *t
	filled.Fields = make(map[string]string, len(t.Fields))
	for name, value := range t.Fields {
		filled.Fields[name] = model.FillFields(value, fields)
	}
	return &filled
}

// massText is what a kind of member reads of a mass message.
func massText(c model.CampaignContent, kind string) string {
	if own := c.MassVariants[kind]; own != "" {
		return own
	}
	return c.Mass
}

// shown is what the conversation shows of a template.
func shown(t *model.CampaignTemplate) string {
	lines := make([]string, 0, len(t.Fields))
	for _, name := range sortedKeys(t.Fields) {
		lines = append(lines, t.Fields[name])
	}
	return model.CutToBytes(strings.Join(lines, "\n"), model.MaxTextBytes)
}

func fieldsOf(p *person) map[string]string {
	child := p.child
	if child == "" {
		child = "宝宝"
	}
	return map[string]string{
		"member": p.member.Name, "clerk": p.clerkName, "store": p.storeName, "points": strconv.FormatInt(p.member.Points, 10), "child": child,
		"optout": p.optout,
	}
}
