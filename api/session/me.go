package session

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/service/access"
)

func (r *Room) mountMe(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/me", Tag: tag, ID: "getMe", Summary: "Who I am, in which account",
	}, r.me)
	rest.Register(a, rest.Operation{
		Method: http.MethodPut, Path: "/api/me/away", Status: http.StatusNoContent, Tag: tag, ID: "setAway",
		Summary: "Take no new members for now, or take them again", Errors: []int{http.StatusNotFound},
	}, r.setAway)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/me/password", Status: http.StatusNoContent, Tag: tag, ID: "changePassword",
		Summary: "Change my password; my other sessions end", Errors: []int{http.StatusConflict, http.StatusNotFound},
	}, r.changePassword)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/me/otp", Status: http.StatusCreated, Tag: tag, ID: "enrolOTP",
		Summary: "Begin a second factor", Errors: []int{http.StatusConflict, http.StatusNotFound},
	}, r.enrolOTP)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/me/otp/confirm", Status: http.StatusNoContent, Tag: tag, ID: "confirmOTP",
		Summary: "Put the second factor into force", Errors: []int{http.StatusConflict, http.StatusNotFound},
	}, r.confirmOTP)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/me/otp/disable", Status: http.StatusNoContent, Tag: tag, ID: "disableOTP",
		Summary: "End my second factor", Errors: []int{http.StatusConflict, http.StatusNotFound},
	}, r.disableOTP)
}

// Me is the caller and his account.
type Me struct {
	Staff   MeStaff   `json:"staff"`
	Account MeAccount `json:"account"`
}

// MeStaff is the caller.
type MeStaff struct {
	ID              string          `json:"id"`
	Name            string          `json:"name"`
	Phone           string          `json:"phone" doc:"masked"`
	Role            string          `json:"role"`
	StoreID         *string         `json:"store_id"`
	RegionID        *string         `json:"region_id"`
	Away            bool            `json:"away"`
	OTPEnabled      bool            `json:"otp_enabled"`
	PasswordChanged bool            `json:"password_changed" doc:"false while it is the first password, which somebody else knows"`
	OldPassword     bool            `json:"old_password_needed" doc:"false for who signed in by a code while it is the first password: he may set one without it"`
	LeavingAt       rest.TimeOrNull `json:"leaving_at" doc:"end of the last day, once notice was given; null: none"`
}

// MeAccount is his account.
type MeAccount struct {
	ID        string `json:"id"`
	AppID     string `json:"appid"`
	Name      string `json:"name"`
	State     string `json:"state" enum:"active,stopped"`
	Encrypted bool   `json:"encrypted" doc:"the callback takes encrypted pushes"`
}

func (r *Room) me(ctx context.Context, actor access.Actor, _ *struct{}) (Me, error) {
	p, err := r.staff.Get(ctx, actor, actor.StaffID)
	if err != nil {
		return Me{}, err
	}
	phone, err := r.staff.MaskedPhone(p)
	if err != nil {
		return Me{}, err
	}
	a, err := r.accounts.Get(ctx, actor)
	if err != nil {
		return Me{}, err
	}
	unknown, err := r.staff.KnowsNoPassword(ctx, actor, p)
	if err != nil {
		return Me{}, err
	}
	return Me{
		Staff: MeStaff{
			ID: p.ID, Name: p.Name, Phone: phone, Role: p.Role, StoreID: rest.Null(p.StoreID), RegionID: rest.Null(p.RegionID),
			Away: p.Away, OTPEnabled: p.OTPEnabled, PasswordChanged: p.PasswordChangedAt != 0, OldPassword: !unknown,
			LeavingAt: rest.TimeOrNull(p.LeavingAt),
		},
		Account: MeAccount{ID: a.ID, AppID: a.AppID, Name: a.Name, State: a.State, Encrypted: encrypted(a)},
	}, nil
}

type awayInput struct {
	Body struct {
		Away bool `json:"away"`
	}
}

func (r *Room) setAway(ctx context.Context, actor access.Actor, in *awayInput) (rest.None, error) {
	return rest.None{}, r.staff.SetAway(ctx, actor, in.Body.Away)
}

type passwordInput struct {
	Body struct {
		OldPassword string `json:"old_password,omitempty" maxLength:"1024" doc:"see old_password_needed of me"`
		Password    string `json:"password" maxLength:"1024" doc:"8 to 128 bytes"`
	}
}

func (r *Room) changePassword(ctx context.Context, actor access.Actor, in *passwordInput) (rest.None, error) {
	return rest.None{}, r.staff.ChangePassword(ctx, actor, in.Body.OldPassword, in.Body.Password)
}

// Enrolment is what the authenticator takes in. It is shown once.
type Enrolment struct {
	Secret string `json:"secret" doc:"base32"`
	URL    string `json:"url" doc:"otpauth://…, to be drawn as a QR code"`
}

func (r *Room) enrolOTP(ctx context.Context, actor access.Actor, _ *struct{}) (Enrolment, error) {
	e, err := r.staff.EnrolOTP(ctx, actor)
	return Enrolment{Secret: e.Secret, URL: e.URL}, err
}

type otpInput struct {
	Body struct {
		OTP string `json:"otp" maxLength:"16"`
	}
}

func (r *Room) confirmOTP(ctx context.Context, actor access.Actor, in *otpInput) (rest.None, error) {
	return rest.None{}, r.staff.ConfirmOTP(ctx, actor, in.Body.OTP)
}

func (r *Room) disableOTP(ctx context.Context, actor access.Actor, in *otpInput) (rest.None, error) {
	return rest.None{}, r.staff.DisableOTP(ctx, actor, "", in.Body.OTP)
}
