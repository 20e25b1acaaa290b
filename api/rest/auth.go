package rest

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"liuke/model"
	"liuke/service/fault"
)

// The cookies of a browser's session. The second can be read by the page, which sends it back in CSRFHeader.
const (
	SessionCookie = "liuke_session"
	CSRFCookie    = "liuke_csrf"
	CSRFHeader    = "X-CSRF-Token"
)

// KeyHeader carries an API key.
const KeyHeader = "X-Api-Key"

// authenticate finds out who calls: by token, or by session cookie with the CSRF header where something changes; and
// where programs may call, by an API key.
func (a *API) authenticate(byKey bool) gin.HandlerFunc {
	return func(c *gin.Context) {
		if secret := c.GetHeader(KeyHeader); byKey && secret != "" {
			a.authenticateKey(c, secret)
			return
		}
		a.authenticatePerson(c)
	}
}

func (a *API) authenticateKey(c *gin.Context, secret string) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), patience)
	defer cancel()
	actor, err := a.deps.Keys.AuthenticateKey(ctx, secret)
	if err != nil {
		a.unsigned(c, err)
		return
	}
	actor.RequestID = requestIDOf(ctx)
	with(c, actorKey, actor)
}

// authenticatePerson reports whether somebody known calls; else it has answered.
func (a *API) authenticatePerson(c *gin.Context) bool {
	token, byCookie := tokenOf(c.Request)
	if token == "" {
		a.unsigned(c, fault.New(fault.Unsigned, "not_signed_in"))
		return false
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), patience)
	defer cancel()
	actor, err := a.deps.Sessions.Authenticate(ctx, token)
	if err != nil {
		a.unsigned(c, err)
		return false
	}
	actor.RequestID = requestIDOf(ctx)
	with(c, actorKey, actor)
	if byCookie && !safe(c.Request.Method) {
		if err := a.deps.Sessions.CheckCSRF(ctx, actor, c.GetHeader(CSRFHeader)); err != nil {
			a.fail(c, err)
			return false
		}
	}
	return true
}

// tokenOf takes the header where there is one, and the cookie only where there is none.
func tokenOf(r *http.Request) (token string, byCookie bool) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return "", false
		}
		return strings.TrimSpace(token), false
	}
	cookie, err := r.Cookie(SessionCookie)
	if err != nil {
		return "", false
	}
	return cookie.Value, true
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// allow lets only the roles on; none: everybody. A program has no role: that its key was taken at all is its right.
func (a *API) allow(roles []string) gin.HandlerFunc {
	return func(c *gin.Context) {
		actor := actorOf(c.Request.Context())
		if actor.Kind == model.ByKey {
			return
		}
		if len(roles) > 0 && (actor.Kind != model.ByStaff || !slices.Contains(roles, actor.Role)) {
			a.fail(c, fault.New(fault.Forbidden, "role"))
		}
	}
}
