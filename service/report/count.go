package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
)

// countAtOnce is how many facts one transaction counts, and how many sums.
const countAtOnce = 500

// count adds all facts and sums to the days.
func (s *Service) count(ctx context.Context) error {
	for ctx.Err() == nil {
		n, err := s.countSome(ctx)
		if err != nil {
			return fmt.Errorf("count facts: %w", err)
		}
		if n < countAtOnce {
			return nil
		}
	}
	return nil
}

func (s *Service) countSome(ctx context.Context) (int, error) {
	var some struct{ Facts, Sums bool }
	err := s.db.Read(ctx).Raw("SELECT EXISTS (SELECT 1 FROM report_facts) AS facts, EXISTS (SELECT 1 FROM report_sums) AS sums").Scan(&some).Error
	if err != nil || !some.Facts && !some.Sums {
		return 0, err
	}
	n := 0
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		if err := s.leases.HeldTx(tx, countLease); err != nil {
			return err
		}
		var facts []model.ReportFact
		var sums []model.ReportSum
		if err := tx.Order("id").Limit(countAtOnce).Find(&facts).Error; err != nil {
			return fmt.Errorf("read facts: %w", err)
		}
		if err := tx.Order("id").Limit(countAtOnce).Find(&sums).Error; err != nil {
			return fmt.Errorf("read sums: %w", err)
		}
		if n = max(len(facts), len(sums)); n == 0 {
			return nil
		}
		if err := place(tx, facts); err != nil {
			return err
		}
		days, err := daysOf(tx, facts, sums)
		if err != nil {
			return err
		}
		for _, d := range days {
			if err := add(tx, d); err != nil {
				return err
			}
		}
		factIDs, sumIDs := make([]string, len(facts)), make([]string, len(sums))
		for i, f := range facts {
			factIDs[i] = f.ID
		}
		for i, sum := range sums {
			sumIDs[i] = sum.ID
		}
		// One after the other: where the first met a deadlock the transaction is gone, and the second would stand by itself.
		if err := counted(tx, &model.ReportFact{}, factIDs); err != nil {
			return err
		}
		return counted(tx, &model.ReportSum{}, sumIDs)
	})
	return n, err
}

// counted deletes what is in its days now.
func counted(tx *database.Tx, of any, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	// The order makes MariaDB look the rows up by their key. Without it, it may go through the whole table, and wait there
	// for everybody who is writing a fact.
	r := tx.Where("id IN ?", ids).Order("id").Limit(len(ids)).Delete(of)
	if r.Error == nil && r.RowsAffected != int64(len(ids)) {
		return fmt.Errorf("deleted %d of %d that were counted", r.RowsAffected, len(ids))
	}
	return r.Error
}

// place gives new members to whom they were given by the transaction that made them, though they may have been handed
// over since (E14). Who was merged into another is no new member.
func place(tx *database.Tx, facts []model.ReportFact) error {
	var ids []string
	for _, f := range facts {
		if f.Kind == model.FactNewMember {
			ids = append(ids, f.MemberID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []model.Member
	if err := tx.Select("id", "store_id").Where("id IN ? AND merged_into = ''", ids).Find(&rows).Error; err != nil {
		return fmt.Errorf("find whose the new members are: %w", err)
	}
	found := map[string]model.Member{}
	for _, m := range rows {
		found[m.ID] = m
	}
	var bindings []model.Binding
	if err := tx.Select("member_id", "store_id", "clerk_id", "from_at").Where("member_id IN ?", ids).Order("from_at, id").Find(&bindings).Error; err != nil {
		return fmt.Errorf("find whose the new members were: %w", err)
	}
	for i := range facts {
		if facts[i].Kind != model.FactNewMember {
			continue
		}
		m, ok := found[facts[i].MemberID]
		if !ok {
			facts[i].Kind = "" // counts for nothing
		}
		facts[i].StoreID = m.StoreID
		for _, b := range bindings {
			if b.MemberID == m.ID && b.FromAt == facts[i].At {
				facts[i].StoreID, facts[i].ClerkID = b.StoreID, b.ClerkID
			}
		}
	}
	return nil
}

// daysOf sums facts and sums up, in an order that is the same for everybody.
func daysOf(tx *database.Tx, facts []model.ReportFact, parts []model.ReportSum) ([]*model.ReportDay, error) {
	zones, err := zonesOf(tx.DB, facts, parts)
	if err != nil {
		return nil, err
	}
	sums := map[string]*model.ReportDay{}
	var days []*model.ReportDay
	dayOf := func(account, store, clerk string, at int64) *model.ReportDay {
		day := time.UnixMilli(at).In(model.Zone(zones[store])).Format(model.DayLayout)
		name := strings.Join([]string{account, store, clerk, day}, " ")
		if sums[name] == nil {
			sums[name] = &model.ReportDay{AccountID: account, StoreID: store, ClerkID: clerk, Day: day}
			days = append(days, sums[name])
		}
		return sums[name]
	}
	for _, f := range facts {
		if f.Kind != "" {
			tally(dayOf(f.AccountID, f.StoreID, f.ClerkID, f.At), f)
		}
	}
	for _, p := range parts {
		dayOf(p.AccountID, p.StoreID, p.ClerkID, p.At).MessagesIn += p.MessagesIn
	}
	slices.SortFunc(days, func(a, b *model.ReportDay) int {
		return strings.Compare(a.AccountID+a.StoreID+a.ClerkID+a.Day, b.AccountID+b.StoreID+b.ClerkID+b.Day)
	})
	return days, nil
}

func tally(d *model.ReportDay, f model.ReportFact) {
	switch f.Kind {
	case model.FactNewMember:
		d.NewMembers++
	case model.FactScan:
		d.Scans++
	case model.FactUnfollow:
		d.Unfollows++
	case model.FactIn:
		d.MessagesIn++
	case model.FactOut:
		d.MessagesOut++
	case model.FactAnswer:
		d.AddAnswer(f.Took)
	}
}

func zonesOf(db *gorm.DB, facts []model.ReportFact, parts []model.ReportSum) (map[string]string, error) {
	var ids []string
	for _, f := range facts {
		ids = append(ids, f.StoreID)
	}
	for _, p := range parts {
		ids = append(ids, p.StoreID)
	}
	slices.Sort(ids)
	var stores []model.Store
	if err := db.Select("id", "time_zone").Where("id IN ?", slices.Compact(ids)).Find(&stores).Error; err != nil {
		return nil, fmt.Errorf("read the zones of stores: %w", err)
	}
	zones := map[string]string{}
	for _, s := range stores {
		zones[s.ID] = s.TimeZone
	}
	return zones, nil
}

// add counts a sum in its day.
func add(tx *database.Tx, d *model.ReportDay) error {
	more := map[string]any{}
	for name, n := range d.Counters() {
		if *n > 0 {
			more[name] = gorm.Expr("report_days."+name+" + ?", *n)
		}
	}
	err := tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "account_id"}, {Name: "store_id"}, {Name: "clerk_id"}, {Name: "day"}},
		DoUpdates: clause.Assignments(more),
	}).Create(d).Error
	if err != nil {
		return fmt.Errorf("add to a day: %w", err)
	}
	return nil
}
