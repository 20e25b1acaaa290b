package handover_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/binding"
	"liuke/service/chat"
	"liuke/service/delivery"
	"liuke/service/handover"
	"liuke/wechat/simulator"
)

// byHand plans to give members to one clerk and gives the plan's id.
func (w *world) byHand(t *testing.T, from, to access.Actor, members ...string) string {
	t.Helper()
	moves := make([]handover.ByHand, len(members))
	for i, id := range members {
		moves[i] = handover.ByHand{MemberID: id, ToClerkID: to.StaffID}
	}
	p, err := w.handover.Plan(t.Context(), w.Owner, handover.Plan{FromClerkID: from.StaffID, Moves: moves})
	require.NoError(t, err)
	return p.Handover.ID
}

// What is under way is counted by the preview, goes along at the run and comes back at the undo: what waits for the
// member's next message, what is to leave at a time to come, and what was only typed.
func TestHandover_takesAlongAndGivesBackWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		code := w.Code(t, from, binding.Mint{Kind: model.CodeClerk})
		later, waits, typed, other := w.follower(t, "定时", code.Scene), w.follower(t, "等着", code.Scene), w.follower(t, "草稿", code.Scene), w.follower(t, "留下", code.Scene)
		w.Write(t, later, "好的")
		w.Write(t, waits, "有货吗")
		w.exec(t, "UPDATE allowances SET user_left = 0, event_left = 0 WHERE follower_id = ?", w.Conversation(t, waits).FollowerID)
		pending := w.Reply(t, from, waits, "1", "到货了告诉您")
		w.Becomes(t, pending.ID, model.StatePending)
		hour := w.DB.Now().UnixMilli() + 3_600_000
		planned := w.planned(t, from, later, "明天活动开始", hour)
		write := func(clerk access.Actor, talk model.Conversation, text string) {
			_, _, err := w.Chat.SaveDraft(t.Context(), clerk, talk.ID, chat.Typed{Text: text})
			require.NoError(t, err)
		}
		write(from, w.Conversation(t, typed), "您上次说的")
		write(from, w.Conversation(t, other), "这位不交")

		set := []string{w.Member(t, later).ID, w.Member(t, waits).ID, w.Member(t, typed).ID}
		id := w.byHand(t, from, b, set...)
		seen, err := w.handover.Get(t.Context(), w.Owner, id)
		require.NoError(t, err)
		open := seen.Preview.Open
		require.Equal(t, []int64{1, 1, 0, 1}, []int64{open.Planned, open.Pending, open.Queued, open.Drafts}, "planned, pending, on the way, drafts: of who goes only")
		state, _ := w.State(t, planned)
		require.Equal(t, model.StateQueued, state, "looking sends nothing")

		draft := func(clerk access.Actor) string {
			d, err := w.Chat.Draft(t.Context(), clerk, w.Conversation(t, typed).ID)
			require.NoError(t, err)
			return d.Text
		}
		says := func(clerk access.Actor, messageID, talk string) {
			rows, _, err := w.Chat.Messages(t.Context(), clerk, talk, 0, 50)
			require.NoError(t, err)
			found := false
			for _, m := range rows {
				if m.ID == messageID {
					found = true
					require.Equal(t, "甲", m.AuthorName, "whoever wrote it is named")
				}
			}
			require.True(t, found)
		}
		w.run(t, id)
		require.Equal(t, "您上次说的", draft(b))
		says(b, planned, w.Conversation(t, later).ID)
		says(b, pending.ID, w.Conversation(t, waits).ID)
		_, err = w.Chat.Draft(t.Context(), from, w.Conversation(t, typed).ID)
		require.Error(t, err, "it is no longer his")
		require.NoError(t, w.Chat.Withdraw(t.Context(), b, w.Conversation(t, waits).ID, pending.ID), "the new clerk decides about it")

		w.undo(t, id)
		require.Equal(t, "您上次说的", draft(from))
		says(from, planned, w.Conversation(t, later).ID)
		d, err := w.Chat.Draft(t.Context(), from, w.Conversation(t, other).ID)
		require.NoError(t, err)
		require.Equal(t, "这位不交", d.Text)

		w.run(t, w.byHand(t, from, b, set...)) // the time comes while he is the other's
		w.exec(t, "UPDATE deliveries SET due_at = 1 WHERE message_id = ?", planned)
		w.Becomes(t, planned, model.StateAccepted)
		require.Equal(t, []string{"明天活动开始"}, w.Texts(later))
		w.requireSound(t)
	})
}

// planned is a message of a clerk that leaves at a time to come.
func (w *world) planned(t *testing.T, clerk access.Actor, p simulator.Person, text string, at int64) string {
	t.Helper()
	var d model.Delivery
	require.NoError(t, w.DB.InTx(t.Context(), func(tx *database.Tx) error {
		var err error
		d, err = w.Delivery.EnqueueTx(tx, delivery.Order{
			Follower: w.Follower(t, p), ConversationID: w.Conversation(t, p).ID, Purpose: model.PurposeReply, AuthorKind: model.ByStaff,
			AuthorID: clerk.StaffID, Kind: model.KindText, Content: delivery.Content{Text: text},
		})
		if err != nil {
			return err
		}
		return tx.Model(&model.Delivery{}).Where("id = ?", d.ID).Update("due_at", at).Error
	}))
	return d.MessageID
}
