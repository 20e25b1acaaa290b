package handover

import (
	"context"

	"liuke/model"
	"liuke/service/access"
)

// Receipt is one line of what came of a handover, with names (E10).
type Receipt struct {
	MemberID, MemberName, CardNo, Level string
	FromClerk, ToClerk                  string
	Why, Result, Reason                 string
}

// receiptRows is how many lines are read at a time.
const receiptRows = 1000

// Receipts gives the receipt of a handover line by line. It carries names, so the reading is recorded (L3).
func (s *Service) Receipts(ctx context.Context, actor access.Actor, id string, line func(Receipt) error) error {
	h, err := find(s.db.Read(ctx), actor, id)
	if err != nil {
		return err
	}
	if err := actor.Stays(); err != nil {
		return err
	}
	receivers, err := receiversOf(s.db.Read(ctx), h.ID)
	if err != nil {
		return err
	}
	names, err := s.Names(ctx, actor, append(receivers, h.FromClerkID))
	if err != nil {
		return err
	}
	if err := s.audit.Record(ctx, actor, entry("handover.export", h.ID)); err != nil {
		return err
	}
	for after := ""; ; {
		rows, next, err := s.moves(ctx, h, MoveFilter{After: after, Limit: receiptRows})
		if err != nil {
			return err
		}
		for _, r := range rows {
			err := line(Receipt{
				MemberID: r.Move.MemberID, MemberName: r.Name, CardNo: r.CardNo, Level: r.Move.Level,
				FromClerk: names[h.FromClerkID], ToClerk: names[r.Move.ToClerkID],
				Why: r.Move.Why, Result: r.Result, Reason: r.Move.Reason,
			})
			if err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		after = next
	}
}

// Names gives the names of people of the account.
func (s *Service) Names(ctx context.Context, actor access.Actor, ids []string) (map[string]string, error) {
	people, err := s.staff.Lookup(ctx, actor.AccountID, ids)
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(people))
	for id, p := range people {
		names[id] = p.Name
	}
	return names, nil
}

// OwnerAt tells to whom a member belonged at a time, Unix milliseconds (E14). A zero binding: to nobody.
func (s *Service) OwnerAt(ctx context.Context, actor access.Actor, memberID string, at int64) (model.Binding, error) {
	return s.members.OwnerAt(ctx, actor, memberID, model.Time(at))
}
