package chat_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"liuke/api/chat"
	"liuke/api/rest"
)

// What writes itself says the same as what its type says of it, field by field.
func TestAppendJSON_saysWhatTheTypeSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		conversation, message := rapid.Make[chat.Conversation]().Draw(r, "conversation"), rapid.Make[chat.Message]().Draw(r, "message")
		year := rapid.Int64Range(0, 253402300799999) // what RFC 3339 has words for
		conversation.WaitingSince, conversation.AmberAt = rest.TimeOrNull(year.Draw(r, "since")), rest.TimeOrNull(year.Draw(r, "amber"))
		conversation.RedAt, conversation.Allowance.Until = rest.TimeOrNull(year.Draw(r, "red")), rest.TimeOrNull(year.Draw(r, "until"))
		message.At = rest.Time(year.Draw(r, "at"))
		if last := conversation.LastMessage.Value; last != nil {
			last.At = rest.Time(year.Draw(r, "last"))
		}
		if warned := conversation.Warned.Value; warned != nil {
			warned.At = rest.Time(year.Draw(r, "warned"))
		}
		if received := conversation.Received.Value; received != nil {
			received.At = rest.Time(year.Draw(r, "received"))
		}
		for _, v := range []rest.Appender{&conversation, &message} {
			want, err := json.Marshal(v)
			require.NoError(r, err)
			require.JSONEq(r, string(want), string(v.AppendJSON(nil)))
		}
	})
}
