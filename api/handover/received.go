package handover

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/handover"
)

func (r *Room) mountReceived(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/received_handovers", Tag: tag, ID: "listReceived",
		Summary: "Handovers by which the caller got members, the newest first",
	}, r.received)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/received_handovers/{id}/dismiss", Status: http.StatusNoContent, Tag: tag, ID: "dismissReceived",
		Summary: "Put the news of a handover away", Errors: []int{http.StatusNotFound},
	}, r.dismiss)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/received_handovers/{id}/members/{member_id}/introduction", Tag: tag, ID: "draftIntroduction",
		Summary: "The introduction to a received member, filled in and to be read before it is sent", Errors: []int{http.StatusNotFound},
	}, r.draft)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/received_handovers/{id}/members/{member_id}/introduction", Status: http.StatusAccepted, Tag: tag, ID: "introduce",
		Summary: "Send the introduction, once per member and handover; without allowance it waits for the member's next message",
		Errors:  []int{http.StatusNotFound, http.StatusConflict},
	}, r.introduce)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/duty_settings", Tag: tag, ID: "getDutySettings", Summary: "What the account wants of receivers and leavers",
	}, r.dutySettings)
	rest.Register(a, rest.Operation{
		Method: http.MethodPut, Path: "/api/duty_settings", Tag: tag, ID: "setDutySettings", Roles: []string{model.RoleOwner},
		Summary: "Set the introduction, when a member without contact is offered back, and whether a leaver's checklist must be signed",
	}, r.setDutySettings)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/quiet_members", Tag: tag, ID: "listQuietMembers", Roles: watchers(),
		Summary: "Members whom nobody has contacted since a handover, the longest first",
	}, r.quiet)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/quiet_members/give", Tag: tag, ID: "giveQuietMembers", Roles: managers(),
		Summary: "Give members without contact to another clerk or to the queue of their store, or leave them and count anew",
		Errors:  []int{http.StatusNotFound, http.StatusConflict},
	}, r.give)
}

type receivedInput struct {
	rest.Paging

	All bool `query:"all" doc:"also those that were put away"`
}

// ReceivedHandover is a handover as its receiver sees it.
type ReceivedHandover struct {
	ID          string          `json:"id"`
	FromClerkID string          `json:"from_clerk_id"`
	FromName    string          `json:"from_name"`
	Members     int64           `json:"members"`
	Open        int64           `json:"open" doc:"first contacts still owed"`
	Introduced  int64           `json:"introduced" doc:"members to whom an introduction was written"`
	At          rest.Time       `json:"at"`
	DismissedAt rest.TimeOrNull `json:"dismissed_at"`
}

func (r *Room) received(ctx context.Context, actor access.Actor, in *receivedInput) (rest.List[ReceivedHandover], error) {
	if err := checkCursor(in.Cursor); err != nil {
		return rest.List[ReceivedHandover]{}, err
	}
	rows, next, err := r.handover.Received(ctx, actor, in.All, in.Cursor, in.Limit)
	if err != nil {
		return rest.List[ReceivedHandover]{}, err
	}
	return rest.Page(rows, next, func(h handover.Received) ReceivedHandover {
		return ReceivedHandover{
			ID: h.HandoverID, FromClerkID: h.FromClerkID, FromName: h.FromName, Members: h.Members, Open: h.Open,
			Introduced: h.Introduced, At: rest.Time(h.At), DismissedAt: rest.TimeOrNull(h.DismissedAt),
		}
	}), nil
}

func (r *Room) dismiss(ctx context.Context, actor access.Actor, in *idInput) (rest.None, error) {
	return rest.None{}, r.handover.DismissReceived(ctx, actor, in.ID)
}

type introductionInput struct {
	ID       string `path:"id"`
	MemberID string `path:"member_id"`
}

// IntroductionDraft is an introduction to be read, or what became of it.
type IntroductionDraft struct {
	Text           string                        `json:"text"`
	ConversationID *string                       `json:"conversation_id" doc:"null: there is no way to write to the member"`
	Introduction   rest.OrNull[IntroductionSent] `json:"introduction" doc:"null: none was written"`
}

func (r *Room) draft(ctx context.Context, actor access.Actor, in *introductionInput) (IntroductionDraft, error) {
	d, err := r.handover.DraftIntroduction(ctx, actor, in.ID, in.MemberID)
	if err != nil {
		return IntroductionDraft{}, err
	}
	return IntroductionDraft{d.Text, rest.Null(d.ConversationID), introduction(d.Introduction)}, nil
}

type introduceInput struct {
	ID       string `path:"id"`
	MemberID string `path:"member_id"`
	Body     struct {
		Text string `json:"text" maxLength:"2048" doc:"as it now stands, nothing is filled in any more"`
	}
}

func (r *Room) introduce(ctx context.Context, actor access.Actor, in *introduceInput) (IntroductionSent, error) {
	i, err := r.handover.Introduce(ctx, actor, in.ID, in.MemberID, in.Body.Text)
	if err != nil {
		return IntroductionSent{}, err
	}
	return *introduction(i).Value, nil
}

// DutySettings is what the account wants of receivers.
type DutySettings struct {
	Introduction string `json:"introduction" maxLength:"2048" doc:"with {member}, {clerk}, {store}, {earlier}, {account}; empty: the usual one"`
	QuietDays    int64  `json:"quiet_days" minimum:"0" maximum:"365" doc:"without contact, until a member is offered back; 0: never"`
	ToQueue      bool   `json:"to_queue" doc:"they go to the queue of their store by themselves"`
	HandIn       bool   `json:"hand_in_required" required:"false" doc:"a leaver's handover runs only once both have signed his hand-in checklist"`
}

func dutySettings(s model.DutySettings) DutySettings {
	return DutySettings{s.Introduction, s.QuietDays, s.ToQueue, s.HandInRequired}
}

func (r *Room) dutySettings(ctx context.Context, actor access.Actor, _ *struct{}) (DutySettings, error) {
	s, err := r.handover.DutySettings(ctx, actor)
	return dutySettings(s), err
}

type dutySettingsInput struct{ Body DutySettings }

func (r *Room) setDutySettings(ctx context.Context, actor access.Actor, in *dutySettingsInput) (DutySettings, error) {
	s, err := r.handover.SetDutySettings(ctx, actor, model.DutySettings{
		Introduction: in.Body.Introduction, QuietDays: in.Body.QuietDays, ToQueue: in.Body.ToQueue,
		HandInRequired: in.Body.HandIn,
	})
	return dutySettings(s), err
}

// QuietMember is a member whom nobody has contacted since a handover.
type QuietMember struct {
	TodoID     string    `json:"todo_id"`
	MemberID   string    `json:"member_id"`
	MemberName string    `json:"member_name"`
	Level      *string   `json:"level"`
	StoreID    *string   `json:"store_id"`
	ClerkID    string    `json:"clerk_id"`
	ClerkName  string    `json:"clerk_name"`
	HandoverID string    `json:"handover_id"`
	Since      rest.Time `json:"since" doc:"since when he is this clerk's"`
	Snoozes    int64     `json:"snoozes"`
}

type quietInput struct {
	rest.Paging

	StoreID string `query:"store_id" maxLength:"64"`
}

func (r *Room) quiet(ctx context.Context, actor access.Actor, in *quietInput) (rest.List[QuietMember], error) {
	rows, next, err := r.handover.Quiet(ctx, actor, in.StoreID, in.Cursor, in.Limit)
	if err != nil {
		return rest.List[QuietMember]{}, err
	}
	return rest.Page(rows, next, func(q handover.QuietMember) QuietMember {
		return QuietMember{
			TodoID: q.TodoID, MemberID: q.MemberID, MemberName: q.MemberName, Level: rest.Null(q.Level), StoreID: rest.Null(q.StoreID),
			ClerkID: q.ClerkID, ClerkName: q.ClerkName, HandoverID: q.HandoverID, Since: rest.Time(q.Since), Snoozes: q.Snoozes,
		}
	}), nil
}

type giveInput struct {
	DryRun bool `query:"dry_run" doc:"tell what would be done, and do nothing"`
	Body   struct {
		TodoIDs []string `json:"todo_ids" nullable:"false" minItems:"1" maxItems:"100"`
		To      string   `json:"to" enum:"clerk,queue,keep" doc:"keep: they stay, and the days are counted anew"`
		ClerkID string   `json:"clerk_id,omitempty" maxLength:"64" doc:"with clerk"`
	}
}

// GivenMember is what became of one of them.
type GivenMember struct {
	TodoID string  `json:"todo_id"`
	Done   bool    `json:"done"`
	Reason *string `json:"reason" doc:"why not: contacted, same_clerk, not_found"`
}

// GivenMembers is what became of all of them.
type GivenMembers struct {
	Items []GivenMember `json:"items" nullable:"false"`
}

func (r *Room) give(ctx context.Context, actor access.Actor, in *giveInput) (GivenMembers, error) {
	done, err := r.handover.GiveQuiet(ctx, actor, handover.Give{
		TodoIDs: in.Body.TodoIDs, To: in.Body.To, ClerkID: in.Body.ClerkID, DryRun: in.DryRun,
	})
	if err != nil {
		return GivenMembers{}, err
	}
	out := GivenMembers{Items: make([]GivenMember, len(done))}
	for i, g := range done {
		out.Items[i] = GivenMember{g.TodoID, g.Reason == "", rest.Null(g.Reason)}
	}
	return out, nil
}
