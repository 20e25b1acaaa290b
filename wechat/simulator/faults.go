package simulator

import (
	"errors"
	"slices"
	"strings"
)

// AddFault makes API calls go wrong from now on. It returns the fault's id. Several faults may be set; every slow one
// that fits delays, then the first other one that fits decides.
func (s *Simulator) AddFault(f Fault) (int64, error) {
	switch f.Kind {
	case FaultCode, FaultStatus, FaultSlow, FaultCutBefore, FaultCutAfter, FaultNonsense:
	default:
		return 0, errors.New("simulator: that is no kind of fault")
	}
	if f.Count < 0 || f.After < 0 || f.Delay < 0 || (f.Kind == FaultStatus && f.Code != 0 && (f.Code < 200 || f.Code > 599)) {
		return 0, errors.New("simulator: the fault's numbers make no sense")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f.ID = s.next("fault")
	s.faults = append(s.faults, &f)
	return f.ID, nil
}

// AddPushFault makes pushes go wrong from now on. It returns the fault's id.
func (s *Simulator) AddPushFault(f PushFault) (int64, error) {
	switch f.Kind {
	case PushDuplicate, PushReorder, PushConcurrent, PushLost, PushSkew, PushAgain, PushForeignID:
	case PushLate:
		if f.Delay <= 0 {
			return 0, errors.New("simulator: the fault needs a delay")
		}
	case PushStatus:
		if f.Status == "" {
			return 0, errors.New("simulator: the fault needs a status")
		}
	default:
		return 0, errors.New("simulator: that is no kind of push fault")
	}
	if f.Count < 0 {
		return 0, errors.New("simulator: the fault's count makes no sense")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f.ID = s.next("fault")
	s.pushFaults = append(s.pushFaults, &f)
	return f.ID, nil
}

// Faults returns the API faults that are not used up; Count and After are what is left of them.
func (s *Simulator) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Fault{}
	for _, f := range s.faults {
		all = append(all, *f)
	}
	return all
}

// PushFaults returns the push faults that are not used up.
func (s *Simulator) PushFaults() []PushFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []PushFault{}
	for _, f := range s.pushFaults {
		all = append(all, *f)
	}
	return all
}

// RemoveFault takes an API or push fault away.
func (s *Simulator) RemoveFault(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = slices.DeleteFunc(s.faults, func(f *Fault) bool { return f.ID == id })
	s.pushFaults = slices.DeleteFunc(s.pushFaults, func(f *PushFault) bool { return f.ID == id })
}

// ClearFaults takes all faults away.
func (s *Simulator) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults, s.pushFaults = nil, nil
}

// takeFaults uses up the faults that fit a call.
func (s *Simulator) takeFaults(appid, path string) []Fault {
	var taken []Fault
	decided := false
	s.faults = slices.DeleteFunc(s.faults, func(f *Fault) bool {
		fits := (f.AppID == "" || f.AppID == appid) && (f.Path == "" || f.Path == path)
		if !fits || (decided && f.Kind != FaultSlow) {
			return false
		}
		if f.After > 0 {
			f.After--
			return false
		}
		taken = append(taken, *f)
		decided = decided || f.Kind != FaultSlow
		if f.Count == 0 {
			return false
		}
		f.Count--
		return f.Count == 0
	})
	return taken
}

func (f *PushFault) fits(appid, kind, event string) bool {
	return (f.AppID == "" || f.AppID == appid) && (f.Event == "" || strings.EqualFold(f.Event, kind) || strings.EqualFold(f.Event, event))
}

func (f *PushFault) use() (gone bool) {
	if f.Count == 0 {
		return false
	}
	f.Count--
	return f.Count == 0
}

func (s *Simulator) takePushFaults(appid, kind, event string) []PushFault {
	var taken []PushFault
	s.pushFaults = slices.DeleteFunc(s.pushFaults, func(f *PushFault) bool {
		if f.Kind == PushStatus || !f.fits(appid, kind, event) {
			return false
		}
		taken = append(taken, *f)
		return f.use()
	})
	return taken
}

// jobStatus is the status that the result event of a template or mass send shall carry; usual unless a fault says otherwise.
func (s *Simulator) jobStatus(acc *account, event, usual string) string {
	for i, f := range s.pushFaults {
		if f.Kind == PushStatus && f.fits(acc.AppID, "event", event) {
			if f.use() {
				s.pushFaults = slices.Delete(s.pushFaults, i, i+1)
			}
			return f.Status
		}
	}
	return usual
}
