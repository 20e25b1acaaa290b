package rest

import (
	"net/http"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"

	"liuke/model"
	"liuke/service/fault"
	"liuke/service/limit"
)

// limit refuses who is known and calls too often, he himself or all of his account together.
func (a *API) limit(c *gin.Context) {
	ctx := c.Request.Context()
	actor, kind := actorOf(ctx), limit.Staff
	if actor.Kind == model.ByKey {
		kind = limit.Key
	}
	wait := a.take(c.Request, kind, actor.StaffID)
	if wait == 0 {
		wait = a.take(c.Request, limit.Account, actor.AccountID)
	}
	if wait > 0 {
		a.fail(c, TooSoon(wait))
	}
}

// LimitStranger refuses who is not known and calls too often.
func (a *API) LimitStranger(c *gin.Context) {
	if wait := a.Stranger(c.Request); wait > 0 {
		a.fail(c, TooSoon(wait))
	}
}

// unsigned answers that nobody known calls. Who tries that too often hears of that instead.
func (a *API) unsigned(c *gin.Context, err error) {
	if fault.Is(err, fault.Unsigned) {
		if wait := a.Stranger(c.Request); wait > 0 {
			err = TooSoon(wait)
		}
	}
	a.fail(c, err)
}

// Stranger counts a call of somebody who is not known, by his address. It gives 0, or how long he has to wait.
func (a *API) Stranger(r *http.Request) time.Duration {
	return a.take(r, limit.Address, network(a.addressOf(r)))
}

func (a *API) take(r *http.Request, kind, who string) time.Duration {
	if a.deps.Limits == nil {
		return 0
	}
	return a.deps.Limits.Take(r.Context(), kind, who)
}

// addressOf is the caller's address, as what stands in front of the program tells it.
func (a *API) addressOf(r *http.Request) string {
	c := gin.CreateTestContextOnly(nil, a.engine) // for routes beside the router; it is no more than a context
	c.Request = r
	return c.ClientIP()
}

// network is the address, or of IPv6 the network that one customer has.
func network(address string) string {
	const customers = 64
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	if addr = addr.Unmap().WithZone(""); addr.Is6() {
		if net, err := addr.Prefix(customers); err == nil {
			addr = net.Addr()
		}
	}
	return addr.String()
}

// TooSoon is the fault of a call that may come again after a while.
func TooSoon(wait time.Duration) *fault.Error {
	return fault.New(fault.TooMany, "too_many_calls").With("retry_after", Seconds(wait))
}

// Seconds is a time to wait as Retry-After has it.
func Seconds(wait time.Duration) int64 { return int64((wait + time.Second - 1) / time.Second) }
