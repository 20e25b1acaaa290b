package binding

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/member"
)

// requestsInScope limits entries to those a manager has to decide: of his store, coming or going.
func requestsInScope(actor access.Actor) access.Where {
	switch {
	case actor.Is(model.RoleOwner):
		return access.Where{SQL: "account_id = ?", Args: []any{actor.AccountID}}
	case actor.Is(model.RoleManager) && actor.StoreID != "":
		return access.Where{
			SQL:  "account_id = ? AND (store_id = ? OR to_store_id = ?)",
			Args: []any{actor.AccountID, actor.StoreID, actor.StoreID},
		}
	}
	return access.Where{SQL: "1 = 0"}
}

// Requests pages through the entries for the manager in one state (all with an empty one), the newest first; with a
// store only those that are about it.
func (s *Service) Requests(ctx context.Context, actor access.Actor, state, storeID, before string, limit int) ([]model.BindingRequest, string, error) {
	scope := requestsInScope(actor)
	q := s.db.Read(ctx).Where(scope.SQL, scope.Args...)
	if state != "" {
		q = q.Where("state = ?", state)
	}
	if storeID != "" {
		q = q.Where("(store_id = ? OR to_store_id = ?)", storeID, storeID)
	}
	if before != "" {
		q = q.Where("id < ?", before)
	}
	var rows []model.BindingRequest
	if err := q.Order("id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list entries: %w", err)
	}
	if len(rows) > limit {
		return rows[:limit], rows[limit-1].ID, nil
	}
	return rows, "", nil
}

// Decide approves or refuses a second scan, or notes a code that went astray. An entry that is no longer open is a
// Conflict decided; a member who was bound anew meanwhile is a Conflict changed_meanwhile.
func (s *Service) Decide(ctx context.Context, actor access.Actor, id string, approve bool) (model.BindingRequest, error) {
	var q model.BindingRequest
	if !model.ValidID(id) {
		return q, fault.New(fault.NotFound, "request_not_found")
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		scope := requestsInScope(actor)
		err := tx.Lock().Where(scope.SQL, scope.Args...).First(&q, "id = ?", id).Error
		if database.IsNotFound(err) {
			return fault.New(fault.NotFound, "request_not_found")
		}
		if err != nil {
			return fmt.Errorf("find entry: %w", err)
		}
		if q.State != model.RequestOpen {
			return fault.New(fault.Conflict, "decided")
		}
		q.State = model.RequestRefused
		switch {
		case q.Kind != model.RequestSecondScan:
			q.State = model.RequestNoted
		case approve:
			q.State = model.RequestApproved
			if err := s.approve(tx, actor, q); err != nil {
				return err
			}
		}
		q.DecidedBy, q.DecidedAt = actor.StaffID, tx.Millis()
		err = tx.Model(&model.BindingRequest{}).Where("id = ? AND state = ?", q.ID, model.RequestOpen).
			Updates(map[string]any{"state": q.State, "decided_by": q.DecidedBy, "decided_at": q.DecidedAt}).Error
		if err != nil {
			return fmt.Errorf("decide entry: %w", err)
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{
			Action: "binding_request." + q.State, Object: "binding_request", ObjectID: q.ID, MemberID: q.MemberID,
		})
	})
	return q, err
}

// approve binds the member as he had asked by his scan. A clerk who left or has given notice since gets nobody new:
// Conflict clerk_leaves.
func (s *Service) approve(tx *database.Tx, actor access.Actor, q model.BindingRequest) error {
	var m model.Member
	if err := tx.Lock().First(&m, "id = ?", q.MemberID).Error; err != nil {
		return fmt.Errorf("lock member: %w", err)
	}
	if m.ClerkID != q.FromClerkID || m.MergedInto != "" {
		return fault.New(fault.Conflict, "changed_meanwhile")
	}
	var serving int64
	err := tx.Model(&model.Staff{}).Where("id = ? AND account_id = ? AND active = ? AND leaving_at = 0", q.ToClerkID, q.AccountID, true).Count(&serving).Error
	if err != nil {
		return fmt.Errorf("find clerk: %w", err)
	}
	if serving == 0 {
		return fault.New(fault.Conflict, "clerk_leaves")
	}
	_, err = s.members.AssignTx(tx, actor, &m, member.Assign{
		StoreID: q.ToStoreID, ClerkID: q.ToClerkID, How: model.HowScan, SourceID: q.CodeID,
	})
	return err
}
