package simulator

import "slices"

// Stage is what the pages show to one who comes without saying what he wants to see.
type Stage struct {
	Persons []string // ids, whose phones stand side by side; none = the first two persons
	Links   []Link   // to other windows
}

// Link leads from the pages to another window. The simulator knows no more about it.
type Link struct {
	Text string
	Note string // what to know before following it; may be empty
	URL  string
}

// SetStage replaces what the pages show at first.
func (s *Simulator) SetStage(v Stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stage = Stage{Persons: slices.Clone(v.Persons), Links: slices.Clone(v.Links)}
}

func (s *Simulator) staged() Stage {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.stage
	for _, p := range s.persons[:min(len(s.persons), 2)] {
		if len(s.stage.Persons) > 0 {
			break
		}
		v.Persons = append(v.Persons, p.id)
	}
	return v
}
