// Package sms is the HTTP side of text messages.
package sms

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/sms"
)

// Room answers the calls about text messages.
type Room struct{ sms *sms.Service }

// New makes the room.
func New(s *sms.Service) *Room { return &Room{s} }

const tag = "sms"

// Mount adds the operations.
func (r *Room) Mount(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/sms_settings", Tag: tag, ID: "getSMSSettings", Roles: []string{model.RoleOwner, model.RoleManager},
		Summary: "By whom the account sends text messages, if at all",
	}, r.settings)
	rest.Register(a, rest.Operation{
		Method: http.MethodPut, Path: "/api/sms_settings", Status: http.StatusOK, Tag: tag, ID: "setSMSSettings", Roles: []string{model.RoleOwner},
		Summary: "Change that; secrets that are not given stay as they are",
	}, r.set)
}

// Texting is by whom an account sends text messages. Its secrets cannot be read again.
type Texting struct {
	Provider  string          `json:"provider" enum:"off,recording,tencent" doc:"recording: nothing leaves, for trying things out"`
	HasSecret bool            `json:"has_secret" doc:"both secrets are kept"`
	AppID     string          `json:"app_id" doc:"the provider's"`
	Region    string          `json:"region"`
	Signature string          `json:"signature" doc:"签名, as the provider approved it, without brackets"`
	Price     int64           `json:"price" doc:"fen a message; a long one is billed as several"`
	UpdatedAt rest.TimeOrNull `json:"updated_at"`
}

func view(s model.SMSSettings) Texting {
	return Texting{
		s.Provider, len(s.SecretIDSealed) > 0 && len(s.SecretKeySealed) > 0, s.AppID, s.Region, s.Signature, s.Price, rest.TimeOrNull(s.UpdatedAt),
	}
}

func (r *Room) settings(ctx context.Context, actor access.Actor, _ *struct{}) (Texting, error) {
	s, err := r.sms.Settings(ctx, actor)
	return view(s), err
}

type setInput struct {
	Body struct {
		Provider  string  `json:"provider" enum:"off,recording,tencent"`
		SecretID  *string `json:"secret_id,omitempty" maxLength:"128" doc:"cannot be read again; empty: forget it"`
		SecretKey *string `json:"secret_key,omitempty" maxLength:"128" doc:"cannot be read again; empty: forget it"`
		AppID     string  `json:"app_id,omitempty" maxLength:"20" doc:"SmsSdkAppId"`
		Region    string  `json:"region,omitempty" maxLength:"32"`
		Signature string  `json:"signature,omitempty" maxLength:"64"`
		Price     int64   `json:"price" minimum:"0" maximum:"1000"`
	}
}

func (r *Room) set(ctx context.Context, actor access.Actor, in *setInput) (Texting, error) {
	b := in.Body
	s, err := r.sms.Set(ctx, actor, sms.Change{
		Provider: b.Provider, SecretID: b.SecretID, SecretKey: b.SecretKey, AppID: b.AppID, Region: b.Region, Signature: b.Signature, Price: b.Price,
	})
	return view(s), err
}
