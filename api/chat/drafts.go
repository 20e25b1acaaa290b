package chat

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/chat"
)

func (r *Room) mountDrafts(a *rest.API) {
	notFound, changed := []int{http.StatusNotFound}, []int{http.StatusNotFound, http.StatusConflict}
	const path = "/api/conversations/{id}/draft"
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: path, Tag: tag, ID: "getDraft", Summary: "What the caller has typed and not sent", Errors: notFound,
	}, r.draft)
	rest.Register(a, rest.Operation{
		Method: http.MethodPut, Path: path, Tag: tag, ID: "saveDraft", Roles: writers(),
		Summary: "Keep what is typed; the last write counts, other devices get the event draft", Errors: changed,
	}, r.saveDraft)
	rest.Register(a, rest.Operation{
		Method: http.MethodDelete, Path: path, Tag: tag, ID: "dropDraft", Summary: "Throw the draft away", Errors: changed,
	}, r.dropDraft)
}

// Draft is what somebody has typed and not sent.
type Draft struct {
	Text      string          `json:"text" doc:"empty: none"`
	Version   int64           `json:"version" doc:"grows with every write; 0: none"`
	UpdatedAt rest.TimeOrNull `json:"updated_at"`
	Replaced  bool            `json:"replaced" doc:"of a write: another device had written meanwhile, and this took its place"`
}

func draftView(d model.Draft, replaced bool) Draft {
	return Draft{d.Text, d.Version, rest.TimeOrNull(d.UpdatedAt), replaced}
}

func (r *Room) draft(ctx context.Context, actor access.Actor, in *idInput) (Draft, error) {
	d, err := r.chat.Draft(ctx, actor, in.ID)
	return draftView(d, false), err
}

type saveDraftInput struct {
	ID   string `path:"id"`
	Body struct {
		Text    string `json:"text" minLength:"1" doc:"at most 8,192 bytes"`
		Version int64  `json:"version" minimum:"0" doc:"the version seen last; 0: none"`
		Device  string `json:"device,omitempty" maxLength:"64" doc:"comes back in the event, so that a device knows its own"`
		Careful bool   `json:"careful,omitempty" doc:"answer 409 draft_changed where another device has written since that version"`
	}
}

func (r *Room) saveDraft(ctx context.Context, actor access.Actor, in *saveDraftInput) (Draft, error) {
	b := in.Body
	d, replaced, err := r.chat.SaveDraft(ctx, actor, in.ID, chat.Typed{Text: b.Text, Version: b.Version, Device: b.Device, Careful: b.Careful})
	return draftView(d, replaced), err
}

type dropDraftInput struct {
	ID     string `path:"id"`
	Device string `query:"device" maxLength:"64"`
	// Version keeps what another device has typed meanwhile.
	Version int64 `query:"version" minimum:"0" doc:"only this one: 409 draft_changed where another device has written since; 0: any"`
}

func (r *Room) dropDraft(ctx context.Context, actor access.Actor, in *dropDraftInput) (rest.None, error) {
	return rest.None{}, r.chat.DropDraft(ctx, actor, in.ID, in.Device, in.Version)
}
