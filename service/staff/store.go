package staff

import (
	"fmt"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

func notFound() error { return fault.New(fault.NotFound, "not_found") }

// take reads one row; none is not found, and so is an id that cannot exist.
func take[T any](db *gorm.DB, id, what string) (T, error) {
	var row T
	if !model.ValidID(id) {
		return row, notFound()
	}
	err := db.Take(&row).Error
	switch {
	case database.IsNotFound(err):
		return row, notFound()
	case err != nil:
		return row, fmt.Errorf("read a %s: %w", what, err)
	}
	return row, nil
}

func insert[T any](tx *database.Tx, row *T) error {
	if err := tx.Create(row).Error; err != nil {
		return fmt.Errorf("add a row: %w", err)
	}
	return nil
}

// after limits a query to the page that follows the cursor, with one row to spare.
func after(db *gorm.DB, table string, page Page) (*gorm.DB, error) {
	if page.Cursor != "" {
		if !model.ValidID(page.Cursor) {
			return nil, fault.Input("cursor", "invalid")
		}
		db = db.Where(table+".id > ?", page.Cursor)
	}
	return db.Order(table + ".id").Limit(page.limit() + 1), nil
}

func findRegion(db *gorm.DB, accountID, id string) (model.Region, error) {
	return take[model.Region](db.Where("account_id = ? AND id = ?", accountID, id), id, "region")
}

func listRegions(db *gorm.DB, accountID string) ([]model.Region, error) {
	var rows []model.Region
	if err := db.Where("account_id = ?", accountID).Order("name, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list the regions: %w", err)
	}
	return rows, nil
}

func findStore(db *gorm.DB, scope access.Where, id string) (model.Store, error) {
	return take[model.Store](db.Where(scope.SQL, scope.Args...).Where("stores.id = ?", id), id, "store")
}

func listStores(db *gorm.DB, scope access.Where, page Page) ([]model.Store, error) {
	q, err := after(db.Where(scope.SQL, scope.Args...), "stores", page)
	if err != nil {
		return nil, err
	}
	var rows []model.Store
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list the stores: %w", err)
	}
	return rows, nil
}

func updateStore(tx *database.Tx, row model.Store) error {
	err := tx.Model(&model.Store{}).Where("account_id = ? AND id = ?", row.AccountID, row.ID).Updates(map[string]any{
		"name": row.Name, "greeting": row.Greeting, "region_id": row.RegionID, "time_zone": row.TimeZone,
		"business_hours": row.BusinessHours,
	}).Error
	if err != nil {
		return fmt.Errorf("change a store: %w", err)
	}
	return nil
}

func findStaff(db *gorm.DB, scope access.Where, id string) (model.Staff, error) {
	return take[model.Staff](db.Where(scope.SQL, scope.Args...).Where("staff.id = ?", id), id, "person")
}

func listStaff(db *gorm.DB, scope access.Where, f Filter, page Page) ([]model.Staff, error) {
	q, err := after(db.Where(scope.SQL, scope.Args...), "staff", page)
	if err != nil {
		return nil, err
	}
	if f.StoreID != "" {
		q = q.Where("staff.store_id = ?", f.StoreID)
	}
	if f.Role != "" {
		q = q.Where("staff.role = ?", f.Role)
	}
	if f.Active != nil {
		q = q.Where("staff.active = ?", *f.Active)
	}
	var rows []model.Staff
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list the staff: %w", err)
	}
	return rows, nil
}

// updateStaff writes the named columns of one person.
func updateStaff(tx *database.Tx, p model.Staff, columns map[string]any) error {
	err := tx.Model(&model.Staff{}).Where("account_id = ? AND id = ?", p.AccountID, p.ID).Updates(columns).Error
	if err != nil {
		return fmt.Errorf("change a person: %w", err)
	}
	return nil
}

// lockOwners gives the ids of the active owners and keeps others from changing them until the end.
func lockOwners(tx *database.Tx, accountID string) ([]string, error) {
	var rows []model.Staff
	err := tx.Lock().Select("id").Where("account_id = ? AND role = ? AND active = ?", accountID, model.RoleOwner, true).
		Order("id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("lock the owners: %w", err)
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return ids, nil
}

func openAssignment(tx *database.Tx, p model.Staff) error {
	return insert(tx, &model.Assignment{
		ID: model.NewID(), AccountID: p.AccountID, StaffID: p.ID,
		Role: p.Role, StoreID: p.StoreID, RegionID: p.RegionID, FromAt: tx.Millis(),
	})
}

func closeAssignment(tx *database.Tx, staffID string) error {
	err := tx.Model(&model.Assignment{}).Where("staff_id = ? AND to_at IS NULL", staffID).Update("to_at", tx.Millis()).Error
	if err != nil {
		return fmt.Errorf("close an assignment: %w", err)
	}
	return nil
}
