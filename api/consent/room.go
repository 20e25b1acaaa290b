// Package consent is the HTTP side of what members allow.
package consent

import (
	"context"
	"crypto/sha256"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/consent"
	"liuke/service/fault"
)

// Room answers the calls about consents, and shows members their pages.
type Room struct {
	consents *consent.Service
	log      *slog.Logger
	pages    *template.Template
	style    [sha256.Size]byte // by which the pages' own style is let in
	stranger func(*http.Request) time.Duration
}

// New makes the room.
func New(s *consent.Service, log *slog.Logger) *Room {
	return &Room{consents: s, log: log, pages: pages(), style: sha256.Sum256([]byte(style))}
}

const tag = "consent"

// Mount adds the operations.
func (r *Room) Mount(a *rest.API) {
	gone := []int{http.StatusNotFound}
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/members/{id}/consents", Tag: tag, ID: "getConsents",
		Summary: "What a member allows today, per purpose", Errors: gone,
	}, r.today)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/members/{id}/consents", Status: http.StatusNoContent, Tag: tag, ID: "tellConsent",
		Summary: "Write down what a member told the caller he allows, or no longer allows", Errors: gone,
	}, r.tell)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/members/{id}/consent_records", Tag: tag, ID: "listConsentRecords",
		Summary: "All that a member said about what he allows, the latest first", Errors: gone,
	}, r.history)
}

// Consent is what a member says today about one purpose.
type Consent struct {
	Purpose string          `json:"purpose" enum:"service,marketing,profiling"`
	State   *string         `json:"state" enum:"given,withdrawn" doc:"null: he never said"`
	At      rest.TimeOrNull `json:"at"`
}

// Consents are all purposes.
type Consents struct {
	Items []Consent `json:"items" nullable:"false"`
}

type idInput struct {
	ID string `path:"id"`
}

func (r *Room) today(ctx context.Context, actor access.Actor, in *idInput) (Consents, error) {
	rows, err := r.consents.Today(ctx, actor, in.ID)
	if err != nil {
		return Consents{}, err
	}
	var out Consents
	for _, purpose := range consent.Purposes() {
		item := Consent{Purpose: purpose}
		for _, row := range rows {
			if row.Purpose == purpose {
				item.State, item.At = &row.State, rest.TimeOrNull(row.At)
			}
		}
		out.Items = append(out.Items, item)
	}
	return out, nil
}

type tellInput struct {
	ID   string `path:"id"`
	Body struct {
		Purpose string `json:"purpose" enum:"service,marketing,profiling"`
		State   string `json:"state" enum:"given,withdrawn"`
		Text    string `json:"text,omitempty" maxLength:"500" doc:"what he was asked; required when he gives it"`
	}
}

func (r *Room) tell(ctx context.Context, actor access.Actor, in *tellInput) (rest.None, error) {
	return rest.None{}, r.consents.Tell(ctx, actor, in.ID, consent.Word{Purpose: in.Body.Purpose, State: in.Body.State, Text: in.Body.Text})
}

// Record is one word of a member about a purpose.
type Record struct {
	Purpose string    `json:"purpose" enum:"service,marketing,profiling"`
	State   string    `json:"state" enum:"given,withdrawn"`
	How     string    `json:"how" enum:"staff,word,page,merge" doc:"told a member of staff, wrote 退订 or TD, chose on his page, taken over from a merged file"`
	Text    string    `json:"text"`
	ByID    *string   `json:"by_id"`
	At      rest.Time `json:"at"`
}

type historyInput struct {
	rest.Paging

	ID string `path:"id"`
}

func (r *Room) history(ctx context.Context, actor access.Actor, in *historyInput) (rest.List[Record], error) {
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return rest.List[Record]{}, fault.Input("cursor", "unknown")
	}
	rows, next, err := r.consents.History(ctx, actor, in.ID, in.Cursor, in.Limit)
	return rest.Page(rows, next, func(c model.ConsentRecord) Record {
		return Record{c.Purpose, c.State, c.How, c.Text, rest.Null(c.ByID), rest.Time(c.At)}
	}), err
}
