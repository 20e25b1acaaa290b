package handover_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database/databasetest"
	"liuke/service/binding"
	"liuke/service/worldtest"
)

// The clocks of two instances differ by a little. Whoever takes the next step with the slower one, no binding ends
// before it began.
func TestHandover_byASlowerClockKeepsDatesInOrder(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			var hand ahead
			w := &world{World: worldtest.New(t, databasetest.Open(t, databasetest.Fresh(t, kind), hand.Now))}
			w.handover = w.room()
			slower := func() { hand.pass(-2 * time.Second) }
			from, b, c := w.Clerk(t, "甲"), w.Clerk(t, "乙"), w.Clerk(t, "丙")
			p := w.follower(t, "客人", w.Code(t, from, binding.Mint{Kind: model.CodeClerk}).Scene)
			w.members(t, from, "A", "B")

			plan := w.plan(t, from, false, b)
			_, err := w.handover.Run(t.Context(), w.Owner, plan.Handover.ID)
			require.NoError(t, err)
			slower()
			require.NoError(t, w.handover.Work(t.Context()))
			require.EqualValues(t, 3, w.state(t, plan.Handover.ID).Moved)
			w.requireSound(t)

			slower()
			require.EqualValues(t, 3, w.undo(t, plan.Handover.ID).Undone)
			w.requireSound(t)

			slower()
			_, err = w.Chat.Assign(t.Context(), w.Owner, w.Conversation(t, p).ID, c.StaffID)
			require.NoError(t, err)
			require.Equal(t, c.StaffID, w.Conversation(t, p).ClerkID)
			w.requireSound(t)
		})
	}
}
