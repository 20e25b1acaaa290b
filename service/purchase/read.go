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

// Bought is a purchase with its lines.
type Bought struct {
	Purchase model.Purchase
	Items    []model.PurchaseItem
}

// List pages through what a member bought and returned, the latest first. The reading is recorded with its first page
// (L3). Who may not see the member: NotFound member_not_found.
func (s *Service) List(ctx context.Context, actor access.Actor, memberID, cursor string, limit int) ([]Bought, string, error) {
	db := s.db.Read(ctx)
	scope := actor.Members(s.db.Now().UnixMilli())
	var m model.Member
	err := db.Select("id").Where(scope.SQL, scope.Args...).Where("members.merged_into = ''").First(&m, "members.id = ?", memberID).Error
	if database.IsNotFound(err) {
		return nil, "", fault.New(fault.NotFound, "member_not_found")
	}
	if err != nil {
		return nil, "", fmt.Errorf("find a member: %w", err)
	}
	q := db.Where("member_id = ?", memberID)
	if cursor != "" {
		var last model.Purchase
		if err := db.First(&last, "id = ? AND member_id = ?", cursor, memberID).Error; database.IsNotFound(err) {
			return nil, "", fault.Input("cursor", "unknown")
		} else if err != nil {
			return nil, "", fmt.Errorf("find where a page ended: %w", err)
		}
		q = q.Where("(paid_at < ? OR paid_at = ? AND id < ?)", last.PaidAt, last.PaidAt, last.ID)
	}
	var rows []model.Purchase
	if err := q.Order("paid_at DESC, id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list purchases: %w", err)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].ID
	}
	ids := make([]string, len(rows))
	for i, p := range rows {
		ids[i] = p.ID
	}
	var items []model.PurchaseItem
	if err := db.Where("purchase_id IN ?", ids).Order("purchase_id, line").Find(&items).Error; err != nil {
		return nil, "", fmt.Errorf("list what was bought: %w", err)
	}
	of := map[string][]model.PurchaseItem{}
	for _, i := range items {
		of[i.PurchaseID] = append(of[i.PurchaseID], i)
	}
	bought := make([]Bought, len(rows))
	for i, p := range rows {
		bought[i] = Bought{p, of[p.ID]}
	}
	if cursor == "" {
		err = s.audit.Record(ctx, actor, audit.Entry{Action: "member.purchases", Object: "member", ObjectID: memberID, MemberID: memberID})
	}
	return bought, next, err
}
