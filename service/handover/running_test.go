package handover_test

import (
	"encoding/json"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/handover"
	"liuke/service/worldtest"
)

// heard is what a run or an undo tells on its way.
type heard struct {
	mu    sync.Mutex
	steps []handover.Running
}

func (h *heard) all() []handover.Running {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]handover.Running{}, h.steps...)
}

func (w *world) hear(t *testing.T) *heard {
	t.Helper()
	h := &heard{}
	t.Cleanup(w.Bus.Subscribe("handover.progress", func(payload string) {
		var r handover.Running
		if json.Unmarshal([]byte(payload), &r) == nil {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.steps = append(h.steps, r)
		}
	}))
	return h
}

// A run and an undo tell each step with the members that it has behind it, and that it is over. Whoever looks sees the
// last that was heard, on any instance; before anything was, that it waits or looks.
func TestRunning_isToldStepByStep(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		w.members(t, from, "A", "B", "C")
		other := w.room() // another instance, that heard nothing while it was not there
		plan := w.plan(t, from, true, b)
		id := plan.Handover.ID
		require.Nil(t, plan.Running)
		seen := func() handover.Planned {
			p, err := w.handover.Get(t.Context(), w.Owner, id)
			require.NoError(t, err)
			return p
		}

		_, err := w.handover.Run(t.Context(), w.Owner, id)
		require.NoError(t, err)
		require.Equal(t, model.PhaseWaiting, seen().Handover.Phase)
		require.Nil(t, seen().Running)
		w.exec(t, "UPDATE handovers SET phase = ? WHERE id = ?", model.PhaseMoving, id)
		require.Equal(t, &handover.Running{Step: handover.StepLook, Total: 3}, seen().Running)
		w.Bus.Publish("handover.progress", `{"id":"`+id+`","step":"bindings","done":3,"total":3}`)
		worldtest.Eventually(t, func() bool { return seen().Running.Step == handover.StepBindings }, "what was heard is shown")
		late, err := other.Get(t.Context(), w.Owner, id)
		require.NoError(t, err)
		require.NotNil(t, late.Running)

		run := w.hear(t)
		require.NoError(t, w.handover.Work(t.Context()))
		over := handover.Running{Total: 3}
		worldtest.Eventually(t, func() bool { return len(run.all()) == 6 }, "it is over")
		require.Equal(t, []handover.Running{
			{Step: handover.StepLook, Total: 3},
			{Step: handover.StepMembers, Total: 3},
			{Step: handover.StepBindings, Done: 3, Total: 3},
			{Step: handover.StepConversations, Done: 3, Total: 3},
			{Step: handover.StepAccess, Done: 3, Total: 3},
			over,
		}, run.all())
		require.Equal(t, model.PhaseDone, seen().Handover.Phase)
		require.Nil(t, seen().Running)

		undo := w.hear(t)
		require.Equal(t, model.PhaseDone, w.undo(t, id).Phase)
		worldtest.Eventually(t, func() bool { return len(undo.all()) == 5 }, "it is over")
		require.Equal(t, []handover.Running{
			{Step: handover.StepLook, Total: 3},
			{Step: handover.StepMembers, Total: 3},
			{Step: handover.StepConversations, Done: 3, Total: 3},
			{Step: handover.StepAccess, Done: 3, Total: 3},
			over,
		}, undo.all())
		require.Nil(t, seen().Running)
	})
}

// The first contacts of a large run follow its commit, and how many of them are written is told of the rows.
func TestRunning_tellsOfTheFirstContactsAfterTheCommit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		from, b := w.Clerk(t, "甲"), w.Clerk(t, "乙")
		w.members(t, from, "A", "B", "C", "C")
		p, err := w.handover.Plan(t.Context(), w.Owner, handover.Plan{FromClerkID: from.StaffID, Rule: &handover.Rule{Kind: "balanced", To: ids(b), PerDay: 1}})
		require.NoError(t, err)
		h := w.run(t, p.Handover.ID)
		require.EqualValues(t, 4, h.Days)
		w.exec(t, "UPDATE handovers SET phase = ?, obliged_days = 1 WHERE id = ?", model.PhaseTodos, h.ID)
		w.exec(t, "DELETE FROM todos WHERE priority > 1")
		seen, err := w.handover.Get(t.Context(), w.Owner, h.ID)
		require.NoError(t, err)
		require.Equal(t, &handover.Running{Step: handover.StepTodos, Done: 1, Total: 4}, seen.Running)
		require.NoError(t, w.room().Work(t.Context()), "another instance goes on with it")
		require.Equal(t, model.PhaseDone, w.state(t, h.ID).Phase)
		require.Len(t, w.todos(t, b, handover.TodoFilter{}), 4)
	})
}
