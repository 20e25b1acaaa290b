package binding

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// gormInc adds one to a column.
func gormInc(column string) clause.Expr { return gorm.Expr(column + " + 1") }

// codesInScope limits rows of the table codes: the account's for owner and service desk, else the own store's; a clerk
// sees his own and his store's.
func codesInScope(actor access.Actor) access.Where {
	switch {
	case actor.Is(model.RoleOwner, model.RoleSupport):
		return access.Where{SQL: "codes.account_id = ? AND codes.kind <> ?", Args: []any{actor.AccountID, model.CodeStaffLink}}
	case actor.Is(model.RoleSupervisor) && actor.RegionID != "":
		return access.Where{
			SQL:  "codes.account_id = ? AND codes.store_id IN (SELECT stores.id FROM stores WHERE stores.account_id = ? AND stores.region_id = ?)",
			Args: []any{actor.AccountID, actor.AccountID, actor.RegionID},
		}
	case actor.Is(model.RoleManager) && actor.StoreID != "":
		return access.Where{SQL: "codes.account_id = ? AND codes.store_id = ?", Args: []any{actor.AccountID, actor.StoreID}}
	case actor.Is(model.RoleClerk):
		return access.Where{
			SQL:  "codes.account_id = ? AND (codes.clerk_id = ? OR codes.kind = ? AND codes.store_id = ?)",
			Args: []any{actor.AccountID, actor.StaffID, model.CodeStore, actor.StoreID},
		}
	}
	return access.Where{SQL: "1 = 0"}
}

// Codes pages through the codes the actor may see, the newest first.
func (s *Service) Codes(ctx context.Context, actor access.Actor, kind, storeID, before string, limit int) ([]model.Code, string, error) {
	scope := codesInScope(actor)
	q := s.db.Read(ctx).Where(scope.SQL, scope.Args...)
	if kind != "" {
		q = q.Where("codes.kind = ?", kind)
	}
	if storeID != "" {
		q = q.Where("codes.store_id = ?", storeID)
	}
	if before != "" {
		q = q.Where("codes.id < ?", before)
	}
	var rows []model.Code
	if err := q.Order("codes.id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list codes: %w", err)
	}
	if len(rows) > limit {
		return rows[:limit], rows[limit-1].ID, nil
	}
	return rows, "", nil
}

// Code reads one code.
func (s *Service) Code(ctx context.Context, actor access.Actor, id string) (model.Code, error) {
	var c model.Code
	if !model.ValidID(id) {
		return c, fault.New(fault.NotFound, "code_not_found")
	}
	scope := codesInScope(actor)
	err := s.db.Read(ctx).Where(scope.SQL, scope.Args...).First(&c, "codes.id = ?", id).Error
	if database.IsNotFound(err) {
		return c, fault.New(fault.NotFound, "code_not_found")
	}
	if err != nil {
		return c, fmt.Errorf("find code: %w", err)
	}
	return c, nil
}

// Stock tells how many permanent codes are used and how many are left (A8).
func (s *Service) Stock(ctx context.Context, actor access.Actor) (used, left int64, err error) {
	var a model.Account
	if err := s.db.Read(ctx).Select("codes_used").First(&a, "id = ?", actor.AccountID).Error; err != nil {
		return 0, 0, fmt.Errorf("read stock: %w", err)
	}
	return a.CodesUsed, model.PermanentCodes - a.CodesUsed, nil
}

// Scans pages through the scans of one code, the newest first.
func (s *Service) Scans(ctx context.Context, actor access.Actor, codeID, before string, limit int) ([]model.Scan, string, error) {
	if _, err := s.Code(ctx, actor, codeID); err != nil {
		return nil, "", err
	}
	q := s.db.Read(ctx).Where("code_id = ?", codeID)
	if before != "" {
		q = q.Where("id < ?", before)
	}
	var rows []model.Scan
	if err := q.Order("id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list scans: %w", err)
	}
	if len(rows) > limit {
		return rows[:limit], rows[limit-1].ID, nil
	}
	return rows, "", nil
}
