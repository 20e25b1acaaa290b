package member

import (
	"liuke/model"
	"liuke/model/database"
)

// OnNew registers who is told of a member written down for the first time, in the same transaction and before he is
// given to anybody. Only the wiring calls it, before the start.
func (s *Service) OnNew(f func(*database.Tx, model.Member) error) { s.fresh = append(s.fresh, f) }

// OnMerge registers who takes along what hangs on a member when he is merged into another, and gives it back when that
// is undone: then family are the member and those who had been merged into him; unmerged may be nil. Both happen in the same transaction.
// Only the wiring calls it, before the start.
func (s *Service) OnMerge(merged func(tx *database.Tx, from, into model.Member) error, unmerged func(tx *database.Tx, from, into model.Member, family []string) error) {
	s.merged = append(s.merged, merged)
	if unmerged != nil {
		s.unmerged = append(s.unmerged, unmerged)
	}
}

// tellNew tells of a new member.
func (s *Service) tellNew(tx *database.Tx, m model.Member) error {
	for _, f := range s.fresh {
		if err := f(tx, m); err != nil {
			return err
		}
	}
	return nil
}
