package delivery

import (
	"slices"
	"sync"

	"liuke/model"
)

// hands are the deliveries that this process is about to claim, calls, or writes the outcome of. Whatever is looked up
// meanwhile, it takes none of them twice.
type hands struct {
	mu  sync.Mutex
	ids map[string]bool
}

func (h *hands) take(all []model.Delivery) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range all {
		h.ids[d.ID] = true
	}
}

func (h *hands) leave(all ...model.Delivery) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range all {
		delete(h.ids, d.ID)
	}
}

// without leaves out what is in them.
func (h *hands) without(all []model.Delivery) []model.Delivery {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.DeleteFunc(all, func(d model.Delivery) bool { return h.ids[d.ID] })
}
