// Package notice is the HTTP side of notices to sleeping phones.
package notice

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/notice"
)

// Room answers the calls about notices.
type Room struct{ notice *notice.Service }

// New makes the room.
func New(s *notice.Service) *Room { return &Room{s} }

const tag = "notice"

// Mount adds the operations.
func (r *Room) Mount(a *rest.API) {
	owners := []string{model.RoleOwner}
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/me/link", Tag: tag, ID: "getLink", Summary: "Whether notices reach my phone",
	}, r.link)
	rest.Register(a, rest.Operation{
		Method: http.MethodDelete, Path: "/api/me/link", Status: http.StatusNoContent, Tag: tag, ID: "deleteLink",
		Summary: "No more notices to my phone",
	}, r.unlink)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/notice_settings", Tag: tag, ID: "getNoticeSettings", Roles: owners,
		Summary: "The template of WeChat for notices to staff",
	}, r.settings)
	rest.Register(a, rest.Operation{
		Method: http.MethodPut, Path: "/api/notice_settings", Tag: tag, ID: "setNoticeSettings", Roles: owners,
		Summary: "Name that template; without one there are no notices",
	}, r.setSettings)
}

// Link is how my phone stands.
type Link struct {
	Linked    bool            `json:"linked"`
	LinkedAt  rest.TimeOrNull `json:"linked_at"`
	Available bool            `json:"available" doc:"the account has a template for notices"`
}

func (r *Room) link(ctx context.Context, actor access.Actor, _ *struct{}) (Link, error) {
	l, err := r.notice.Link(ctx, actor)
	return Link{Linked: l.LinkedAt > 0, LinkedAt: rest.TimeOrNull(l.LinkedAt), Available: l.Ready}, err
}

func (r *Room) unlink(ctx context.Context, actor access.Actor, _ *struct{}) (rest.None, error) {
	return rest.None{}, r.notice.Unlink(ctx, actor)
}

// TemplateSettings are the template of an account.
type TemplateSettings struct {
	TemplateID string `json:"template_id" maxLength:"64" doc:"empty: no notices"`
	Field      string `json:"field" maxLength:"32" example:"thing1" doc:"the field that takes the member's name; the template must need no other"`
}

func (r *Room) settings(ctx context.Context, actor access.Actor, _ *struct{}) (TemplateSettings, error) {
	s, err := r.notice.Settings(ctx, actor)
	return TemplateSettings{s.TemplateID, s.Field}, err
}

type settingsInput struct {
	Body TemplateSettings
}

func (r *Room) setSettings(ctx context.Context, actor access.Actor, in *settingsInput) (TemplateSettings, error) {
	s, err := r.notice.SetSettings(ctx, actor, in.Body.TemplateID, in.Body.Field)
	return TemplateSettings{s.TemplateID, s.Field}, err
}
