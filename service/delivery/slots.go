package delivery

import "sync"

// slots are the calls to WeChat at the same time, per account. What is claimed beyond them waits for its turn with its lease
// running: never longer than one call takes, because at most as many wait as may call.
type slots struct {
	mu sync.Mutex
	of map[string]*slotsOf
}

type slotsOf struct{ all, campaigns chan struct{} }

func newSlots() slots { return slots{of: map[string]*slotsOf{}} }

func (s *slots) account(id string) *slotsOf {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.of[id]
	if one == nil {
		one = &slotsOf{all: make(chan struct{}, callsPerAccount), campaigns: make(chan struct{}, callsForCampaigns)}
		s.of[id] = one
	}
	return one
}

// enter waits for a turn. Campaigns never take all of them.
func (s *slots) enter(l lane) {
	one := s.account(l.accountID)
	if l.campaign {
		one.campaigns <- struct{}{}
	}
	one.all <- struct{}{}
}

func (s *slots) leave(l lane) {
	one := s.account(l.accountID)
	<-one.all
	if l.campaign {
		<-one.campaigns
	}
}
