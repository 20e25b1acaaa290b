package staff

import (
	"context"
	"strings"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

// DefaultTimeZone is that of a store which names none.
const DefaultTimeZone = "Asia/Shanghai"

// CreateStore is a new store. Code is the till's; RegionID and TimeZone (IANA) may be empty.
type CreateStore struct{ Name, Code, RegionID, TimeZone string }

// CreateStore adds a store. Owners only. A code that is taken is a conflict ("duplicate").
func (s *Service) CreateStore(ctx context.Context, actor access.Actor, in CreateStore) (model.Store, error) {
	if !rules(actor) {
		return model.Store{}, fault.New(fault.Forbidden, "owner_only")
	}
	var p problems
	name, reason := line(in.Name, maxName)
	p.add("name", reason)
	code, reason := line(in.Code, maxCode)
	p.add("code", reason)
	if in.TimeZone == "" {
		in.TimeZone = DefaultTimeZone
	}
	p.add("time_zone", timeZoneReason(in.TimeZone))
	if err := p.err(); err != nil {
		return model.Store{}, err
	}
	row := model.Store{ID: model.NewID(), AccountID: actor.AccountID, Code: code, RegionID: in.RegionID, Name: name, TimeZone: in.TimeZone}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		if in.RegionID != "" {
			if _, err := findRegion(tx.DB, actor.AccountID, in.RegionID); err != nil {
				return err
			}
		}
		row.CreatedAt = tx.Millis()
		if err := insert(tx, &row); err != nil {
			return err
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{Action: "store.create", Object: "store", ObjectID: row.ID})
	})
	if database.IsDuplicate(err) {
		return model.Store{}, fault.New(fault.Conflict, "duplicate")
	}
	return row, err
}

// timeZoneReason refuses what is no IANA name. Local would mean another zone on each machine.
func timeZoneReason(name string) string {
	const longest = 64
	if model.ASCIIKey(name, longest) == "" || strings.EqualFold(name, "local") {
		return "unknown"
	}
	if _, err := time.LoadLocation(name); err != nil {
		return "unknown"
	}
	return ""
}

// ListStores gives the stores the actor may see, in order of creation.
func (s *Service) ListStores(ctx context.Context, actor access.Actor, page Page) ([]model.Store, string, error) {
	rows, err := listStores(s.db.Read(ctx), storeScope(actor), page)
	if err != nil {
		return nil, "", err
	}
	rows, cursor := next(rows, page.limit(), func(r model.Store) string { return r.ID })
	return rows, cursor, nil
}

// GetStore gives one store the actor may see.
func (s *Service) GetStore(ctx context.Context, actor access.Actor, storeID string) (model.Store, error) {
	return findStore(s.db.Read(ctx), storeScope(actor), storeID)
}

// StoreTx gives a store of the account, for other rooms, which have done their own check of rights.
func (s *Service) StoreTx(tx *database.Tx, accountID, storeID string) (model.Store, error) {
	return findStore(tx.DB, storeScope(access.System(accountID)), storeID)
}

// UpdateStore says what to change; nil leaves it as it is.
type UpdateStore struct {
	Name, Greeting, RegionID, TimeZone *string
	BusinessHours                      *model.Week // an empty week: the account's
}

// UpdateStore changes a store. Owners only; who sees the store but may not is forbidden.
func (s *Service) UpdateStore(ctx context.Context, actor access.Actor, storeID string, in UpdateStore) (model.Store, error) {
	var row model.Store
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		var err error
		if row, err = findStore(tx.Lock(), storeScope(actor), storeID); err != nil {
			return err
		}
		if !rules(actor) {
			return fault.New(fault.Forbidden, "owner_only")
		}
		changed, err := in.apply(&row)
		if err != nil || len(changed) == 0 {
			return err
		}
		if in.RegionID != nil && *in.RegionID != "" {
			if _, err := findRegion(tx.DB, actor.AccountID, *in.RegionID); err != nil {
				return err
			}
		}
		if err := updateStore(tx, row); err != nil {
			return err
		}
		return s.audit.RecordTx(tx, actor, audit.Entry{
			Action: "store.update", Object: "store", ObjectID: row.ID, Detail: strings.Join(changed, ","),
		})
	})
	return row, err
}

func (in UpdateStore) apply(row *model.Store) (changed []string, err error) {
	var p problems
	if in.Name != nil {
		var reason string
		row.Name, reason = line(*in.Name, maxName)
		p.add("name", reason)
		changed = append(changed, "name")
	}
	if in.Greeting != nil {
		row.Greeting = *in.Greeting
		p.add("greeting", greetingReason(row.Greeting))
		changed = append(changed, "greeting")
	}
	if in.RegionID != nil {
		row.RegionID = *in.RegionID
		changed = append(changed, "region")
	}
	if in.TimeZone != nil {
		row.TimeZone = *in.TimeZone
		p.add("time_zone", timeZoneReason(row.TimeZone))
		changed = append(changed, "time_zone")
	}
	if in.BusinessHours != nil {
		p.week("business_hours", *in.BusinessHours, model.MinWeekMinutes)
		row.BusinessHours = in.BusinessHours.String()
		changed = append(changed, "business_hours")
	}
	return changed, p.err()
}
