// Package media is the HTTP side of pictures, voices and videos: staff's uploads, and opening what may be seen.
package media

import (
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/media"
)

// Room answers the calls about media.
type Room struct{ media *media.Service }

// New makes the room.
func New(m *media.Service) *Room { return &Room{m} }

const tag = "media"

// maxBody is the largest upload with the frame that a form puts around it.
const maxBody = model.MaxVideoBytes + 64<<10

// Mount adds the operations. They read and write files, so they are described by hand.
func (r *Room) Mount(a *rest.API) {
	rest.Raw(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/media", Status: http.StatusCreated, Tag: tag, ID: "uploadMedia",
		Summary: "Upload a picture, voice or video for a reply", MaxBody: maxBody, Idempotent: true,
		Roles: []string{model.RoleOwner, model.RoleManager, model.RoleClerk, model.RoleSupport},
	}, r.upload)
	rest.Raw(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/media/{id}", Tag: tag, ID: "getMedia",
		Summary:  "The bytes of a picture, voice or video of a conversation that the caller may see",
		Produces: "*/*", Errors: []int{http.StatusConflict},
	}, r.get)
	a.Describe(describe)
}

// Upload is a file that was taken; give its id to a message.
type Upload struct {
	ID          string `json:"id"`
	URL         string `json:"url"`
	Kind        string `json:"kind" enum:"image,voice,video"`
	State       string `json:"state" enum:"ready"`
	ContentType string `json:"content_type" doc:"by the content, whatever was declared"`
	Size        int64  `json:"size"`
}

func view(m model.Media) Upload {
	return Upload{m.ID, path(m), m.Kind, m.State, m.ContentType, m.Size}
}

func path(m model.Media) string { return "/api/media/" + m.ID }
