package delivery_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/chat"
	"liuke/service/fault"
	"liuke/service/worldtest"
	"liuke/wechat/simulator"
)

// reasonOf tries a text and gives the reason for which it was refused.
func reasonOf(t *testing.T, w *worldtest.World, clerk access.Actor, p simulator.Person, text string) string {
	t.Helper()
	_, err := w.Chat.Send(t.Context(), clerk, w.Conversation(t, p).ID, chat.Write{ClientID: "bad", Kind: model.KindText, Text: text})
	f := fault.Of(err)
	require.NotNil(t, f)
	require.Len(t, f.Fields, 1)
	return f.Fields[0].Reason
}
