package handover

import (
	"context"
	"fmt"
	"slices"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

func contains(ids []string, id string) bool { return slices.Contains(ids, id) }

// giver finds the clerk whose members are to be given, as the actor may: the owner anybody's, a manager his clerks' and
// his own.
func (s *Service) giver(ctx context.Context, actor access.Actor, in Plan) (model.Staff, error) {
	from, err := s.staff.Get(ctx, actor, in.FromClerkID)
	if fault.Is(err, fault.NotFound) {
		return from, fault.New(fault.NotFound, "clerk_not_found")
	}
	if err != nil {
		return from, err
	}
	if err := mayGive(actor, from); err != nil {
		return from, err
	}
	if in.Leaving && from.ID == actor.StaffID {
		return from, fault.Input("from_clerk_id", "yourself")
	}
	return from, nil
}

// mayGive reports whether the actor may hand a person's members over.
func mayGive(actor access.Actor, from model.Staff) error {
	switch {
	case actor.Is(model.RoleOwner):
		return nil
	case actor.Is(model.RoleManager) && (from.Role == model.RoleClerk && from.StoreID == actor.StoreID || from.ID == actor.StaffID):
		return nil
	}
	return fault.New(fault.Forbidden, "not_allowed")
}

// receivers finds people who can get members: serving, of a store, within the actor's reach. Whom he does not see is
// not found.
func (s *Service) receivers(tx *database.Tx, actor access.Actor, fromID string, ids []string, field string) ([]*receiver, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	people, err := peopleOf(tx.DB, actor.AccountID, ids)
	if err != nil {
		return nil, err
	}
	loads, err := loadsOf(tx.DB, actor.AccountID, ids)
	if err != nil {
		return nil, err
	}
	found := make([]*receiver, 0, len(ids))
	for i, id := range ids {
		if contains(ids[:i], id) {
			return nil, fault.Input(field, "duplicate").With("clerk_id", id)
		}
		p, ok := people[id]
		if !ok || actor.Is(model.RoleManager) && p.StoreID != actor.StoreID {
			return nil, fault.New(fault.NotFound, "receiver_not_found").With("clerk_id", id)
		}
		if id == fromID {
			return nil, fault.Input(field, "same_clerk")
		}
		if reason := unfit(p); reason != "" {
			return nil, fault.Input(field, reason).With("clerk_id", id)
		}
		r := &receiver{id: id, name: p.Name, storeID: p.StoreID, room: -1, load: map[string]int{}}
		for level, n := range loads[id] {
			r.load[level] = n
			r.total += n
		}
		found = append(found, r)
	}
	return found, nil
}

// unfit tells why a person cannot get members; "" if he can.
func unfit(p model.Staff) string {
	switch {
	case !p.Active:
		return "left"
	case p.LeavingAt > 0:
		return "leaving"
	case p.Role == model.RoleSupervisor:
		return "not_serving"
	case p.StoreID == "":
		return "no_store"
	}
	return ""
}

// notHis tells why a member cannot be moved by hand: he is not the clerk's, or the actor does not see him at all.
func (s *Service) notHis(tx *database.Tx, actor access.Actor, id string) error {
	if model.ValidID(id) {
		var n int64
		scope := actor.Members(tx.Millis())
		err := tx.Model(&model.Member{}).Where(scope.SQL, scope.Args...).
			Where("members.id = ? AND members.merged_into = ''", id).Count(&n).Error
		if err != nil {
			return fmt.Errorf("find member: %w", err)
		}
		if n > 0 {
			return fault.Input("moves", "not_of_this_clerk").With("member_id", id)
		}
	}
	return fault.New(fault.NotFound, "member_not_found").With("member_id", id)
}
