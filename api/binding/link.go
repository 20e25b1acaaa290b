package binding

import (
	"context"
	"net/http"

	"liuke/api/qr"
	"liuke/api/rest"
	"liuke/service/access"
)

func (r *Room) mountLink(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/me/link_code", Status: http.StatusCreated, Tag: tag, ID: "createLinkCode",
		Summary: "A code to scan once with my own WeChat, so that notices reach my phone",
		Errors:  []int{http.StatusConflict, http.StatusNotFound, http.StatusBadGateway, http.StatusServiceUnavailable},
	}, r.linkCode)
}

// LinkCode is a code to scan once.
type LinkCode struct {
	ID        string    `json:"id"`
	URL       string    `json:"url" doc:"what the picture holds"`
	SVG       string    `json:"svg" doc:"the picture"`
	ExpiresAt rest.Time `json:"expires_at"`
}

func (r *Room) linkCode(ctx context.Context, actor access.Actor, _ *struct{}) (LinkCode, error) {
	c, err := r.binding.LinkCode(ctx, actor)
	if err != nil {
		return LinkCode{}, err
	}
	svg, err := qr.SVG(c.URL)
	return LinkCode{ID: c.ID, URL: c.URL, SVG: svg, ExpiresAt: rest.Time(c.ExpiresAt)}, err
}
