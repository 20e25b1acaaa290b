package member

import (
	"liuke/model"
	"liuke/model/database"
)

// OnNew registers who is told of a member written down for the first time, in the same transaction and before he is
// given to anybody. Only the wiring calls it, before the start.
func (s *Service) OnNew(f func(*database.Tx, model.Member) error) { s.fresh = append(s.fresh, f) }

// tellNew tells of a new member.
func (s *Service) tellNew(tx *database.Tx, m model.Member) error {
	for _, f := range s.fresh {
		if err := f(tx, m); err != nil {
			return err
		}
	}
	return nil
}
