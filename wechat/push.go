package wechat

import "time"

// Push is one message or event that WeChat delivered. It is made by Parse.
type Push struct {
	// ToUser is the account's original id (gh_…), FromUser the sender's openid; see OpenID for whom the push is about.
	ToUser   string
	FromUser string
	// CreateTime is WeChat's time in UTC, to the second; zero if it was missing or not a number.
	CreateTime time.Time
	// MsgType is in lower case: text, image, voice, video, shortvideo, location, link, event or one unknown to us.
	MsgType string
	// Event is in lower case, because WeChat spells some names in more than one way; empty for messages.
	Event string
	// MsgID is a message's MsgId or an event's MsgID. A number in practice, never relied on as one.
	MsgID string
	Body  Body

	eventKey string
	about    []string // what else tells one event from another within a second
}

// OpenID is the person whom the push concerns, empty if it is about no customer. An event unknown to us may still
// come from the platform itself, so an Unknown body alone must never create a contact.
func (p Push) OpenID() string {
	switch body := p.Body.(type) {
	case AuthorizationChange:
		return body.OpenID
	case MassSendFinished:
		return "" // FromUser is an administrator
	case Unknown:
		if platformEvent(p.Event) {
			return ""
		}
	}
	return p.FromUser
}
