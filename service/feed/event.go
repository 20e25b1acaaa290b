// Package feed tells signed-in people what changed, live, from rows.
//
// Events are numbered per stream under the row lock of feed_streams, so number order is commit order and a reader who
// has seen number n has missed nothing below. Each person reads two streams: his own and the one that he shares with
// others of his role. What wakes the readers may get lost; the rows do not.
package feed

import "encoding/json"

// Kinds of events that the feed makes itself. The rooms name their own.
const (
	KindConversation = "conversation" // something in a conversation changed; without ids: refetch the list
	KindReset        = "reset"        // the place to resume from is gone: refetch everything
)

// Event is one change that a screen cares about.
type Event struct {
	AccountID string
	Kind      string // message, conversation, member, todo, handover …; up to 32 ASCII letters
	// MemberID, if any, is whom it is about: who may not see the member when reading does not get the event.
	MemberID       string
	ConversationID string
	// Data is flat: ids and small words, no personal data. member_id and conversation_id are added.
	Data map[string]string
}

// json is the event as readers get it.
func (e Event) json() (string, error) {
	flat := make(map[string]string, len(e.Data)+2)
	for k, v := range e.Data {
		flat[k] = v
	}
	if e.MemberID != "" {
		flat["member_id"] = e.MemberID
	}
	if e.ConversationID != "" {
		flat["conversation_id"] = e.ConversationID
	}
	text, err := json.Marshal(flat)
	return string(text), err
}
