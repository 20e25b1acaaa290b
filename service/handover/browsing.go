package handover

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/feed"
)

// browsingPeople is how many people are counted at a time.
const browsingPeople = 200

// browsers are the roles whose opening of files is watched.
func browsers() []string { return []string{model.RoleClerk, model.RoleManager} }

// WatchBrowsing looks who opened far more files today than on his usual days, and tells his manager once a day (E5). A
// loop calls it. It costs what was opened today, and for the few who opened many their last weeks.
func (s *Service) WatchBrowsing(ctx context.Context) error {
	var zones []string
	if err := s.db.Read(ctx).Model(&model.Store{}).Distinct().Pluck("time_zone", &zones).Error; err != nil {
		return fmt.Errorf("read the zones of stores: %w", err)
	}
	var all error
	for _, zone := range zones {
		start := dayStart(s.db.Now(), zone)
		for after := ""; ; {
			var people []model.Staff
			err := s.db.Read(ctx).Select("staff.*").Joins("JOIN stores ON stores.id = staff.store_id AND stores.time_zone = ?", zone).
				Where("staff.active = ? AND staff.role IN ? AND staff.seen_at >= ? AND staff.id > ?", true, browsers(), start.UnixMilli(), after).
				Order("staff.id").Limit(browsingPeople).Find(&people).Error
			if err != nil {
				return fmt.Errorf("find who was there today: %w", err)
			}
			if len(people) == 0 {
				break
			}
			after = people[len(people)-1].ID
			all = errors.Join(all, s.watch(ctx, people, start))
		}
	}
	return all
}

// dayStart is the beginning of a moment's day in a zone.
func dayStart(now time.Time, zone string) time.Time {
	y, m, d := now.In(model.Zone(zone)).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, model.Zone(zone))
}

// watch looks at people of stores in one zone. The days before are 24 hours each: one hour off, where clocks change,
// says nothing about what is usual.
func (s *Service) watch(ctx context.Context, people []model.Staff, start time.Time) error {
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	from, to := start.UnixMilli(), start.UnixMilli()+audit.DayMillis
	today, err := s.audit.FilesOpened(ctx, ids, from, to)
	if err != nil {
		return err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return today[id][0] < model.BrowsingFloor })
	before, err := s.audit.FilesOpened(ctx, ids, from-model.BrowsingDays*audit.DayMillis, from)
	if err != nil {
		return err
	}
	var all error
	for _, p := range people {
		files := today[p.ID][0]
		usual := model.UsualFiles(days(before[p.ID]))
		if files >= model.BrowsingFloor && model.BrowsesTooMuch(files, usual, p.LeavingAt > 0) {
			all = errors.Join(all, s.noteBrowsing(ctx, p, start.Format(model.DayLayout), files, usual))
		}
	}
	return all
}

func days(of map[int64]int64) []int64 {
	all := make([]int64, 0, len(of))
	for _, n := range of {
		all = append(all, n)
	}
	return all
}

// noteBrowsing writes a day down and tells of it; of one that is known already only the number goes up.
func (s *Service) noteBrowsing(ctx context.Context, p model.Staff, day string, files, usual int64) error {
	n, err := s.db.Exec(ctx, "UPDATE browsings SET files = CASE WHEN files < ? THEN ? ELSE files END WHERE staff_id = ? AND day = ?", files, files, p.ID, day)
	if err != nil {
		return fmt.Errorf("count on a day of browsing: %w", err)
	}
	if n > 0 {
		return nil
	}
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		row := model.Browsing{
			ID: model.NewID(), AccountID: p.AccountID, StoreID: p.StoreID, StaffID: p.ID, Day: day, Files: files, Usual: usual,
			Leaving: p.LeavingAt > 0, CreatedAt: tx.Millis(),
		}
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("write down a day of browsing: %w", err)
		}
		e := feed.Event{AccountID: p.AccountID, Kind: "browsing", Data: map[string]string{"staff_id": p.ID}}
		s.feed.PublishTx(tx, e, feed.Store(p.StoreID), feed.Account(p.AccountID)) // once a day and person: no lock that many want
		return nil
	})
	if database.IsDuplicate(err) { // another instance was first
		return nil
	}
	return err
}

// browsingsInScope: the owner's account, a supervisor's region, a manager's store; nobody sees his own.
func browsingsInScope(a access.Actor) access.Where {
	const others = "browsings.account_id = ? AND browsings.staff_id <> ?"
	switch {
	case a.Is(model.RoleOwner):
		return access.Where{SQL: others, Args: []any{a.AccountID, a.StaffID}}
	case a.Is(model.RoleManager) && a.StoreID != "":
		return access.Where{SQL: others + " AND browsings.store_id = ?", Args: []any{a.AccountID, a.StaffID, a.StoreID}}
	case a.Is(model.RoleSupervisor) && a.RegionID != "":
		return access.Where{
			SQL: others + " AND browsings.store_id IN (SELECT stores.id FROM stores WHERE stores.account_id = ? AND" +
				" (stores.region_id = ? OR stores.region_id IN (SELECT regions.id FROM regions WHERE regions.parent_id = ?)))",
			Args: []any{a.AccountID, a.StaffID, a.AccountID, a.RegionID, a.RegionID},
		}
	}
	return access.Where{SQL: "1 = 0"}
}

// NamedBrowsing is a day of browsing with the name of who did it.
type NamedBrowsing struct {
	model.Browsing

	StaffName string
}

// Browsings pages through the days on which somebody in the actor's scope opened far more files than usual, the newest
// first.
func (s *Service) Browsings(ctx context.Context, actor access.Actor, before string, limit int) ([]NamedBrowsing, string, error) {
	w := browsingsInScope(actor)
	q := s.db.Read(ctx).Table("browsings").Select("browsings.*, staff.name AS staff_name").
		Joins("JOIN staff ON staff.id = browsings.staff_id").Where(w.SQL, w.Args...)
	if before != "" {
		q = q.Where("browsings.id < ?", before)
	}
	var rows []NamedBrowsing
	if err := q.Order("browsings.id DESC").Limit(limit + 1).Scan(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list days of browsing: %w", err)
	}
	if len(rows) > limit {
		return rows[:limit], rows[limit-1].ID, nil
	}
	return rows, "", nil
}

// OpenedFiles is how many files one person opened today and before.
type OpenedFiles struct {
	Today   int64
	Usual   int64 // 0 = not known
	TooMany bool
	Days    []OpenedDay // the last ones before today, the oldest first; days without any too
}

// OpenedDay is one day.
type OpenedDay struct {
	Day   string
	Files int64
}

// OpenedBy counts the files that a person opened: for his manager, the owner and his supervisor.
func (s *Service) OpenedBy(ctx context.Context, actor access.Actor, staffID string) (OpenedFiles, error) {
	p, err := s.staff.Get(ctx, actor, staffID)
	if err != nil {
		return OpenedFiles{}, err
	}
	if p.ID == actor.StaffID || mayGive(actor, p) != nil && !actor.Is(model.RoleSupervisor) {
		return OpenedFiles{}, fault.New(fault.Forbidden, "not_allowed")
	}
	var zones []string
	if err := s.db.Read(ctx).Model(&model.Store{}).Where("id = ?", p.StoreID).Pluck("time_zone", &zones).Error; err != nil {
		return OpenedFiles{}, fmt.Errorf("read the zone of a store: %w", err)
	}
	start := dayStart(s.db.Now(), slices.Concat(zones, []string{""})[0])
	first := start.UnixMilli() - model.BrowsingDays*audit.DayMillis
	opened, err := s.audit.FilesOpened(ctx, []string{p.ID}, first, start.UnixMilli()+audit.DayMillis)
	if err != nil {
		return OpenedFiles{}, err
	}
	of := opened[p.ID]
	out := OpenedFiles{Today: of[model.BrowsingDays], Days: make([]OpenedDay, model.BrowsingDays)}
	delete(of, model.BrowsingDays)
	for n := range out.Days {
		out.Days[n] = OpenedDay{start.AddDate(0, 0, n-model.BrowsingDays).Format(model.DayLayout), of[int64(n)]}
	}
	out.Usual = model.UsualFiles(days(of))
	out.TooMany = model.BrowsesTooMuch(out.Today, out.Usual, p.LeavingAt > 0)
	return out, nil
}
