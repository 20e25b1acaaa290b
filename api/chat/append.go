package chat

import (
	"strconv"

	"liuke/api/rest"
)

// AppendJSON writes the conversation, with the fields and names of its type.
func (v *Conversation) AppendJSON(b []byte) []byte {
	b = rest.AppendString(append(b, `{"id":`...), v.ID)
	b = rest.AppendString(append(b, `,"member":{"id":`...), v.Member.ID)
	b = rest.AppendString(append(b, `,"name":`...), v.Member.Name)
	b = rest.AppendOptional(append(b, `},"store_id":`...), v.StoreID)
	b = rest.AppendOptional(append(b, `,"clerk_id":`...), v.ClerkID)
	b = strconv.AppendBool(append(b, `,"subscribed":`...), v.Subscribed)
	b = strconv.AppendInt(append(b, `,"unread":`...), v.Unread, 10)
	b = v.WaitingSince.AppendJSON(append(b, `,"waiting_since":`...))
	b = v.AmberAt.AppendJSON(append(b, `,"amber_at":`...))
	b = v.RedAt.AppendJSON(append(b, `,"red_at":`...))
	b = v.LastMessage.AppendJSON(append(b, `,"last_message":`...))
	b = strconv.AppendInt(append(b, `,"allowance":{"left":`...), v.Allowance.Left, 10)
	b = v.Allowance.Until.AppendJSON(append(b, `,"until":`...))
	b = strconv.AppendBool(append(b, `},"has_draft":`...), v.HasDraft)
	b = rest.AppendString(append(b, `,"draft":`...), v.Draft)
	b = v.Warned.AppendJSON(append(b, `,"warned":`...))
	b = v.Received.AppendJSON(append(b, `,"received":`...))
	b = v.Campaign.AppendJSON(append(b, `,"campaign":`...))
	return append(b, '}')
}

// AppendJSON writes the end of a conversation, with the fields and names of its type.
func (v *LastMessage) AppendJSON(b []byte) []byte {
	b = rest.AppendString(append(b, `{"kind":`...), v.Kind)
	b = rest.AppendString(append(b, `,"text":`...), v.Text)
	b = v.At.AppendJSON(append(b, `,"at":`...))
	b = rest.AppendString(append(b, `,"direction":`...), v.Direction)
	return append(b, '}')
}

// AppendJSON writes the message, with the fields and names of its type.
func (v *Message) AppendJSON(b []byte) []byte {
	b = rest.AppendString(append(b, `{"id":`...), v.ID)
	b = rest.AppendString(append(b, `,"direction":`...), v.Direction)
	b = rest.AppendString(append(b, `,"kind":`...), v.Kind)
	b = rest.AppendString(append(b, `,"text":`...), v.Text)
	b = v.Media.AppendJSON(append(b, `,"media":`...))
	b = v.Location.AppendJSON(append(b, `,"location":`...))
	b = v.Link.AppendJSON(append(b, `,"link":`...))
	b = v.Event.AppendJSON(append(b, `,"event":`...))
	b = v.Raw.AppendJSON(append(b, `,"raw":`...))
	b = rest.AppendString(append(b, `,"state":`...), v.State)
	b = rest.AppendOptional(append(b, `,"reason":`...), v.Reason)
	b = rest.AppendString(append(b, `,"author":{"kind":`...), v.Author.Kind)
	b = rest.AppendOptional(append(b, `,"id":`...), v.Author.ID)
	b = rest.AppendString(append(b, `,"name":`...), v.Author.Name)
	b = rest.AppendOptional(append(b, `},"on_behalf_of":`...), v.OnBehalfOf)
	b = v.At.AppendJSON(append(b, `,"at":`...))
	b = rest.AppendOptional(append(b, `,"client_id":`...), v.ClientID)
	b = v.Campaign.AppendJSON(append(b, `,"campaign":`...))
	return append(b, '}')
}
