// Package access says who acts and what he may see (L1, L2).
//
// Every exported method of a service takes the context, then the Actor. Scope is applied in the WHERE: what one may
// not see is simply not found.
package access

import (
	"liuke/model"
	"liuke/service/fault"
)

// Actor is who acts.
type Actor struct {
	Kind      string // model.ByStaff, model.BySystem or model.ByKey
	AccountID string
	StaffID   string // of model.ByKey: the key
	Name      string
	Role      string
	StoreID   string
	RegionID  string
	SessionID string // hash of the token, to end just this session
	RequestID string
	Leaving   bool // has given notice (E5): takes no export, sees no whole phone, gets no new members
}

// System is the program itself, acting for one account.
func System(accountID string) Actor { return Actor{Kind: model.BySystem, AccountID: accountID} }

// Is reports whether the actor has one of the roles.
func (a Actor) Is(roles ...string) bool {
	for _, r := range roles {
		if a.Kind == model.ByStaff && a.Role == r {
			return true
		}
	}
	return false
}

// Stays refuses who has given notice (E5): Forbidden leaving.
func (a Actor) Stays() error {
	if a.Leaving {
		return fault.New(fault.Forbidden, "leaving")
	}
	return nil
}

// Where is a condition with its arguments, ready for gorm's Where.
type Where struct {
	SQL  string
	Args []any
}

// Members limits rows of the table members to what the actor may see at that moment (Unix milliseconds): the owner
// and the service desk the account, a supervisor his region, a manager his store, a clerk his own; and each whoever
// was granted to him for a time (guest, substitute, take-over).
func (a Actor) Members(now int64) Where {
	return a.scope("members.account_id", "members.store_id", "members.clerk_id", "members.id", now)
}

// Conversations limits rows of the table conversations in the same way.
func (a Actor) Conversations(now int64) Where {
	return a.scope("conversations.account_id", "conversations.store_id", "conversations.clerk_id", "conversations.member_id", now)
}

// Served limits conversations to those the actor himself serves: bound to him or granted to him.
func (a Actor) Served(now int64) Where {
	return Where{
		"conversations.account_id = ? AND (conversations.clerk_id = ? OR conversations.member_id IN (" + granted + "))",
		[]any{a.AccountID, a.StaffID, a.StaffID, now, now},
	}
}

// granted finds the members that dated access opens to a person.
const granted = "SELECT member_access.member_id FROM member_access WHERE member_access.staff_id = ? AND member_access.to_at > ? AND member_access.from_at <= ?"

func (a Actor) scope(account, store, clerk, member string, now int64) Where {
	mine := Where{account + " = ?", []any{a.AccountID}}
	if a.Kind == model.BySystem {
		return mine
	}
	grant := " OR " + member + " IN (" + granted + ")"
	switch a.Role {
	case model.RoleOwner, model.RoleSupport:
		return mine
	case model.RoleSupervisor:
		if a.RegionID == "" {
			break
		}
		return Where{
			account + " = ? AND (" + store + " IN (" + regionStores + ")" + grant + ")",
			[]any{a.AccountID, a.AccountID, a.RegionID, a.RegionID, a.StaffID, now, now},
		}
	case model.RoleManager:
		if a.StoreID == "" {
			break
		}
		return Where{
			account + " = ? AND (" + store + " = ?" + grant + ")",
			[]any{a.AccountID, a.StoreID, a.StaffID, now, now},
		}
	case model.RoleClerk:
		return Where{
			account + " = ? AND (" + clerk + " = ?" + grant + ")",
			[]any{a.AccountID, a.StaffID, a.StaffID, now, now},
		}
	}
	return Where{"1 = 0", nil}
}

// regionStores finds the stores of a region and of the regions right below it.
const regionStores = "SELECT stores.id FROM stores WHERE stores.account_id = ? AND (stores.region_id = ? OR stores.region_id IN (SELECT regions.id FROM regions WHERE regions.parent_id = ?))"
