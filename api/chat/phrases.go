package chat

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/chat"
)

func (r *Room) mountPhrases(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/phrases", Tag: tag, ID: "listPhrases",
		Summary: "Texts kept ready: the account's, the store's, one's own",
	}, r.phrases)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/phrases", Status: http.StatusCreated, Tag: tag, ID: "addPhrase", Idempotent: true,
		Summary: "Keep a text: for oneself, as manager for the store, as owner for all",
	}, r.addPhrase)
	rest.Register(a, rest.Operation{
		Method: http.MethodPatch, Path: "/api/phrases/{id}", Tag: tag, ID: "updatePhrase", Summary: "Change a text",
	}, r.updatePhrase)
	rest.Register(a, rest.Operation{
		Method: http.MethodDelete, Path: "/api/phrases/{id}", Tag: tag, ID: "deletePhrase", Summary: "Take a text away",
	}, r.deletePhrase)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/phrases/{id}/render", Tag: tag, ID: "renderPhrase",
		Summary: "The text filled for a conversation; nothing is sent",
	}, r.renderPhrase)
}

// Phrase is a text kept ready.
type Phrase struct {
	ID        string    `json:"id"`
	Scope     string    `json:"scope" enum:"account,store,own"`
	StoreID   *string   `json:"store_id"`
	Title     string    `json:"title"`
	Text      string    `json:"text" doc:"with {member}, {clerk}, {store} and {points}"`
	Situation string    `json:"situation"`
	Sort      int64     `json:"sort" doc:"the smaller first"`
	UpdatedAt rest.Time `json:"updated_at"`
}

func phraseView(p model.Phrase) Phrase {
	return Phrase{p.ID, p.Scope, rest.Null(p.StoreID), p.Title, p.Text, p.Situation, p.Sort, rest.Time(p.UpdatedAt)}
}

type phrasesInput struct {
	rest.Paging

	Situation string `query:"situation" maxLength:"240"`
	Scope     string `query:"scope" enum:"account,store,own" doc:"only these"`
	StoreID   string `query:"store_id" maxLength:"36" doc:"of the stores' only this one's"`
	Q         string `query:"q" maxLength:"100" doc:"a piece of title, text or situation"`
}

func (r *Room) phrases(ctx context.Context, actor access.Actor, in *phrasesInput) (rest.List[Phrase], error) {
	f := chat.PhraseFilter{Situation: in.Situation, Scope: in.Scope, StoreID: in.StoreID, Text: in.Q}
	rows, next, err := r.chat.Phrases(ctx, actor, f, in.Cursor, in.Limit)
	return rest.Page(rows, next, phraseView), err
}

type addPhraseInput struct {
	Body struct {
		Scope     string `json:"scope" enum:"account,store,own"`
		StoreID   string `json:"store_id,omitempty" maxLength:"36" doc:"of scope store; a manager's own by itself"`
		Title     string `json:"title" minLength:"1" maxLength:"200"`
		Text      string `json:"text" minLength:"1" maxLength:"2048" doc:"may hold {member}, {clerk}, {store}, {points}"`
		Situation string `json:"situation,omitempty" maxLength:"60"`
		Sort      int64  `json:"sort,omitempty"`
	}
}

func (r *Room) addPhrase(ctx context.Context, actor access.Actor, in *addPhraseInput) (Phrase, error) {
	b := in.Body
	p, err := r.chat.AddPhrase(ctx, actor, chat.PhraseEdit{
		Scope: b.Scope, StoreID: b.StoreID, Title: &b.Title, Text: &b.Text, Situation: &b.Situation, Sort: &b.Sort,
	})
	return phraseView(p), err
}

type updatePhraseInput struct {
	ID   string `path:"id"`
	Body struct {
		Title     *string `json:"title,omitempty" minLength:"1" maxLength:"200"`
		Text      *string `json:"text,omitempty" minLength:"1" maxLength:"2048"`
		Situation *string `json:"situation,omitempty" maxLength:"60"`
		Sort      *int64  `json:"sort,omitempty"`
	}
}

func (r *Room) updatePhrase(ctx context.Context, actor access.Actor, in *updatePhraseInput) (Phrase, error) {
	b := in.Body
	p, err := r.chat.EditPhrase(ctx, actor, in.ID, chat.PhraseEdit{Title: b.Title, Text: b.Text, Situation: b.Situation, Sort: b.Sort})
	return phraseView(p), err
}

func (r *Room) deletePhrase(ctx context.Context, actor access.Actor, in *idInput) (rest.None, error) {
	return rest.None{}, r.chat.DeletePhrase(ctx, actor, in.ID)
}

type renderInput struct {
	ID   string `path:"id"`
	Body struct {
		ConversationID string `json:"conversation_id" maxLength:"36"`
	}
}

// Rendered is a phrase with its fields filled.
type Rendered struct {
	Text    string   `json:"text"`
	Missing []string `json:"missing" nullable:"false" doc:"fields without a value; they stand in the text as {name}"`
}

func (r *Room) renderPhrase(ctx context.Context, actor access.Actor, in *renderInput) (Rendered, error) {
	done, err := r.chat.RenderPhrase(ctx, actor, in.ID, in.Body.ConversationID)
	return Rendered(done), err
}
