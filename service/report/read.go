package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
)

// maxDays bounds the span of one report.
const maxDays = 400

// regionStores finds the stores of a region and of the regions right below it.
const regionStores = "SELECT stores.id FROM stores WHERE stores.account_id = ? AND (stores.region_id = ? OR stores.region_id IN (SELECT regions.id FROM regions WHERE regions.parent_id = ?))"

// scope limits rows that have a store and a clerk: owner and service desk the account, a supervisor his region, a
// manager his store, a clerk himself.
func scope(a access.Actor, account, store, clerk string) access.Where {
	switch {
	case a.Is(model.RoleOwner, model.RoleSupport):
		return access.Where{SQL: account + " = ?", Args: []any{a.AccountID}}
	case a.Is(model.RoleSupervisor) && a.RegionID != "":
		return access.Where{
			SQL:  account + " = ? AND " + store + " IN (" + regionStores + ")",
			Args: []any{a.AccountID, a.AccountID, a.RegionID, a.RegionID},
		}
	case a.Is(model.RoleManager) && a.StoreID != "":
		return access.Where{SQL: account + " = ? AND " + store + " = ?", Args: []any{a.AccountID, a.StoreID}}
	case a.Is(model.RoleClerk):
		return access.Where{SQL: account + " = ? AND " + clerk + " = ?", Args: []any{a.AccountID, a.StaffID}}
	}
	return access.Where{SQL: "1 = 0"}
}

// stores are those an actor's figures may come from.
func (s *Service) stores(ctx context.Context, actor access.Actor, storeID string) ([]model.Store, error) {
	where := scope(actor, "stores.account_id", "stores.id", "''")
	if actor.Is(model.RoleClerk) {
		where = access.Where{SQL: "stores.account_id = ? AND stores.id = ?", Args: []any{actor.AccountID, actor.StoreID}}
	}
	q := s.db.Read(ctx).Select("id", "name", "time_zone").Where(where.SQL, where.Args...)
	if storeID != "" {
		if !model.ValidID(storeID) {
			return nil, fault.New(fault.NotFound, "store_not_found")
		}
		q = q.Where("stores.id = ?", storeID)
	}
	var rows []model.Store
	if err := q.Order("stores.id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("find stores: %w", err)
	}
	if storeID != "" && len(rows) == 0 {
		return nil, fault.New(fault.NotFound, "store_not_found")
	}
	return rows, nil
}

// Today is how one store stands today.
type Today struct {
	Store      model.Store // without id: what belongs to no store
	Day        model.ReportDay
	Unanswered int64 // conversations that wait for an answer now
}

// Overview gives today's figures by store, each store's day in its own zone; storeID limits it to one. Who sees the
// whole account gets what belongs to no store as the last. A clerk gets his own.
func (s *Service) Overview(ctx context.Context, actor access.Actor, storeID string) ([]Today, error) {
	stores, err := s.stores(ctx, actor, storeID)
	if err != nil {
		return nil, err
	}
	if storeID == "" && actor.Is(model.RoleOwner, model.RoleSupport) {
		stores = append(stores, model.Store{})
	}
	now := s.db.Now()
	all := make([]Today, len(stores))
	var days, ids []string
	for i, store := range stores {
		all[i] = Today{Store: store}
		all[i].Day.StoreID, all[i].Day.Day = store.ID, now.In(model.Zone(store.TimeZone)).Format(model.DayLayout)
		days, ids = append(days, all[i].Day.Day), append(ids, store.ID)
	}
	slices.Sort(days)
	where := scope(actor, "account_id", "store_id", "clerk_id")
	var rows []model.ReportDay
	err = s.db.Read(ctx).Select("store_id, day, "+sums()).Where(where.SQL, where.Args...).
		Where("day IN ? AND store_id IN ?", slices.Compact(days), ids).Group("store_id, day").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read today's figures: %w", err)
	}
	waiting, err := s.waiting(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	for i := range all {
		for _, r := range rows {
			if r.StoreID == all[i].Store.ID && r.Day == all[i].Day.Day {
				all[i].Day = r
			}
		}
		all[i].Unanswered = waiting[all[i].Store.ID]
	}
	return all, nil
}

// waiting counts the conversations that wait, by store. What waits is ranked by its time, all else far beyond it.
func (s *Service) waiting(ctx context.Context, actor access.Actor, storeIDs []string) (map[string]int64, error) {
	where := scope(actor, "account_id", "store_id", "clerk_id")
	var rows []struct {
		StoreID string
		N       int64
	}
	err := s.db.Read(ctx).Model(&model.Conversation{}).Select("store_id, COUNT(*) AS n").Where(where.SQL, where.Args...).
		Where("store_id IN ? AND rank_at <= ? AND waiting_since > 0", storeIDs, s.db.Now().Add(time.Minute).UnixMilli()).
		Group("store_id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count who waits: %w", err)
	}
	counts := map[string]int64{}
	for _, r := range rows {
		counts[r.StoreID] = r.N
	}
	return counts, nil
}

// sums lists the counters of a day to be summed up.
func sums() string {
	var d model.ReportDay
	var parts []string
	for name := range d.Counters() {
		parts = append(parts, "SUM("+name+") AS "+name)
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// Filter says which days to report; store and clerk may be empty.
type Filter struct {
	From, To string // 2006-01-02, both within; empty: the last thirty days
	StoreID  string
	ClerkID  string
}

// Days gives the sums of each day from the first to the last, also of those without any figures.
func (s *Service) Days(ctx context.Context, actor access.Actor, f Filter) ([]model.ReportDay, error) {
	from, to, err := f.span(s.db.Now())
	if err != nil {
		return nil, err
	}
	where := scope(actor, "account_id", "store_id", "clerk_id")
	q := s.db.Read(ctx).Select("day, "+sums()).Where(where.SQL, where.Args...).
		Where("day >= ? AND day <= ?", from.Format(model.DayLayout), to.Format(model.DayLayout))
	if f.StoreID != "" {
		q = q.Where("store_id = ?", f.StoreID)
	}
	if f.ClerkID != "" {
		q = q.Where("clerk_id = ?", f.ClerkID)
	}
	var rows []model.ReportDay
	if err := q.Group("day").Order("day").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read days: %w", err)
	}
	var all []model.ReportDay
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		name := day.Format(model.DayLayout)
		if len(rows) > 0 && rows[0].Day == name {
			all, rows = append(all, rows[0]), rows[1:]
			continue
		}
		all = append(all, model.ReportDay{Day: name})
	}
	return all, nil
}

// Export is Days for a file, written to the audit (L3).
func (s *Service) Export(ctx context.Context, actor access.Actor, f Filter) ([]model.ReportDay, error) {
	if err := actor.Stays(); err != nil {
		return nil, err
	}
	days, err := s.Days(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	return days, s.audit.Record(ctx, actor, audit.Entry{Action: "report.export", Object: "report", Detail: "days"})
}

func (f Filter) span(now time.Time) (from, to time.Time, err error) {
	to = now.In(model.Zone(""))
	if f.To != "" {
		if to, err = time.Parse(model.DayLayout, f.To); err != nil {
			return from, to, fault.Input("to", "invalid")
		}
	}
	to = time.Date(to.Year(), to.Month(), to.Day(), 0, 0, 0, 0, time.UTC)
	from = to.AddDate(0, 0, -29)
	if f.From != "" {
		if from, err = time.Parse(model.DayLayout, f.From); err != nil {
			return from, to, fault.Input("from", "invalid")
		}
	}
	if from.After(to) {
		return from, to, fault.Input("from", "after_to")
	}
	if to.Sub(from) > maxDays*24*time.Hour {
		return from, to, fault.Input("from", "too_long")
	}
	for field, id := range map[string]string{"store_id": f.StoreID, "clerk_id": f.ClerkID} {
		if id != "" && !model.ValidID(id) {
			return from, to, fault.Input(field, "unknown")
		}
	}
	return from, to, nil
}
