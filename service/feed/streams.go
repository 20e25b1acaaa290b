package feed

import (
	"strings"

	"liuke/model"
	"liuke/service/access"
)

// First parts of stream names; an id follows.
const (
	staffStream   = "staff:"
	queueStream   = "queue:"
	storeStream   = "store:"
	deskStream    = "desk:"
	regionStream  = "region:"
	accountStream = "account:"
)

// Staff is the stream that one person alone reads.
func Staff(id string) string { return staffStream + id }

// Queue is the stream of a store's queue, read by its clerks. What happens there reaches the region and the account as
// conversation events, within about a second.
func Queue(storeID string) string { return queueStream + storeID }

// Store is the stream of everything in a store, read by its managers. It reaches region and account as Queue does.
func Store(storeID string) string { return storeStream + storeID }

// Desk is the stream of the conversations without a store. Nobody reads it as it is; it reaches the account as Queue
// does.
func Desk(accountID string) string { return deskStream + accountID }

// Region is the stream that supervisors of a region read. All that happens there passes one locked row: it is not for
// what every push does.
func Region(id string) string { return regionStream + id }

// Account is the stream that owner and service desk read. The same caution as for Region holds.
func Account(id string) string { return accountStream + id }

// shared is the stream that a person reads beside his own; "" for none.
func shared(a access.Actor) string {
	name := ""
	switch a.Role {
	case model.RoleClerk:
		name = Queue(a.StoreID)
	case model.RoleManager:
		name = Store(a.StoreID)
	case model.RoleSupervisor:
		name = Region(a.RegionID)
	case model.RoleOwner, model.RoleSupport:
		name = Account(a.AccountID)
	}
	if nameless(name) {
		return ""
	}
	return name
}

// nameless reports whether a stream name lacks its id: then there is nobody to tell.
func nameless(stream string) bool { return stream == "" || strings.HasSuffix(stream, ":") }
