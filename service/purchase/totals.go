package purchase

import (
	"fmt"
	"slices"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
)

// hold locks the totals of members, in order, and makes those that are not there yet.
func hold(tx *database.Tx, accountID string, members []string) error {
	for chunk := range slices.Chunk(unique(members), rowsAtOnce) {
		rows := make([]model.PurchaseTotal, len(chunk))
		for i, id := range chunk {
			rows[i] = model.PurchaseTotal{MemberID: id, AccountID: accountID}
		}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error; err != nil {
			return fmt.Errorf("begin totals: %w", err)
		}
		var ids []string
		err := tx.Lock().Model(&model.PurchaseTotal{}).Where("member_id IN ?", chunk).Order("member_id").Pluck("member_id", &ids).Error
		if err != nil {
			return fmt.Errorf("hold totals: %w", err)
		}
	}
	return nil
}

// count works the totals of members out anew, from their purchases. Their rows are held.
func count(tx *database.Tx, accountID string, members []string) error {
	for chunk := range slices.Chunk(unique(members), rowsAtOnce) {
		var rows []model.PurchaseTotal
		err := tx.Model(&model.Purchase{}).
			Select("member_id, COUNT(CASE WHEN amount >= 0 THEN 1 END) AS purchases, SUM(amount) AS amount,"+
				" COALESCE(MIN(CASE WHEN amount >= 0 THEN paid_at END), 0) AS first_at, COALESCE(MAX(CASE WHEN amount >= 0 THEN paid_at END), 0) AS last_at").
			Where("member_id IN ?", chunk).Group("member_id").Scan(&rows).Error
		if err != nil {
			return fmt.Errorf("add purchases up: %w", err)
		}
		there := map[string]bool{}
		for i := range rows {
			rows[i].AccountID, there[rows[i].MemberID] = accountID, true
		}
		for _, id := range chunk {
			if !there[id] {
				rows = append(rows, model.PurchaseTotal{MemberID: id, AccountID: accountID})
			}
		}
		err = tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "member_id"}}, DoUpdates: clause.AssignmentColumns([]string{"purchases", "amount", "first_at", "last_at"}),
		}).Create(&rows).Error
		if err != nil {
			return fmt.Errorf("keep totals: %w", err)
		}
	}
	return nil
}

// MergedTx lets the purchases of a member who was merged into another count for that one.
func (s *Service) MergedTx(tx *database.Tx, from, into model.Member) error {
	if err := hold(tx, into.AccountID, []string{from.ID, into.ID}); err != nil {
		return err
	}
	return pass(tx, into.AccountID, from.ID, into.ID, nil)
}

// UnmergedTx takes that back, also for those who had been merged into him before.
func (s *Service) UnmergedTx(tx *database.Tx, from, into model.Member, family []string) error {
	if err := hold(tx, into.AccountID, []string{from.ID, into.ID}); err != nil {
		return err
	}
	return pass(tx, into.AccountID, into.ID, from.ID, family)
}

// pass gives purchases of one member to another: all, or those that some bought.
func pass(tx *database.Tx, accountID, from, to string, boughtBy []string) error {
	q := tx.Model(&model.Purchase{}).Where("member_id = ?", from)
	if boughtBy != nil {
		q = q.Where("bought_by IN ?", boughtBy)
	}
	var ids []string
	if err := q.Pluck("id", &ids).Error; err != nil {
		return fmt.Errorf("find purchases of a member: %w", err)
	}
	for chunk := range slices.Chunk(ids, rowsAtOnce) {
		if err := tx.Model(&model.Purchase{}).Where("id IN ?", chunk).Update("member_id", to).Error; err != nil {
			return fmt.Errorf("pass purchases on: %w", err)
		}
		if err := tx.Model(&model.PurchaseItem{}).Where("purchase_id IN ?", chunk).Update("member_id", to).Error; err != nil {
			return fmt.Errorf("pass what was bought on: %w", err)
		}
	}
	return count(tx, accountID, []string{from, to})
}
