package staff

import (
	"context"
	"net/http"
	"strings"

	"liuke/api/qr"
	"liuke/api/rest"
	"liuke/service/access"
)

func (r *Room) mountSignInCode(a *rest.API) {
	const path = "/api/staff/{id}/sign_in_code"
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: path, Status: http.StatusCreated, Tag: tag, ID: "createSignInCode", Roles: bosses(),
		Summary: "A code by which a person of a lower role signs in once, on the phone that scans it; an earlier one ends",
		Errors:  []int{http.StatusNotFound, http.StatusConflict},
	}, r.makeSignInCode)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: path, Tag: tag, ID: "getSignInCode", Roles: bosses(), Summary: "How the last such code stands",
		Errors: []int{http.StatusNotFound},
	}, r.signInCode)
	rest.Register(a, rest.Operation{
		Method: http.MethodDelete, Path: path, Status: http.StatusNoContent, Tag: tag, ID: "endSignInCode", Roles: bosses(),
		Summary: "Take such a code back", Errors: []int{http.StatusNotFound},
	}, r.endSignInCode)
}

// SignInCode is a code to scan once.
type SignInCode struct {
	URL       string    `json:"url" doc:"what the picture holds; the secret stands behind #, which browsers send to nobody"`
	SVG       string    `json:"svg" doc:"the picture"`
	ExpiresAt rest.Time `json:"expires_at"`
}

// enterPath is the place of the clerk's app that takes the secret.
const enterPath = "/app/enter#"

func (r *Room) makeSignInCode(ctx context.Context, actor access.Actor, in *one) (SignInCode, error) {
	c, err := r.staff.MakeSignInCode(ctx, actor, in.ID)
	if err != nil {
		return SignInCode{}, err
	}
	url := strings.TrimSuffix(r.publicURL, "/") + enterPath + c.Secret
	svg, err := qr.SVG(url)
	return SignInCode{URL: url, SVG: svg, ExpiresAt: rest.Time(c.ExpiresAt)}, err
}

// SignInCodeState tells how a code stands.
type SignInCodeState struct {
	CreatedBy string          `json:"created_by"`
	CreatedAt rest.Time       `json:"created_at"`
	ExpiresAt rest.Time       `json:"expires_at"`
	UsedAt    rest.TimeOrNull `json:"used_at" doc:"null: nobody has signed in by it"`
}

func (r *Room) signInCode(ctx context.Context, actor access.Actor, in *one) (SignInCodeState, error) {
	c, err := r.staff.SignInCode(ctx, actor, in.ID)
	return SignInCodeState{c.CreatedBy, rest.Time(c.CreatedAt), rest.Time(c.ExpiresAt), rest.TimeOrNull(c.UsedAt)}, err
}

func (r *Room) endSignInCode(ctx context.Context, actor access.Actor, in *one) (rest.None, error) {
	return rest.None{}, r.staff.EndSignInCode(ctx, actor, in.ID)
}
