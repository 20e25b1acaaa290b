package simulator

import (
	"errors"
	"fmt"
)

// TapMenu taps the button with that key (or, for a view button, that url) of the menu that the account made.
func (s *Simulator) TapMenu(appid, openid, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.follower(appid, openid)
	if err != nil {
		return err
	}
	b := findButton(r.acc.menu, key)
	if b == nil {
		return fmt.Errorf("tap %q: %w", key, errNoButton)
	}
	if err := s.full(); err != nil {
		return err
	}
	var event string
	scan := false
	switch b.Type {
	case "click":
		event = "CLICK"
	case "view":
		event = "VIEW"
	case "miniprogram":
		event, key = "view_miniprogram", b.PagePath
	case "scancode_push", "scancode_waitmsg":
		event, scan = b.Type, true
	default:
		return errors.New("simulator: that type of button cannot be tapped here")
	}
	fields := []Field{{Name: "Event", Value: event}, {Name: "EventKey", Value: key}}
	if scan {
		fields = append(fields, Field{Name: "ScanCodeInfo", Fields: []Field{{Name: "ScanType", Value: "qrcode"}, {Name: "ScanResult", Value: "1"}}})
	}
	// Only these types count (WeChat: "send customer message").
	if event == "CLICK" || scan {
		r.allow.trigger(s.now())
	}
	s.note(r, textTapped+b.Name)
	s.pushEvent(r, fields...)
	return nil
}

func findButton(menu []Button, key string) *Button {
	for i := range menu {
		b := &menu[i]
		if found := findButton(b.Sub, key); found != nil {
			return found
		}
		if len(b.Sub) == 0 && key != "" && (b.Key == key || b.URL == key) {
			return b
		}
	}
	return nil
}

// AnswerPopup answers a subscription popup for several templates at once. Each accept allows one notification.
func (s *Simulator) AnswerPopup(appid, openid string, answers ...Consent) error {
	return s.consent(appid, openid, "subscribe_msg_popup_event", answers)
}

// WithdrawConsent switches templates off in the settings, which takes all consent to them away.
func (s *Simulator) WithdrawConsent(appid, openid string, templateIDs ...string) error {
	answers := make([]Consent, 0, len(templateIDs))
	for _, id := range templateIDs {
		answers = append(answers, Consent{TemplateID: id})
	}
	return s.consent(appid, openid, "subscribe_msg_change_event", answers)
}

func (s *Simulator) consent(appid, openid, event string, answers []Consent) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.relation(appid, openid)
	if err != nil {
		return err
	}
	if len(answers) == 0 {
		return errors.New("simulator: no answer is given")
	}
	// WeChat's sample puts the lists of both events into this container.
	box := Field{Name: "SubscribeMsgPopupEvent"}
	for _, a := range answers {
		status := "reject"
		if a.Accept {
			status = "accept"
			r.consents[a.TemplateID]++
		} else if event == "subscribe_msg_change_event" {
			delete(r.consents, a.TemplateID)
		}
		list := Field{Name: "List", Fields: []Field{{Name: "TemplateId", Value: a.TemplateID}, {Name: "SubscribeStatusString", Value: status}}}
		if event == "subscribe_msg_popup_event" {
			list.Fields = append(list.Fields, number("PopupScene", 1))
		}
		box.Fields = append(box.Fields, list)
	}
	s.note(r, answersText(r.acc, event, answers))
	s.pushEvent(r, Field{Name: "Event", Value: event}, box)
	return nil
}
