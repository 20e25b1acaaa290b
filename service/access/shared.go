package access

import "liuke/model"

// Shared limits rows with the columns account_id, scope, store_id and staff_id to those that the actor finds: the
// account's, his store's, his own; the roles named find those of every store.
func (a Actor) Shared(everyStore ...string) Where {
	const own = "account_id = ? AND (scope = 'account' OR scope = 'own' AND staff_id = ?"
	switch {
	case a.Is(everyStore...):
		return Where{own + " OR scope = 'store')", []any{a.AccountID, a.StaffID}}
	case a.StoreID == "":
		return Where{own + ")", []any{a.AccountID, a.StaffID}}
	}
	return Where{own + " OR scope = 'store' AND store_id = ?)", []any{a.AccountID, a.StaffID, a.StoreID}}
}

// Keeps reports whether the actor may change what he finds in a scope: everybody his own, managers their store's, the
// owner all.
func (a Actor) Keeps(scope string) bool {
	switch scope {
	case model.ScopeOwn:
		return true
	case model.ScopeStore:
		return a.Is(model.RoleManager, model.RoleOwner)
	}
	return a.Is(model.RoleOwner)
}
