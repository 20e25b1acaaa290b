// Package session serves signing in and out, and what a person does about himself (L1, L7).
package session

import (
	"context"
	"net/http"
	"strings"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/account"
	"liuke/service/staff"
)

// Deps is what the room needs.
type Deps struct {
	Staff    *staff.Service
	Accounts *account.Service
	// PublicURL is how browsers reach the program: with https cookies are for https only.
	PublicURL string
}

// Room is the room.
type Room struct {
	staff    *staff.Service
	accounts *account.Service
	secure   bool
}

// New makes the room.
func New(d Deps) *Room {
	return &Room{staff: d.Staff, accounts: d.Accounts, secure: strings.HasPrefix(d.PublicURL, "https://")}
}

const tag = "session"

// Mount adds the operations.
func (r *Room) Mount(a *rest.API) {
	rest.RegisterWithCookies(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/session", Status: http.StatusCreated, Tag: tag, ID: "signIn", Public: true,
		Summary: "Sign in", Errors: []int{http.StatusUnauthorized, http.StatusConflict, http.StatusTooManyRequests},
	}, r.signIn)
	rest.RegisterWithCookies(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/session/code", Status: http.StatusCreated, Tag: tag, ID: "signInByCode", Public: true,
		Summary: "Sign in with the secret of a sign-in code", Errors: []int{http.StatusUnauthorized, http.StatusTooManyRequests},
	}, r.signInByCode)
	rest.RegisterWithCookies(a, rest.Operation{
		Method: http.MethodDelete, Path: "/api/session", Status: http.StatusNoContent, Tag: tag, ID: "signOut", Summary: "Sign out",
	}, r.signOut)
	rest.RegisterWithCookies(a, rest.Operation{
		Method: http.MethodDelete, Path: "/api/sessions", Status: http.StatusNoContent, Tag: tag, ID: "signOutEverywhere",
		Summary: "Sign out on every device",
	}, r.signOutEverywhere)
	r.mountMe(a)
}

type signInInput struct {
	Body struct {
		Phone    string `json:"phone" maxLength:"64"`
		Password string `json:"password" maxLength:"1024"`
		AppID    string `json:"appid,omitempty" maxLength:"64" doc:"needed when the phone is known in two accounts"`
		OTP      string `json:"otp,omitempty" maxLength:"16" doc:"code of the second factor, for who enrolled"`
	}
}

// Session is what a device gets when somebody signs in.
type Session struct {
	Token     string    `json:"token" doc:"for the header Authorization: Bearer; it cannot be read again"`
	CSRFToken string    `json:"csrf_token" doc:"for the header X-CSRF-Token of browsers, which use the cookie"`
	ExpiresAt rest.Time `json:"expires_at" doc:"moves on while the session is used"`
	Staff     SignedIn  `json:"staff"`
}

// SignedIn is who signed in.
type SignedIn struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Role    string  `json:"role"`
	StoreID *string `json:"store_id"`
}

func (r *Room) signIn(ctx context.Context, _ access.Actor, in *signInInput) (Session, []http.Cookie, error) {
	s, err := r.staff.SignIn(ctx, staff.SignIn{
		Phone: in.Body.Phone, Password: in.Body.Password, AppID: in.Body.AppID, OTP: in.Body.OTP, IP: rest.ClientIP(ctx),
	})
	return r.begun(s, err)
}

type signInByCodeInput struct {
	Body struct {
		Code string `json:"code" maxLength:"128" doc:"what stands behind # in the scanned address"`
		OTP  string `json:"otp,omitempty" maxLength:"16" doc:"code of the second factor, for who enrolled"`
	}
}

func (r *Room) signInByCode(ctx context.Context, _ access.Actor, in *signInByCodeInput) (Session, []http.Cookie, error) {
	s, err := r.staff.SignInByCode(ctx, staff.SignInByCode{Secret: in.Body.Code, OTP: in.Body.OTP, IP: rest.ClientIP(ctx)})
	return r.begun(s, err)
}

// begun gives the new session to the device.
func (r *Room) begun(s staff.Session, err error) (Session, []http.Cookie, error) {
	if err != nil {
		return Session{}, nil, err
	}
	life := int(staff.SessionLife.Seconds())
	return Session{
		Token: s.Token, CSRFToken: s.CSRF, ExpiresAt: rest.Time(s.ExpiresAt),
		Staff: SignedIn{ID: s.Staff.ID, Name: s.Staff.Name, Role: s.Staff.Role, StoreID: rest.Null(s.Staff.StoreID)},
	}, []http.Cookie{r.cookie(rest.SessionCookie, s.Token, life), r.cookie(rest.CSRFCookie, s.CSRF, life)}, nil
}

// cookie makes one; a life below zero ends it. Pages may read the CSRF token and nothing else.
func (r *Room) cookie(name, value string, life int) http.Cookie {
	return http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: life, Secure: r.secure,
		HttpOnly: name == rest.SessionCookie, SameSite: http.SameSiteLaxMode,
	}
}

func (r *Room) noCookies() []http.Cookie {
	return []http.Cookie{r.cookie(rest.SessionCookie, "", -1), r.cookie(rest.CSRFCookie, "", -1)}
}

func (r *Room) signOut(ctx context.Context, actor access.Actor, _ *struct{}) (rest.None, []http.Cookie, error) {
	if err := r.staff.SignOut(ctx, actor); err != nil {
		return rest.None{}, nil, err
	}
	return rest.None{}, r.noCookies(), nil
}

func (r *Room) signOutEverywhere(ctx context.Context, actor access.Actor, _ *struct{}) (rest.None, []http.Cookie, error) {
	if err := r.staff.SignOutEverywhere(ctx, actor, ""); err != nil {
		return rest.None{}, nil, err
	}
	return rest.None{}, r.noCookies(), nil
}

// encrypted reports whether the callback of an account takes encrypted pushes.
func encrypted(a model.Account) bool { return len(a.AESKeySealed) > 0 }
