// Package chat is the HTTP side of conversations.
package chat

import (
	"context"
	"net/http"
	"strconv"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/chat"
	"liuke/service/fault"
	"liuke/service/media"
)

// Room answers the calls about conversations.
type Room struct {
	chat  *chat.Service
	media *media.Service
}

// New makes the room.
func New(c *chat.Service, m *media.Service) *Room { return &Room{c, m} }

const tag = "chat"

// writers are the roles that answer members; supervisors only read.
func writers() []string {
	return []string{model.RoleOwner, model.RoleManager, model.RoleClerk, model.RoleSupport}
}

// Mount adds the operations.
func (r *Room) Mount(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/conversations", Tag: tag, ID: "listConversations", Proves: true,
		Summary: "Conversations of a queue, those whose member waits longest first",
	}, r.list)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/conversations/{id}", Tag: tag, ID: "getConversation", Summary: "One conversation",
		Errors: []int{http.StatusNotFound},
	}, r.get)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/conversations/{id}/messages", Tag: tag, ID: "listMessages", Proves: true,
		Summary: "Messages, the newest first, or from the first one on", Errors: []int{http.StatusNotFound},
	}, r.messages)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/conversations/{id}/messages", Status: http.StatusAccepted, Tag: tag, ID: "sendMessage",
		Summary: "Write to the member, or a note for the house", Roles: writers(), Idempotent: true, Errors: []int{http.StatusNotFound},
	}, r.send)
	rest.Register(a, rest.Operation{
		Method: http.MethodDelete, Path: "/api/conversations/{id}/messages/{message_id}", Tag: tag, ID: "withdrawMessage",
		Summary: "Take a pending message back", Roles: writers(), Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.withdraw)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/conversations/{id}/read", Tag: tag, ID: "markRead",
		Summary: "Everything up to this message has been read", Errors: []int{http.StatusNotFound},
	}, r.read)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/conversations/{id}/claim", Tag: tag, ID: "claimConversation",
		Summary: "Take the member from a queue", Roles: writers(), Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, r.claim)
	r.mountDrafts(a)
	r.mountPhrases(a)
	r.mountDirect(a)
}

type listInput struct {
	rest.Paging

	Queue   string `query:"queue" enum:"mine,waiting,unassigned,store,all,unanswered" default:"mine" doc:"which conversations"`
	StoreID string `query:"store_id" maxLength:"36" doc:"only those of this store"`
}

func (r *Room) list(ctx context.Context, actor access.Actor, in *listInput) (rest.List[Conversation], error) {
	items, next, err := r.chat.List(ctx, actor, in.Queue, in.StoreID, in.Cursor, in.Limit)
	if err != nil {
		return rest.List[Conversation]{}, err
	}
	return rest.Page(items, next, conversationView), nil
}

type idInput struct {
	ID string `path:"id"`
}

func (r *Room) get(ctx context.Context, actor access.Actor, in *idInput) (Conversation, error) {
	item, err := r.chat.Get(ctx, actor, in.ID)
	if err != nil {
		return Conversation{}, err
	}
	return conversationView(item), nil
}

type messagesInput struct {
	rest.Paging

	ID string `path:"id"`
	Q  string `query:"q" maxLength:"100" doc:"only messages whose text holds this"`

	From string `query:"from" enum:"newest,first" default:"newest" doc:"first: from the first message on, the oldest first"`
}

func (r *Room) messages(ctx context.Context, actor access.Actor, in *messagesInput) (rest.List[Message], error) {
	var place int64
	if in.Cursor != "" {
		n, err := strconv.ParseInt(in.Cursor, 10, 64)
		if err != nil || n < 1 {
			return rest.List[Message]{}, fault.Input("cursor", "unknown")
		}
		place = n
	}
	read := func() ([]chat.Line, int64, error) { return r.chat.Search(ctx, actor, in.ID, in.Q, place, in.Limit) }
	if in.From == "first" {
		if in.Q != "" {
			return rest.List[Message]{}, fault.Input("q", "not_with_from")
		}
		read = func() ([]chat.Line, int64, error) { return r.chat.History(ctx, actor, in.ID, place, in.Limit) }
	}
	rows, next, err := read()
	if err != nil {
		return rest.List[Message]{}, err
	}
	media, err := r.mediaOf(ctx, rows...)
	if err != nil {
		return rest.List[Message]{}, err
	}
	cursor := ""
	if next > 0 {
		cursor = strconv.FormatInt(next, 10)
	}
	return rest.Page(rows, cursor, func(l chat.Line) Message { return messageView(l, media[l.ID]) }), nil
}

// mediaOf reads the pictures, voices and videos of messages that have one.
func (r *Room) mediaOf(ctx context.Context, rows ...chat.Line) (map[string]model.Media, error) {
	var ids []string
	for _, m := range rows {
		if m.MediaID != "" {
			ids = append(ids, m.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return r.media.ByMessages(ctx, ids)
}

type sendInput struct {
	ID   string `path:"id"`
	Body struct {
		ClientID    string `json:"client_id" minLength:"1" maxLength:"64" doc:"made by the device; the same again is the same message, sent once"`
		Kind        string `json:"kind" enum:"text,image,voice,video,news,note"`
		Text        string `json:"text,omitempty" doc:"text: at most 2,048 bytes of UTF-8; note: 8,192"`
		MediaID     string `json:"media_id,omitempty" doc:"image, voice, video: an upload"`
		Title       string `json:"title,omitempty" doc:"news"`
		Description string `json:"description,omitempty" doc:"news"`
		URL         string `json:"url,omitempty" doc:"news"`
		PicURL      string `json:"pic_url,omitempty" doc:"news"`
	}
}

func (r *Room) send(ctx context.Context, actor access.Actor, in *sendInput) (Message, error) {
	b := in.Body
	m, err := r.chat.Send(ctx, actor, in.ID, chat.Write{
		ClientID: b.ClientID, Kind: b.Kind, Text: b.Text, MediaID: b.MediaID, Title: b.Title,
		Description: b.Description, URL: b.URL, PicURL: b.PicURL,
	})
	if err != nil {
		return Message{}, err
	}
	line := chat.Line{Message: m}
	media, err := r.mediaOf(ctx, line)
	if err != nil {
		return Message{}, err
	}
	return messageView(line, media[m.ID]), nil
}

type withdrawInput struct {
	ID        string `path:"id"`
	MessageID string `path:"message_id"`
}

func (r *Room) withdraw(ctx context.Context, actor access.Actor, in *withdrawInput) (rest.None, error) {
	return rest.None{}, r.chat.Withdraw(ctx, actor, in.ID, in.MessageID)
}

type readInput struct {
	ID   string `path:"id"`
	Body struct {
		UpTo string `json:"up_to" doc:"id of the last message read"`
	}
}

func (r *Room) read(ctx context.Context, actor access.Actor, in *readInput) (rest.None, error) {
	return rest.None{}, r.chat.MarkRead(ctx, actor, in.ID, in.Body.UpTo)
}

func (r *Room) claim(ctx context.Context, actor access.Actor, in *idInput) (Conversation, error) {
	if _, err := r.chat.Claim(ctx, actor, in.ID); err != nil {
		return Conversation{}, err
	}
	return r.get(ctx, actor, in)
}
