// Package campaign is the HTTP side of campaigns.
package campaign

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/campaign"
	"liuke/service/fault"
	"liuke/service/segment"
	"liuke/service/sheet"
)

// Room answers the calls about campaigns.
type Room struct{ campaigns *campaign.Service }

// New makes the room.
func New(s *campaign.Service) *Room { return &Room{s} }

const tag = "campaign"

// Mount adds the operations.
func (r *Room) Mount(a *rest.API) {
	managers := []string{model.RoleOwner, model.RoleManager}
	gone, clash := []int{http.StatusNotFound}, []int{http.StatusNotFound, http.StatusConflict}
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/campaigns", Status: http.StatusCreated, Tag: tag, ID: "createCampaign", Roles: managers, Idempotent: true,
		Summary: "Write a draft", Errors: gone,
	}, r.create)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/campaigns", Tag: tag, ID: "listCampaigns", Roles: managers, Summary: "Campaigns, the newest first",
	}, r.list)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/campaigns/{id}", Tag: tag, ID: "getCampaign", Roles: managers,
		Summary: "One campaign, and how many recipients are in which state", Errors: gone,
	}, r.get)
	rest.Register(a, rest.Operation{
		Method: http.MethodPatch, Path: "/api/campaigns/{id}", Tag: tag, ID: "updateCampaign", Roles: managers,
		Summary: "Change it; one that was approved is a draft again", Errors: clash,
	}, r.update)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/campaigns/{id}/forecast", Tag: tag, ID: "forecastCampaign", Roles: managers,
		Summary: "What it would do now: how many by which channel, who is left out and why, and what some members would read", Errors: clash,
	}, r.forecast)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/campaigns/{id}/approve", Status: http.StatusOK, Tag: tag, ID: "approveCampaign", Roles: managers,
		Summary: "Say that it may go out as it is", Errors: clash,
	}, r.approve)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/campaigns/{id}/schedule", Status: http.StatusOK, Tag: tag, ID: "scheduleCampaign", Roles: managers,
		Summary: "Say when an approved one starts", Errors: clash,
	}, r.schedule)
	for _, step := range []struct {
		verb, id, summary string
		do                func(context.Context, access.Actor, string) (model.Campaign, error)
	}{
		{"pause", "pauseCampaign", "Stop it; what has not left goes back and waits", r.campaigns.Pause},
		{"resume", "resumeCampaign", "Go on where it stopped", r.campaigns.Resume},
		{"cancel", "cancelCampaign", "End it for good; who has got nothing gets nothing", r.campaigns.Cancel},
	} {
		rest.Register(a, rest.Operation{
			Method: http.MethodPost, Path: "/api/campaigns/{id}/" + step.verb, Status: http.StatusOK, Tag: tag, ID: step.id, Roles: managers,
			Summary: step.summary, Errors: clash,
		}, func(ctx context.Context, actor access.Actor, in *idInput) (Campaign, error) {
			row, err := step.do(ctx, actor, in.ID)
			if err != nil {
				return Campaign{}, err
			}
			return view(row)
		})
	}
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/campaigns/{id}/recipients", Tag: tag, ID: "listRecipients", Roles: managers,
		Summary: "Its recipients whom the caller may see", Errors: gone,
	}, r.recipients)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/campaigns/{id}/mass_jobs", Tag: tag, ID: "listMassJobs", Roles: managers,
		Summary: "Its mass jobs, the newest first, with what WeChat counted", Errors: gone,
	}, r.massJobs)
	for _, kind := range []string{sheet.CSV, sheet.XLSX} {
		rest.Raw(a, rest.Operation{
			Method: http.MethodGet, Path: "/api/campaigns/{id}/recipients." + kind, Tag: tag, ID: "exportRecipients" + kind, Roles: managers,
			Summary:  "Its recipients whom the caller may see with what came of each, as a file; recorded",
			Produces: sheet.MediaType(kind), Errors: gone,
		}, r.export(kind))
	}
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/campaigns/{id}/outcome", Tag: tag, ID: "getCampaignOutcome", Roles: managers,
		Summary: "What came of it, beside those who were left without it", Errors: gone,
	}, r.outcome)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/campaigns/{id}/vetoes", Status: http.StatusNoContent, Tag: tag, ID: "vetoRecipient",
		Summary: "Keep it from a member whom the caller sees, until it leaves", Errors: clash,
	}, r.veto)
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/campaigns/{id}/test", Status: http.StatusAccepted, Tag: tag, ID: "testCampaign", Roles: managers, Idempotent: true,
		Summary: "Send its customer message to the caller's own WeChat, as one of its members would read it", Errors: clash,
	}, r.test)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/my_campaigns", Tag: tag, ID: "listMyCampaigns",
		Summary: "Campaigns that are to reach members whom the caller serves, the newest first",
	}, r.mine)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/my_campaigns/{id}/letters", Tag: tag, ID: "listMyLetters",
		Summary: "What each member whom the caller serves is to get of a campaign", Errors: gone,
	}, r.letters)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/message_templates", Tag: tag, ID: "listMessageTemplates", Roles: managers,
		Summary: "The account's templates at WeChat, of service messages or of subscription notices", Errors: []int{http.StatusBadGateway},
	}, r.templates)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/campaign_settings", Tag: tag, ID: "getCampaignSettings", Roles: managers, Summary: "Quiet hours and contact cap",
	}, r.settings)
	rest.Register(a, rest.Operation{
		Method: http.MethodPut, Path: "/api/campaign_settings", Status: http.StatusOK, Tag: tag, ID: "setCampaignSettings", Roles: []string{model.RoleOwner},
		Summary: "Change them",
	}, r.setSettings)
}

// Edit is what a campaign says and to whom.
type Edit struct {
	Name        *string          `json:"name,omitempty" minLength:"1" maxLength:"100"`
	SegmentID   *string          `json:"segment_id,omitempty" maxLength:"36" doc:"whose filter it takes over as it is now"`
	Filter      *json.RawMessage `json:"filter,omitempty" doc:"in place of a segment; see previewSegment"`
	Content     *Wording         `json:"content,omitempty"`
	Channels    []string         `json:"channels,omitempty" uniqueItems:"true" enum:"customer,subscription,template,mass,sms,task" doc:"those that may be used; the cheapest that is open to a member is"`
	Control     *int64           `json:"control,omitempty" minimum:"0" maximum:"20" doc:"percent who are left without it, to compare with"`
	OutcomeDays *int64           `json:"outcome_days,omitempty" minimum:"1" maximum:"90"`
}

func (e Edit) edit() (campaign.Edit, error) {
	out := campaign.Edit{Name: e.Name, SegmentID: e.SegmentID, Channels: e.Channels, Control: e.Control, OutcomeDays: e.OutcomeDays}
	if e.Filter != nil {
		f, err := segment.Kept(string(*e.Filter))
		if err != nil {
			return out, err
		}
		out.Filter = &f
	}
	if e.Content != nil {
		out.Content = e.Content.content()
	}
	return out, nil
}

type createInput struct {
	Body struct {
		Edit

		StoreID string `json:"store_id,omitempty" maxLength:"36" doc:"a manager's own by itself; none: the whole account"`
	}
}

func (r *Room) create(ctx context.Context, actor access.Actor, in *createInput) (Campaign, error) {
	edit, err := in.Body.edit()
	if err != nil {
		return Campaign{}, err
	}
	edit.StoreID = in.Body.StoreID
	row, err := r.campaigns.Create(ctx, actor, edit)
	if err != nil {
		return Campaign{}, err
	}
	return view(row)
}

type updateInput struct {
	ID   string `path:"id"`
	Body struct {
		Edit

		Version int64 `json:"version,omitempty" doc:"the one that was read: what was changed since is a conflict"`
	}
}

func (r *Room) update(ctx context.Context, actor access.Actor, in *updateInput) (Campaign, error) {
	edit, err := in.Body.edit()
	if err != nil {
		return Campaign{}, err
	}
	edit.Version = in.Body.Version
	row, err := r.campaigns.Change(ctx, actor, in.ID, edit)
	if err != nil {
		return Campaign{}, err
	}
	return view(row)
}

type listInput struct {
	rest.Paging

	State string `query:"state" enum:"draft,approved,scheduled,running,paused,done,cancelled"`
}

func (r *Room) list(ctx context.Context, actor access.Actor, in *listInput) (rest.List[Campaign], error) {
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return rest.List[Campaign]{}, fault.Input("cursor", "unknown")
	}
	rows, next, err := r.campaigns.List(ctx, actor, in.State, in.Cursor, in.Limit)
	if err != nil {
		return rest.List[Campaign]{}, err
	}
	items := make([]Campaign, len(rows))
	for i, row := range rows {
		if items[i], err = view(row); err != nil {
			return rest.List[Campaign]{}, err
		}
	}
	return rest.List[Campaign]{Items: items, Next: rest.Null(next)}, nil
}

type idInput struct {
	ID string `path:"id"`
}

func (r *Room) get(ctx context.Context, actor access.Actor, in *idInput) (CountedCampaign, error) {
	row, err := r.campaigns.Get(ctx, actor, in.ID)
	if err != nil {
		return CountedCampaign{}, err
	}
	counts, err := r.campaigns.Counts(ctx, actor, in.ID)
	if err != nil {
		return CountedCampaign{}, err
	}
	c, err := view(row)
	return CountedCampaign{c, viewCounts(counts)}, err
}

func (r *Room) forecast(ctx context.Context, actor access.Actor, in *idInput) (Forecast, error) {
	f, err := r.campaigns.Forecast(ctx, actor, in.ID)
	if err != nil {
		return Forecast{}, err
	}
	out := Forecast{Audience: f.Audience, Looked: f.Looked, Counts: viewCounts(f.Counts), Samples: make([]SampleLetter, len(f.Samples))}
	out.Mass, out.SMS = viewRations(f.Mass), viewTexts(f.SMS)
	for i, s := range f.Samples {
		out.Samples[i] = SampleLetter{s.MemberID, s.Name, s.Channel, s.Reason, s.Text}
	}
	return out, nil
}

type approveInput struct {
	ID   string `path:"id"`
	Body struct {
		Version int64 `json:"version" doc:"the one that was read"`
	}
}

func (r *Room) approve(ctx context.Context, actor access.Actor, in *approveInput) (Campaign, error) {
	row, err := r.campaigns.Approve(ctx, actor, in.ID, in.Body.Version)
	if err != nil {
		return Campaign{}, err
	}
	return view(row)
}

type scheduleInput struct {
	ID   string `path:"id"`
	Body struct {
		StartAt *time.Time `json:"start_at,omitempty" doc:"none: now"`
	}
}

func (r *Room) schedule(ctx context.Context, actor access.Actor, in *scheduleInput) (Campaign, error) {
	at := int64(0)
	if in.Body.StartAt != nil {
		at = in.Body.StartAt.UnixMilli()
	}
	row, err := r.campaigns.Schedule(ctx, actor, in.ID, at)
	if err != nil {
		return Campaign{}, err
	}
	return view(row)
}

type recipientsInput struct {
	rest.Paging

	ID    string `path:"id"`
	State string `query:"state" enum:"waiting,queued,accepted,delivered,refused,unknown,skipped,vetoed,control,task,cancelled"`
}

func (r *Room) recipients(ctx context.Context, actor access.Actor, in *recipientsInput) (rest.List[Recipient], error) {
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return rest.List[Recipient]{}, fault.Input("cursor", "unknown")
	}
	rows, next, err := r.campaigns.Recipients(ctx, actor, in.ID, in.State, in.Cursor, in.Limit)
	return rest.Page(rows, next, viewRecipient), err
}

func (r *Room) massJobs(ctx context.Context, actor access.Actor, in *idInput) (rest.List[MassJob], error) {
	rows, err := r.campaigns.MassJobs(ctx, actor, in.ID)
	return rest.Page(rows, "", viewJob), err
}

func (r *Room) outcome(ctx context.Context, actor access.Actor, in *idInput) (Effect, error) {
	o, err := r.campaigns.Outcome(ctx, actor, in.ID)
	return viewEffect(o), err
}

type testInput struct {
	ID   string `path:"id"`
	Body struct {
		MemberID string `json:"member_id,omitempty" maxLength:"36" doc:"as whom it reads; none: the first of its members"`
	}
}

func (r *Room) test(ctx context.Context, actor access.Actor, in *testInput) (SampleLetter, error) {
	s, err := r.campaigns.Test(ctx, actor, in.ID, model.ASCIIKey(in.Body.MemberID, 36))
	return SampleLetter{s.MemberID, s.Name, s.Channel, s.Reason, s.Text}, err
}

type vetoInput struct {
	ID   string `path:"id"`
	Body struct {
		MemberID string `json:"member_id" maxLength:"36"`
	}
}

func (r *Room) veto(ctx context.Context, actor access.Actor, in *vetoInput) (rest.None, error) {
	return rest.None{}, r.campaigns.Veto(ctx, actor, in.ID, model.ASCIIKey(in.Body.MemberID, 36))
}

type templatesInput struct {
	Channel string `query:"channel" enum:"template,subscription" required:"true"`
}

func (r *Room) templates(ctx context.Context, actor access.Actor, in *templatesInput) (rest.List[MessageTemplate], error) {
	rows, err := r.campaigns.Templates(ctx, actor, in.Channel)
	return rest.Page(rows, "", viewTemplate), err
}

// SendRules are the account's rules for campaigns.
type SendRules struct {
	QuietFrom int64 `json:"quiet_from" minimum:"0" maximum:"1439" doc:"minute of the store's day from which nothing leaves"`
	QuietTo   int64 `json:"quiet_to" minimum:"0" maximum:"1439" doc:"until; the same: no quiet hours"`
	Cap       int64 `json:"cap" minimum:"0" maximum:"100" doc:"campaigns a member gets at most …; 0: no limit"`
	CapDays   int64 `json:"cap_days" minimum:"0" maximum:"365" doc:"… in so many days"`
}

func viewSettings(s model.CampaignSettings) SendRules {
	return SendRules{s.QuietFrom, s.QuietTo, s.Cap, s.CapDays}
}

func (r *Room) settings(ctx context.Context, actor access.Actor, _ *struct{}) (SendRules, error) {
	s, err := r.campaigns.Settings(ctx, actor)
	return viewSettings(s), err
}

type settingsInput struct{ Body SendRules }

func (r *Room) setSettings(ctx context.Context, actor access.Actor, in *settingsInput) (SendRules, error) {
	b := in.Body
	s, err := r.campaigns.SetSettings(ctx, actor, model.CampaignSettings{QuietFrom: b.QuietFrom, QuietTo: b.QuietTo, Cap: b.Cap, CapDays: b.CapDays})
	return viewSettings(s), err
}
