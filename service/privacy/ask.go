package privacy

import (
	"context"
	"encoding/json"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/member"
)

// Ask is what somebody who wants a member's data erased says. Nothing in it is typed freely, so that no certificate can
// name anybody.
type Ask struct {
	Cause string // model.Erase…, but for EraseUnfollowed
	How   string // model.Wish…: how he told his wish; of cause wish alone
}

func (a Ask) check() error {
	switch a.Cause {
	case model.EraseWish:
		switch a.How {
		case model.WishInStore, model.WishByPhone, model.WishByWeChat, model.WishByLetter:
			return nil
		}
		return fault.Input("how", "required")
	case model.EraseNoPurpose, model.EraseUnlawful:
		if a.How != "" {
			return fault.Input("how", "not_a_wish")
		}
		return nil
	}
	return fault.Input("cause", "unknown")
}

// mayErase are owner and managers who stay.
func mayErase(actor access.Actor) error {
	if !actor.Is(model.RoleOwner, model.RoleManager) {
		return fault.New(fault.Forbidden, "managers_only")
	}
	return actor.Stays()
}

// Erase asks for the erasure of a member's data, whom the actor may see. One that is under way already: Conflict erasing.
func (s *Service) Erase(ctx context.Context, actor access.Actor, memberID string, a Ask) (Certificate, error) {
	if err := mayErase(actor); err != nil {
		return Certificate{}, err
	}
	var e model.Erasure
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		m, err := member.Find(tx.Lock(), actor, memberID, tx.Millis())
		if err != nil {
			return err
		}
		if err := a.check(); err != nil {
			return err
		}
		if e, err = s.ask(tx, m, model.Erasure{Cause: a.Cause, How: a.How, ByID: actor.StaffID}); err != nil {
			return err
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{
			Action: "privacy.erase", Object: "erasure", ObjectID: e.ID, MemberID: memberID, Detail: "cause:" + a.Cause,
		})
	})
	if database.IsDuplicate(err) {
		return Certificate{}, fault.New(fault.Conflict, "erasing")
	}
	if err != nil {
		return Certificate{}, err
	}
	return s.certificate(ctx, e)
}

// ask writes an erasure down; the key holds that a member has one under way at most.
func (s *Service) ask(tx *database.Tx, m model.Member, e model.Erasure) (model.Erasure, error) {
	e.ID, e.AccountID, e.StoreID, e.MemberID, e.OpenMemberID = model.NewID(), m.AccountID, m.StoreID, m.ID, &m.ID
	e.State, e.AskedAt, e.DueAt, e.Counts = model.ErasureWaiting, tx.Millis(), tx.Millis(), "{}"
	if err := tx.Create(&e).Error; err != nil {
		return e, fmt.Errorf("write an erasure down: %w", err)
	}
	s.wake(tx)
	return e, nil
}

// Certificate is an erasure as it is shown: it names nobody whose data it was.
type Certificate struct {
	model.Erasure

	Name string // of who asked; empty: the program itself
	Rows []Rows
}

// Rows is how many rows of a table were removed or blanked, or why they stayed.
type Rows struct {
	Table string
	Fate  string
	Why   string
	Count int64
}

// List pages through the erasures of the account, the latest first: owners see all, managers those of their store.
func (s *Service) List(ctx context.Context, actor access.Actor, before string, limit int) ([]Certificate, string, error) {
	if !actor.Is(model.RoleOwner, model.RoleManager) {
		return nil, "", fault.New(fault.Forbidden, "managers_only")
	}
	q := s.db.Read(ctx).Where("account_id = ?", actor.AccountID)
	if actor.Is(model.RoleManager) {
		q = q.Where("store_id = ?", actor.StoreID)
	}
	if before != "" {
		q = q.Where("id < ?", before)
	}
	var rows []model.Erasure
	if err := q.Order("id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list erasures: %w", err)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	items, err := s.certificates(ctx, rows)
	return items, next, err
}

// Get gives one of them.
func (s *Service) Get(ctx context.Context, actor access.Actor, id string) (Certificate, error) {
	if !actor.Is(model.RoleOwner, model.RoleManager) {
		return Certificate{}, fault.New(fault.Forbidden, "managers_only")
	}
	q := s.db.Read(ctx).Where("account_id = ? AND id = ?", actor.AccountID, id)
	if actor.Is(model.RoleManager) {
		q = q.Where("store_id = ?", actor.StoreID)
	}
	var rows []model.Erasure
	if err := q.Find(&rows).Error; err != nil {
		return Certificate{}, fmt.Errorf("find an erasure: %w", err)
	}
	if len(rows) == 0 {
		return Certificate{}, fault.New(fault.NotFound, "erasure_not_found")
	}
	return s.certificate(ctx, rows[0])
}

func (s *Service) certificate(ctx context.Context, e model.Erasure) (Certificate, error) {
	all, err := s.certificates(ctx, []model.Erasure{e})
	if err != nil {
		return Certificate{}, err
	}
	return all[0], nil
}

func (s *Service) certificates(ctx context.Context, rows []model.Erasure) ([]Certificate, error) {
	ids := make([]string, len(rows))
	for i, e := range rows {
		ids[i] = e.ByID
	}
	var people []model.Staff
	if err := s.db.Read(ctx).Select("id", "name").Where("id IN ?", ids).Find(&people).Error; err != nil {
		return nil, fmt.Errorf("find who asked: %w", err)
	}
	names := map[string]string{}
	for _, p := range people {
		names[p.ID] = p.Name
	}
	out := make([]Certificate, len(rows))
	for i, e := range rows {
		out[i] = Certificate{Erasure: e, Name: names[e.ByID]}
		counts := map[string]int64{}
		if err := json.Unmarshal([]byte(e.Counts), &counts); err != nil {
			return nil, fmt.Errorf("read the counts of an erasure: %w", err)
		}
		for _, r := range rules() {
			switch {
			case r.fate == FateKept && r.why != WhyHouse, counts[r.table] > 0:
				out[i].Rows = append(out[i].Rows, Rows{r.table, r.fate, r.why, counts[r.table]})
			}
		}
	}
	return out, nil
}
