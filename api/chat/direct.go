package chat

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
)

func (r *Room) mountDirect(a *rest.API) {
	managers := []string{model.RoleOwner, model.RoleManager}
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/conversations/{id}/assign", Tag: tag, ID: "assignConversation", Roles: managers,
		Summary: "Give the member to a clerk", Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.assign)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/conversations/{id}/takeover", Tag: tag, ID: "takeOverConversation", Roles: managers,
		Summary: "Serve the member beside his clerk until the end of the day", Errors: []int{http.StatusNotFound},
	}, r.takeOver)
}

type assignInput struct {
	ID   string `path:"id"`
	Body struct {
		ClerkID string `json:"clerk_id" maxLength:"36"`
	}
}

func (r *Room) assign(ctx context.Context, actor access.Actor, in *assignInput) (Conversation, error) {
	if _, err := r.chat.Assign(ctx, actor, in.ID, in.Body.ClerkID); err != nil {
		return Conversation{}, err
	}
	return r.get(ctx, actor, &idInput{in.ID})
}

// TakenOver says until when.
type TakenOver struct {
	Until rest.Time `json:"until"`
}

func (r *Room) takeOver(ctx context.Context, actor access.Actor, in *idInput) (TakenOver, error) {
	until, err := r.chat.TakeOver(ctx, actor, in.ID)
	return TakenOver{rest.Time(until)}, err
}
