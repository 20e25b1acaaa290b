package chat

import (
	"encoding/json"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/chat"
)

// Conversation is a conversation in a list.
type Conversation struct {
	ID           string                   `json:"id"`
	Member       Person                   `json:"member"`
	StoreID      *string                  `json:"store_id"`
	ClerkID      *string                  `json:"clerk_id"`
	Subscribed   bool                     `json:"subscribed" doc:"whether he follows the account now"`
	Unread       int64                    `json:"unread"`
	WaitingSince rest.TimeOrNull          `json:"waiting_since" doc:"time of the oldest unanswered message"`
	AmberAt      rest.TimeOrNull          `json:"amber_at" doc:"when this wait turns amber, counted in business hours; null when nobody waits"`
	RedAt        rest.TimeOrNull          `json:"red_at" doc:"and when red"`
	LastMessage  rest.OrNull[LastMessage] `json:"last_message"`
	Allowance    Allowance                `json:"allowance"`
	HasDraft     bool                     `json:"has_draft" doc:"the caller has typed something that he has not sent"`
	Draft        string                   `json:"draft" doc:"its first characters; empty: none"`
	Warned       rest.OrNull[Warned]      `json:"warned" doc:"who was told that he waits; null: nobody yet"`
	Received     rest.OrNull[ReceivedBy]  `json:"received" doc:"by a handover to the caller; in lists always null"`
	Campaign     rest.OrNull[Answered]    `json:"campaign" doc:"the campaign that the member answers, as long as he waits"`
}

// Answered is a campaign that a member answers with his first message after it reached him.
type Answered struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func answered(a chat.Answered) (o rest.OrNull[Answered]) {
	if a.CampaignID != "" {
		o.Value = &Answered{a.CampaignID, a.Name}
	}
	return o
}

// Warned is how far it was told that a member waits (C3).
type Warned struct {
	Step string    `json:"step" enum:"amber,red" doc:"amber: his clerk, or the queue he stands in; red: the store's manager too"`
	At   rest.Time `json:"at"`
}

// ReceivedBy is the handover by which the caller got a member.
type ReceivedBy struct {
	At       rest.Time `json:"at"`
	FromName string    `json:"from_name" doc:"who served the member before"`
}

// Person is a member as a line in a list.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name" doc:"empty for a follower of whom nobody knows the name yet"`
}

// LastMessage is the end of a conversation.
type LastMessage struct {
	Kind      string    `json:"kind"`
	Text      string    `json:"text" doc:"its first characters"`
	At        rest.Time `json:"at"`
	Direction string    `json:"direction"`
}

// Allowance is what WeChat still lets us send (C4).
type Allowance struct {
	Left  int64           `json:"left"`
	Until rest.TimeOrNull `json:"until" doc:"null when no window is open"`
}

func conversationView(i chat.Item) Conversation {
	c := i.Conversation
	v := Conversation{
		ID: c.ID, Member: Person{c.MemberID, i.MemberName}, StoreID: rest.Null(c.StoreID), ClerkID: rest.Null(c.ClerkID),
		Subscribed: i.Subscribed, Unread: c.Unread, WaitingSince: rest.TimeOrNull(c.WaitingSince),
		AmberAt: rest.TimeOrNull(i.AmberAt), RedAt: rest.TimeOrNull(i.RedAt),
		Allowance: Allowance{i.Allowance.Count, rest.TimeOrNull(i.Allowance.Until)},
		HasDraft:  i.Draft != "", Draft: i.Draft, Campaign: answered(i.Answers),
	}
	if i.Warned.Step != "" {
		v.Warned.Value = &Warned{i.Warned.Step, rest.Time(i.Warned.At)}
	}
	if i.Received.At > 0 {
		v.Received.Value = &ReceivedBy{rest.Time(i.Received.At), i.Received.FromName}
	}
	if c.LastKind != "" {
		v.LastMessage.Value = &LastMessage{c.LastKind, c.LastText, rest.Time(c.LastAt), c.LastDirection}
	}
	return v
}

// Message is one item of a conversation.
type Message struct {
	ID         string                      `json:"id"`
	Direction  string                      `json:"direction" enum:"in,out"`
	Kind       string                      `json:"kind" enum:"text,image,voice,video,shortvideo,location,link,event,note,unsupported,news,miniprogram,menu"`
	Text       string                      `json:"text"`
	Media      rest.OrNull[Media]          `json:"media"`
	Location   rest.OrNull[chat.Place]     `json:"location"`
	Link       rest.OrNull[chat.LinkCard]  `json:"link" doc:"of a link or a news card"`
	Event      rest.OrNull[chat.EventLine] `json:"event"`
	Raw        rest.OrNull[chat.Raw]       `json:"raw" doc:"of an unsupported kind: all that WeChat sent"`
	State      string                      `json:"state" enum:"received,queued,sending,accepted,refused,unknown,pending,withdrawn"`
	Reason     *string                     `json:"reason" doc:"why it was refused, is unknown or pending; a stable word"`
	Author     Author                      `json:"author"`
	OnBehalfOf *string                     `json:"on_behalf_of" doc:"the clerk whom the author stood in for"`
	At         rest.Time                   `json:"at"`
	ClientID   *string                     `json:"client_id"`
	Campaign   rest.OrNull[Answered]       `json:"campaign" doc:"the campaign that this message answers"`
}

// Author is who wrote a message, as he was at the time.
type Author struct {
	Kind string  `json:"kind" enum:"member,staff,system"`
	ID   *string `json:"id"`
	Name string  `json:"name"`
}

// Media is a picture, voice or video of a message.
type Media struct {
	ID          string `json:"id"`
	URL         string `json:"url" doc:"opens for whoever may see the conversation"`
	State       string `json:"state" enum:"waiting,fetching,ready,failed"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"size"`
}

func messageView(m chat.Line, media model.Media) Message {
	v := Message{
		ID: m.ID, Direction: m.Direction, Kind: m.Kind, Text: m.Text, State: m.State, Reason: rest.Null(m.Reason),
		Author:     Author{m.AuthorKind, rest.Null(m.AuthorID), m.AuthorName},
		OnBehalfOf: rest.Null(m.OnBehalfOf), At: rest.Time(m.At), ClientID: m.ClientID, Campaign: answered(m.Answers),
	}
	if media.ID != "" {
		v.Media.Value = &Media{media.ID, "/api/media/" + media.ID, media.State, media.ContentType, media.Size}
	}
	switch m.Kind {
	case model.KindLocation:
		v.Location.Value = decode[chat.Place](m.Payload)
	case model.KindLink, model.KindNews:
		v.Link.Value = decode[chat.LinkCard](m.Payload)
	case model.KindEvent:
		v.Event.Value = decode[chat.EventLine](m.Payload)
	case model.KindUnsupported:
		v.Raw.Value = decode[chat.Raw](m.Payload)
	}
	return v
}

// decode reads a payload; one that cannot be read shows as missing.
func decode[T any](payload string) *T {
	v := new(T)
	if json.Unmarshal([]byte(payload), v) != nil {
		return nil
	}
	return v
}
