package handover_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/binding"
	"liuke/service/fault"
	"liuke/service/handover"
	"liuke/wechat/simulator"
)

// talker is a member of a clerk with WeChat, who has written. The room hears of what is sent to him.
func (w *world) talker(t *testing.T, clerk access.Actor) (simulator.Person, string) {
	t.Helper()
	p := w.follower(t, "王宝妈", w.Code(t, clerk, binding.Mint{Kind: model.CodeClerk}).Scene)
	w.Write(t, p, "在吗")
	return p, w.Conversation(t, p).MemberID
}

func (w *world) introduction(t *testing.T, clerk access.Actor, handoverID, memberID string) model.Introduction {
	t.Helper()
	d, err := w.handover.DraftIntroduction(t.Context(), clerk, handoverID, memberID)
	require.NoError(t, err)
	return d.Introduction
}

func TestIntroduction_isDraftedFromTheFileAndSentOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		p, m := w.talker(t, from)
		w.exec(t, "UPDATE members SET name = '王女士' WHERE id = ?", m)
		_, err := w.handover.SetDutySettings(t.Context(), w.Owner, model.DutySettings{Introduction: "{member}您好，我是{store}的{clerk}，接{earlier}的班", QuietDays: 14})
		require.NoError(t, err)
		h := w.run(t, w.plan(t, from, true, b).Handover.ID)

		draft, err := w.handover.DraftIntroduction(t.Context(), b, h.ID, m)
		require.NoError(t, err)
		require.Equal(t, "王女士您好，我是"+w.Store.Name+"的乙，接甲的班", draft.Text)
		require.Equal(t, w.Conversation(t, p).ID, draft.ConversationID)
		for _, who := range []access.Actor{from, w.Owner, w.Clerk(t, "丙")} {
			_, err = w.handover.Introduce(t.Context(), who, h.ID, m, draft.Text)
			require.True(t, fault.Is(err, fault.NotFound))
		}
		for text, reason := range map[string]string{"\t": "empty", strings.Repeat("长", 683): "too_long"} {
			_, err = w.handover.Introduce(t.Context(), b, h.ID, m, text)
			require.Equal(t, reason, fault.Of(err).Fields[0].Reason)
		}

		first, err := w.handover.Introduce(t.Context(), b, h.ID, m, draft.Text)
		require.NoError(t, err)
		again, err := w.handover.Introduce(t.Context(), b, h.ID, m, "换个说法")
		require.NoError(t, err)
		require.Equal(t, first.MessageID, again.MessageID)
		w.Becomes(t, first.MessageID, model.StateAccepted)
		require.Equal(t, []string{draft.Text}, w.Texts(p))
		require.Equal(t, model.StateAccepted, w.introduction(t, b, h.ID, m).State)

		var d model.Delivery
		require.NoError(t, w.DB.Read(t.Context()).First(&d, "message_id = ?", first.MessageID).Error)
		require.Equal(t, model.PurposeIntroduction, d.Purpose)
		var message model.Message
		require.NoError(t, w.DB.Read(t.Context()).First(&message, "id = ?", first.MessageID).Error)
		require.Equal(t, "乙", message.AuthorName)
		todo := w.todoOf(t, b, m)
		require.NotZero(t, todo.ContactedAt)
		require.Equal(t, model.StateAccepted, todo.Introduction.State)
		require.NotZero(t, w.Conversation(t, p).WaitingSince, "it answers nothing that the member asked")
		people, _, err := w.handover.TodoProgress(t.Context(), w.Owner, handover.ProgressFilter{HandoverID: h.ID, Limit: 10})
		require.NoError(t, err)
		require.EqualValues(t, 1, people[0].Introduced)

		h = w.undo(t, h.ID)
		require.EqualValues(t, 1, h.Stayed, "he has been written to")
	})
}

func TestIntroduction_withoutAllowanceWaitsAndGoesBackWithTheMember(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		p, m := w.talker(t, from)
		silent := w.member(t, from, "A").ID
		w.exec(t, "UPDATE allowances SET user_left = 0, event_left = 0")
		h := w.run(t, w.plan(t, from, true, b).Handover.ID)
		_, err := w.handover.Introduce(t.Context(), b, h.ID, silent, "您好")
		require.Equal(t, "no_conversation", fault.Of(err).Reason)

		i, err := w.handover.Introduce(t.Context(), b, h.ID, m, "您好，我是乙")
		require.NoError(t, err)
		require.Equal(t, model.StatePending, i.State)
		require.Zero(t, w.todoOf(t, b, m).ContactedAt)
		require.NoError(t, w.Chat.Withdraw(t.Context(), b, i.ConversationID, i.MessageID))
		require.Equal(t, model.StateWithdrawn, w.introduction(t, b, h.ID, m).State)
		i, err = w.handover.Introduce(t.Context(), b, h.ID, m, "您好，我是小乙")
		require.NoError(t, err, "another may be written")
		require.EqualValues(t, 2, i.Tries)

		h = w.undo(t, h.ID)
		require.EqualValues(t, 2, h.Undone)
		state, _ := w.State(t, i.MessageID)
		require.Equal(t, model.StateWithdrawn, state)
		w.Write(t, p, "还在吗")
		require.Empty(t, w.Texts(p))
		require.Empty(t, w.todos(t, b, handover.TodoFilter{}))
	})
}

func TestDutySettings_areTheOwnersAndKnowTheirFields(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		s, err := w.handover.DutySettings(t.Context(), w.Clerk(t, "甲"))
		require.NoError(t, err)
		require.Equal(t, model.DutySettings{AccountID: w.Owner.AccountID, Introduction: model.DefaultIntroduction, QuietDays: model.DefaultQuiet}, s)
		_, err = w.handover.SetDutySettings(t.Context(), w.Clerk(t, "乙"), s)
		require.True(t, fault.Is(err, fault.Forbidden))
		for text, reason := range map[string]string{"{price}": "unknown_field", strings.Repeat("长", 601): "too_long", "a\x00": "invalid"} {
			_, err = w.handover.SetDutySettings(t.Context(), w.Owner, model.DutySettings{Introduction: text})
			require.Equal(t, reason, fault.Of(err).Fields[0].Reason)
		}
		for _, days := range []int64{-1, model.MaxQuiet + 1} {
			_, err = w.handover.SetDutySettings(t.Context(), w.Owner, model.DutySettings{QuietDays: days})
			require.Equal(t, "quiet_days", fault.Of(err).Fields[0].Name)
		}
		s, err = w.handover.SetDutySettings(t.Context(), w.Owner, model.DutySettings{ToQueue: true})
		require.NoError(t, err)
		require.Equal(t, model.DefaultIntroduction, s.Introduction)
		require.Zero(t, s.QuietDays)
		require.True(t, s.ToQueue)
	})
}
