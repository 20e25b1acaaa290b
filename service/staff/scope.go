package staff

import (
	"liuke/model"
	"liuke/service/access"
)

// regionStores finds the stores of a region and of the regions right below it; regions are two levels deep.
const regionStores = "SELECT stores.id FROM stores WHERE stores.account_id = ? AND (stores.region_id = ? OR stores.region_id IN (SELECT regions.id FROM regions WHERE regions.parent_id = ?))"

// staffScope limits rows of staff to whom the actor may see: owner and service desk everybody, a supervisor his
// region's, managers and clerks their store's; each himself.
func staffScope(a access.Actor) access.Where {
	switch {
	case a.Kind == model.BySystem || a.Is(model.RoleOwner, model.RoleSupport):
		return access.Where{SQL: "staff.account_id = ?", Args: []any{a.AccountID}}
	case a.Is(model.RoleSupervisor) && a.RegionID != "":
		return access.Where{
			SQL:  "staff.account_id = ? AND (staff.store_id IN (" + regionStores + ") OR staff.id = ?)",
			Args: []any{a.AccountID, a.AccountID, a.RegionID, a.RegionID, a.StaffID},
		}
	case a.Is(model.RoleManager, model.RoleClerk) && a.StoreID != "":
		return access.Where{SQL: "staff.account_id = ? AND (staff.store_id = ? OR staff.id = ?)", Args: []any{a.AccountID, a.StoreID, a.StaffID}}
	}
	return access.Where{SQL: "staff.account_id = ? AND staff.id = ?", Args: []any{a.AccountID, a.StaffID}}
}

// storeScope limits rows of stores in the same way.
func storeScope(a access.Actor) access.Where {
	switch {
	case a.Kind == model.BySystem || a.Is(model.RoleOwner, model.RoleSupport):
		return access.Where{SQL: "stores.account_id = ?", Args: []any{a.AccountID}}
	case a.Is(model.RoleSupervisor) && a.RegionID != "":
		return access.Where{
			SQL:  "stores.account_id = ? AND stores.id IN (" + regionStores + ")",
			Args: []any{a.AccountID, a.AccountID, a.RegionID, a.RegionID},
		}
	case a.Is(model.RoleManager, model.RoleClerk) && a.StoreID != "":
		return access.Where{SQL: "stores.account_id = ? AND stores.id = ?", Args: []any{a.AccountID, a.StoreID}}
	}
	return access.Where{SQL: "1 = 0"}
}

// rules reports whether the actor is the owner or the program itself.
func rules(a access.Actor) bool { return a.Kind == model.BySystem || a.Is(model.RoleOwner) }

// manages reports whether the actor may change a person whom he sees by staffScope: the owner anybody, a manager clerks.
func manages(a access.Actor, p model.Staff) bool {
	return rules(a) || a.Is(model.RoleManager) && p.Role == model.RoleClerk
}
