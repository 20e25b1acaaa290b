package account

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/account"
	"liuke/service/fault"
)

func (r *Room) mountKeys(a *rest.API) {
	owners := []string{model.RoleOwner}
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/api_keys", Status: http.StatusCreated, Tag: tag, ID: "makeAPIKey", Roles: owners,
		Summary: "Make a key for a till or another program; it is shown once", Errors: []int{http.StatusConflict},
	}, r.makeKey)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/api_keys", Tag: tag, ID: "listAPIKeys", Roles: owners, Summary: "The account's keys, the newest first",
	}, r.keys)
	rest.Register(a, rest.Operation{
		Method: http.MethodDelete, Path: "/api/api_keys/{id}", Tag: tag, ID: "revokeAPIKey", Roles: owners,
		Summary: "End a key at once", Errors: []int{http.StatusNotFound},
	}, r.revokeKey)
}

// APIKey is a key without its secret.
type APIKey struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Head       string          `json:"head" doc:"its first characters, to tell keys apart"`
	CreatedBy  string          `json:"created_by"`
	CreatedAt  rest.Time       `json:"created_at"`
	LastUsedAt rest.TimeOrNull `json:"last_used_at" doc:"to the minute"`
	RevokedAt  rest.TimeOrNull `json:"revoked_at"`
}

func viewKey(k model.APIKey) APIKey {
	return APIKey{
		ID: k.ID, Name: k.Name, Head: k.Head, CreatedBy: k.CreatedBy, CreatedAt: rest.Time(k.CreatedAt),
		LastUsedAt: rest.TimeOrNull(k.LastUsedAt), RevokedAt: rest.TimeOrNull(k.RevokedAt),
	}
}

// NewAPIKey is a key that was just made.
type NewAPIKey struct {
	APIKey

	Secret string `json:"secret" doc:"for the header X-Api-Key; cannot be read again"`
}

type makeKeyInput struct {
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"100" doc:"whose it is"`
	}
}

func (r *Room) makeKey(ctx context.Context, actor access.Actor, in *makeKeyInput) (NewAPIKey, error) {
	key, err := r.accounts.MakeKey(ctx, actor, in.Body.Name)
	return newKey(key), err
}

func newKey(k account.NewKey) NewAPIKey { return NewAPIKey{viewKey(k.APIKey), k.Secret} }

type keysInput struct{ rest.Paging }

func (r *Room) keys(ctx context.Context, actor access.Actor, in *keysInput) (rest.List[APIKey], error) {
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return rest.List[APIKey]{}, fault.Input("cursor", "unknown")
	}
	rows, next, err := r.accounts.Keys(ctx, actor, in.Cursor, in.Limit)
	return rest.Page(rows, next, viewKey), err
}

type keyInput struct {
	ID string `path:"id"`
}

func (r *Room) revokeKey(ctx context.Context, actor access.Actor, in *keyInput) (rest.None, error) {
	return rest.None{}, r.accounts.RevokeKey(ctx, actor, in.ID)
}
