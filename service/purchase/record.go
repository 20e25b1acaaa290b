package purchase

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

// tries is how often a call begins anew when another one has just written the same number.
const tries = 3

// Record takes sales of a till (M2): an owner's or an API key's. Each is created, unchanged when it was told before in
// the same words, or refused with its reason; one that is refused keeps no other from being taken. Over
// model.MaxPurchases at once is input purchases:too_many.
func (s *Service) Record(ctx context.Context, actor access.Actor, sales []Sale) ([]Outcome, error) {
	switch {
	case !actor.Is(model.RoleOwner) && actor.Kind != model.ByKey:
		return nil, fault.New(fault.Forbidden, "role")
	case len(sales) == 0:
		return nil, fault.Input("purchases", "required")
	case len(sales) > model.MaxPurchases:
		return nil, fault.Input("purchases", "too_many")
	}
	source := Source{Kind: model.PurchaseByStaff, ID: actor.StaffID}
	if actor.Kind == model.ByKey {
		source.Kind = model.PurchaseByKey
	}
	for try := 1; ; try++ {
		var outcomes []Outcome
		err := s.db.InTx(ctx, func(tx *database.Tx) error {
			var err error
			if outcomes, err = s.RecordTx(tx, actor, source, sales); err != nil {
				return err
			}
			return s.audit.RecordTx(tx, actor, audit.Entry{Action: "purchase.record", Object: "purchase", Detail: summary(outcomes)})
		})
		if try < tries && database.IsDuplicate(err) {
			continue
		}
		return outcomes, err
	}
}

// summary counts outcomes for the audit log.
func summary(outcomes []Outcome) string {
	n := map[string]int{}
	for _, o := range outcomes {
		n[o.Result]++
	}
	return fmt.Sprintf("created:%d,unchanged:%d,refused:%d", n[Created], n[Unchanged], n[Refused])
}

// Source says from where sales come.
type Source struct{ Kind, ID string }

// RecordTx takes sales in one transaction and tells of each what became of it. A number that another transaction has
// just written is a duplicate-key error: the caller begins anew.
func (s *Service) RecordTx(tx *database.Tx, actor access.Actor, source Source, sales []Sale) ([]Outcome, error) {
	r := &recording{Service: s, tx: tx, account: actor.AccountID, source: source, sales: sales, outcomes: make([]Outcome, len(sales))}
	for _, step := range []func() error{r.check, r.findMembers, r.findPlaces, r.lock, r.findKnown, r.take, r.write} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r.outcomes, nil
}
