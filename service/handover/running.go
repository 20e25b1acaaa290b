package handover

import (
	"encoding/json"
	"sync"

	"liuke/model"
)

// Steps of the transaction of a run or an undo, in their order.
const (
	StepLook          = "look"          // who can be moved
	StepMembers       = "members"       // the members' clerk
	StepBindings      = "bindings"      // their bindings, closed and opened
	StepConversations = "conversations" // their conversations, drafts and to-dos
	StepAccess        = "access"        // the leaver's access, or its return
	StepTodos         = "todos"         // after the commit: the receivers' first contacts
)

// Running is how far a run or an undo is: a hint, lost without harm. The rows tell of it only when it is over, because
// it is one transaction.
type Running struct {
	Step  string `json:"step"`
	Done  int64  `json:"done"` // of the members, in this step
	Total int64  `json:"total"`
}

const progressTopic = "handover.progress"

// progresses is what an instance has heard of the handovers that run, wherever they do.
type progresses struct {
	mutex sync.Mutex
	of    map[string]Running
}

type progressHint struct {
	ID string `json:"id"`
	Running
}

// maxProgresses bounds what is kept; a handover whose end was not heard of would stay.
const maxProgresses = 1000

func (p *progresses) note(payload string) {
	var hint progressHint
	if json.Unmarshal([]byte(payload), &hint) != nil {
		return // of a version to come
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.of == nil || len(p.of) >= maxProgresses {
		p.of = map[string]Running{}
	}
	if hint.Step == "" {
		delete(p.of, hint.ID)
		return
	}
	p.of[hint.ID] = hint.Running
}

func (p *progresses) get(id string) (Running, bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	progress, ok := p.of[id]
	return progress, ok
}

// at tells everybody how far a handover is. It never waits, so it may be called within its transaction.
func (s *Service) at(h model.Handover, step string, done int64) {
	text, err := json.Marshal(progressHint{h.ID, Running{step, done, h.Total}})
	if err == nil {
		s.bus.Publish(progressTopic, string(text))
	}
}

// runningOf is how far a handover under way is: what was heard, or else what the rows tell.
func (s *Service) runningOf(h model.Handover) *Running {
	switch {
	case h.Phase == model.PhaseTodos:
		return &Running{StepTodos, h.Total * h.ObligedDays / max(h.Days, 1), h.Total}
	case h.Phase != model.PhaseMoving:
		return nil
	}
	if heard, ok := s.running.get(h.ID); ok {
		return &heard
	}
	return &Running{Step: StepLook, Total: h.Total}
}
