package campaign

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/service/access"
)

// Result is one recipient with what came of him, for a file.
type Result struct {
	Reached

	StoreName, ClerkName string

	Visited, Bought, Unfollowed bool
	Amount                      int64 // fen that he spent within the campaign's days, refunds taken off
}

// exportPage is how many recipients are read at a time.
const exportPage = 500

// Export hands every recipient of a campaign whom the actor may see to each, with what came of him as Outcome counts it.
// It is recorded before the first; who has given notice gets nothing (E5).
func (s *Service) Export(ctx context.Context, actor access.Actor, id string, each func(Result) error) error {
	c, err := s.Get(ctx, actor, id)
	if err != nil {
		return err
	}
	if err := actor.Stays(); err != nil {
		return err
	}
	if err := s.audit.Record(ctx, actor, entry("campaign.export", c)); err != nil {
		return err
	}
	db := s.db.Read(ctx)
	stores, err := namesOf(db, &model.Store{}, c.AccountID)
	if err != nil {
		return err
	}
	clerks, err := namesOf(db, &model.Staff{}, c.AccountID)
	if err != nil {
		return err
	}
	scope := actor.Members(s.db.Now().UnixMilli())
	for after := ""; ; {
		var rows []Result
		err := results(db, c).Where(scope.SQL, scope.Args...).Where("campaign_recipients.member_id > ?", after).
			Order("campaign_recipients.member_id").Limit(exportPage).Scan(&rows).Error
		if err != nil {
			return fmt.Errorf("read results of a campaign: %w", err)
		}
		for _, r := range rows {
			r.Reason = toldTo(actor, r.Reason)
			r.StoreName, r.ClerkName = stores[r.StoreID], clerks[r.ClerkID]
			if err := each(r); err != nil {
				return err
			}
		}
		if len(rows) < exportPage {
			return nil
		}
		after = rows[len(rows)-1].MemberID
	}
}

// results reads recipients with what came of each: from when it was sent, of the control group from the start.
func results(db *gorm.DB, c model.Campaign) *gorm.DB {
	const from = "(CASE WHEN campaign_recipients.sent_at > 0 THEN campaign_recipients.sent_at ELSE ? END)"
	span := spanOf(c)
	marks := actsWithin(from)
	columns := "campaign_recipients.*, members.name, " + marks.bought + " AS bought, (" + marks.bought + " OR " + marks.scanned + ") AS visited, " +
		marks.left + " AS unfollowed, " + marks.amount + " AS amount"
	once := func(span int64) []any { return []any{c.StartedAt, c.StartedAt, span} }
	var args []any
	for _, s := range []int64{span, span, span, int64(model.ReplyMillis), span} {
		args = append(args, once(s)...)
	}
	return db.Table("campaign_recipients").Select(columns, args...).
		Joins("JOIN members ON members.id = campaign_recipients.member_id").Where("campaign_recipients.campaign_id = ?", c.ID)
}

// namesOf reads the names of an account's stores or people, by their ids.
func namesOf(db *gorm.DB, of any, accountID string) (map[string]string, error) {
	var rows []struct{ ID, Name string }
	if err := db.Model(of).Select("id", "name").Where("account_id = ?", accountID).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	all := make(map[string]string, len(rows))
	for _, r := range rows {
		all[r.ID] = r.Name
	}
	return all, nil
}
