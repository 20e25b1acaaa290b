// Package access says who acts and what he may see (L1, L2).
//
// Every exported method of a service takes the context, then the Actor. Scope is applied in the WHERE: what one may
// not see is simply not found.
package access

import (
	"slices"

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
	// Recalled: these are the rights of a moment ago, from memory. They count for nothing but with Proof.
	Recalled bool
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

// And narrows it by another; an empty one changes nothing.
func (w *Where) And(sql string, args ...any) {
	switch {
	case sql == "":
		return
	case w.SQL == "":
		w.SQL = sql
	default:
		w.SQL += " AND (" + sql + ")"
	}
	w.Args = append(slices.Clip(w.Args), args...)
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

// ConversationParts is Conversations for lists: each part can be read in order by an index of its own, where a condition
// with OR goes through the whole account. A conversation may be in several.
func (a Actor) ConversationParts(now int64) []Where {
	own, all := a.own("conversations.store_id", "conversations.clerk_id")
	if all || own.SQL == "" {
		return []Where{a.Conversations(now)}
	}
	return a.conversationParts(own, now)
}

// Served limits conversations to those the actor himself serves: bound to him or granted to him, in parts as
// ConversationParts.
func (a Actor) Served(now int64) []Where {
	return a.conversationParts(Where{"conversations.clerk_id = ?", []any{a.StaffID}}, now)
}

// ServedMembers limits rows of the table members to those whom the actor himself serves, in parts as Served.
func (a Actor) ServedMembers(now int64) []Where {
	return []Where{
		{"members.account_id = ? AND members.clerk_id = ?", []any{a.AccountID, a.StaffID}},
		{"members.id IN (" + granted + " AND member_access.account_id = ?)", []any{a.StaffID, now, now, a.AccountID}},
	}
}

// The account of what is granted is that of the grant: named of the conversation too, SQLite would go by it.
func (a Actor) conversationParts(own Where, now int64) []Where {
	return []Where{
		{"conversations.account_id = ? AND " + own.SQL, append([]any{a.AccountID}, own.Args...)},
		{"conversations.member_id IN (" + granted + " AND member_access.account_id = ?)", []any{a.StaffID, now, now, a.AccountID}},
	}
}

// AnyGrant finds out whether dated access opens anybody to a person at all.
const AnyGrant = granted

// AnyGrantArgs are the arguments of AnyGrant.
func AnyGrantArgs(a Actor, now int64) []any { return []any{a.StaffID, now, now} }

// granted finds the members that dated access opens to a person.
const granted = "SELECT member_access.member_id FROM member_access WHERE member_access.staff_id = ? AND member_access.to_at > ? AND member_access.from_at <= ?"

func (a Actor) scope(account, store, clerk, member string, now int64) Where {
	own, all := a.own(store, clerk)
	switch {
	case all:
		return Where{account + " = ?", []any{a.AccountID}}
	case own.SQL == "":
		return Where{"1 = 0", nil}
	}
	args := append([]any{a.AccountID}, own.Args...)
	return Where{account + " = ? AND (" + own.SQL + " OR " + member + " IN (" + granted + "))", append(args, a.StaffID, now, now)}
}

// own is what the actor sees without a grant: everything of the account, or what the condition says; an empty one is of
// who sees nothing at all.
func (a Actor) own(store, clerk string) (w Where, all bool) {
	switch {
	case a.Kind == model.BySystem || a.Role == model.RoleOwner || a.Role == model.RoleSupport:
		return w, true
	case a.Role == model.RoleSupervisor && a.RegionID != "":
		return Where{store + " IN (" + regionStores + ")", []any{a.AccountID, a.RegionID, a.RegionID}}, false
	case a.Role == model.RoleManager && a.StoreID != "":
		return Where{store + " = ?", []any{a.StoreID}}, false
	case a.Role == model.RoleClerk:
		return Where{clerk + " = ?", []any{a.StaffID}}, false
	}
	return w, false
}

// regionStores finds the stores of a region and of the regions right below it.
const regionStores = "SELECT stores.id FROM stores WHERE stores.account_id = ? AND (stores.region_id = ? OR stores.region_id IN (SELECT regions.id FROM regions WHERE regions.parent_id = ?))"
