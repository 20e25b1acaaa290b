package privacy

import (
	"context"
	"fmt"
	"time"

	"liuke/model"
	"liuke/model/database"
)

// graceAtOnce is how many are asked for in one look: the others come with the next.
const graceAtOnce = 500

// Grace asks for the erasure of everybody whose grace is over: he has followed the account and has not for that many days.
func (s *Service) Grace(ctx context.Context) error {
	var accounts []string
	if err := s.db.Read(ctx).Model(&model.Account{}).Pluck("id", &accounts).Error; err != nil {
		return fmt.Errorf("list accounts: %w", err)
	}
	for _, id := range accounts {
		if err := s.graceOf(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) graceOf(ctx context.Context, accountID string) error {
	if err := s.begin(ctx, accountID); err != nil {
		return err
	}
	var rule model.RetentionSettings
	if err := s.db.Read(ctx).First(&rule, "account_id = ?", accountID).Error; err != nil {
		return fmt.Errorf("read how long data is kept: %w", err)
	}
	before := overSince(rule, s.db.Now())
	if before == 0 {
		return nil
	}
	var due []model.Follower
	err := s.db.Read(ctx).
		Where("account_id = ? AND kind = ? AND subscribed = ? AND unsubscribed_at > 0 AND unsubscribed_at <= ?", accountID, model.FollowerMember, false, before).
		Where("NOT EXISTS (SELECT 1 FROM erasures WHERE erasures.open_member_id = followers.member_id)").
		Order("unsubscribed_at").Limit(graceAtOnce).Find(&due).Error
	if err != nil {
		return fmt.Errorf("find whose grace is over: %w", err)
	}
	for _, f := range due {
		if err := s.graceOver(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// overSince is when somebody must have left at the latest for his grace to be over now; 0: nobody's is.
func overSince(rule model.RetentionSettings, now time.Time) int64 {
	before := now.AddDate(0, 0, -int(rule.GraceDays)).UnixMilli()
	if rule.GraceDays == 0 || rule.FromAt > before {
		return 0
	}
	return before
}

func (s *Service) graceOver(ctx context.Context, f model.Follower) error {
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		var m model.Member
		if err := tx.First(&m, "id = ?", f.MemberID).Error; err != nil {
			return fmt.Errorf("find a member: %w", err)
		}
		_, err := s.ask(tx, m, model.Erasure{Cause: model.EraseUnfollowed})
		return err
	})
	if database.IsDuplicate(err) { // somebody asked this moment
		return nil
	}
	return err
}
