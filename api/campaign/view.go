package campaign

import (
	"encoding/json"
	"fmt"
	"strings"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/campaign"
	"liuke/wechat"
)

// Wording is what a campaign says. Its texts may have the fields {member}, {clerk}, {store}, {points},
// {child} and {optout}: the address of the page on which he switches off what he gets.
type Wording struct {
	Purpose      string            `json:"purpose" enum:"offer,notice" doc:"an offer needs the member's consent and goes by no service template"`
	Text         string            `json:"text,omitempty" maxLength:"2048" doc:"of a customer message; at most 2,048 bytes with the fields filled in"`
	Variants     map[string]string `json:"variants,omitempty" doc:"text by kind of member (member, prospect), in place of text"`
	Template     *TemplateWording  `json:"template,omitempty"`
	Subscription *TemplateWording  `json:"subscription,omitempty" doc:"of a subscription notice; its url is opened by a tap"`
	Task         string            `json:"task,omitempty" maxLength:"500" doc:"what the clerk says who calls"`

	SMS *TextWording `json:"sms,omitempty" doc:"of a text message"`

	Mass         string            `json:"mass,omitempty" maxLength:"2048" doc:"of a mass message: the same for all, so it has no fields; at most 2,048 bytes"`
	MassVariants map[string]string `json:"mass_variants,omitempty" doc:"text by kind of member (member, prospect), in place of mass"`
}

// TemplateWording is a service template, or one of subscription notices, and what stands in its fields.
type TemplateWording struct {
	ID     string            `json:"id" minLength:"1" maxLength:"64"`
	URL    string            `json:"url,omitempty" maxLength:"512"`
	Fields map[string]string `json:"fields"`
}

// TextWording is a template of text messages, as the provider approved it, and what stands in its blanks {1}, {2} ….
type TextWording struct {
	ID     string   `json:"id" minLength:"1" maxLength:"20"`
	Text   string   `json:"text" minLength:"1" maxLength:"500" doc:"the template word for word, with its blanks; an offer has 拒收请回复R in it"`
	Params []string `json:"params" maxItems:"10" nullable:"false" doc:"texts with fields, one for each blank; no link"`
}

func (c Wording) content() *model.CampaignContent {
	out := &model.CampaignContent{Purpose: c.Purpose, Text: c.Text, Variants: c.Variants, Task: c.Task, Mass: c.Mass, MassVariants: c.MassVariants}
	out.Template, out.Subscription = c.Template.template(), c.Subscription.template()
	if c.SMS != nil {
		out.SMS = &model.CampaignSMS{ID: c.SMS.ID, Text: c.SMS.Text, Params: c.SMS.Params}
	}
	return out
}

// template is the wording as it is kept; nil for none.
func (t *TemplateWording) template() *model.CampaignTemplate {
	if t == nil {
		return nil
	}
	return &model.CampaignTemplate{ID: t.ID, URL: t.URL, Fields: t.Fields}
}

// Campaign is one campaign.
type Campaign struct {
	ID          string          `json:"id"`
	StoreID     *string         `json:"store_id" doc:"null: the whole account"`
	Name        string          `json:"name"`
	State       string          `json:"state" enum:"draft,approved,scheduled,running,paused,done,cancelled"`
	Reason      *string         `json:"reason" doc:"why it is paused"`
	Phase       *string         `json:"phase" enum:"choosing,sending,clearing" doc:"while it runs; clearing: it is cancelled, and its recipients are still being crossed out"`
	SegmentID   *string         `json:"segment_id"`
	Filter      json.RawMessage `json:"filter"`
	Content     Wording         `json:"content"`
	Channels    []string        `json:"channels" nullable:"false"`
	Control     int64           `json:"control"`
	OutcomeDays int64           `json:"outcome_days"`
	Audience    int64           `json:"audience" doc:"chosen so far"`
	Version     int64           `json:"version"`
	CreatedBy   string          `json:"created_by"`
	CreatedAt   rest.Time       `json:"created_at"`
	ApprovedBy  *string         `json:"approved_by"`
	ApprovedAt  rest.TimeOrNull `json:"approved_at"`
	StartAt     rest.TimeOrNull `json:"start_at"`
	StartedAt   rest.TimeOrNull `json:"started_at"`
	FinishedAt  rest.TimeOrNull `json:"finished_at"`
}

func view(c model.Campaign) (Campaign, error) {
	out := Campaign{
		ID: c.ID, StoreID: rest.Null(c.StoreID), Name: c.Name, State: c.State, Reason: rest.Null(c.Reason), Phase: rest.Null(c.Phase),
		SegmentID: rest.Null(c.SegmentID), Filter: json.RawMessage(c.Filter), Channels: strings.Split(c.Channels, ","), Control: c.Control,
		OutcomeDays: c.OutcomeDays, Audience: c.Audience, Version: c.Version, CreatedBy: c.CreatedBy, CreatedAt: rest.Time(c.CreatedAt),
		ApprovedBy: rest.Null(c.ApprovedBy), ApprovedAt: rest.TimeOrNull(c.ApprovedAt), StartAt: rest.TimeOrNull(c.StartAt),
		StartedAt: rest.TimeOrNull(c.StartedAt), FinishedAt: rest.TimeOrNull(c.FinishedAt),
	}
	if err := json.Unmarshal([]byte(c.Content), &out.Content); err != nil {
		return out, fmt.Errorf("read the content of a campaign: %w", err)
	}
	if out.Content.SMS != nil && out.Content.SMS.Params == nil {
		out.Content.SMS.Params = []string{}
	}
	return out, nil
}

// RecipientCount is how many recipients are in one state, by channel and reason.
type RecipientCount struct {
	State   string  `json:"state" enum:"waiting,queued,accepted,delivered,refused,unknown,skipped,vetoed,control,task,cancelled"`
	Channel *string `json:"channel" enum:"customer,subscription,template,mass,sms,task"`
	Reason  *string `json:"reason" doc:"why that channel, or why nothing"`
	Count   int64   `json:"count"`
}

func viewCounts(rows []campaign.Count) []RecipientCount {
	out := make([]RecipientCount, len(rows))
	for i, c := range rows {
		out[i] = RecipientCount{c.State, rest.Null(c.Channel), rest.Null(c.Reason), c.N}
	}
	return out
}

// CountedCampaign is a campaign with its counts.
type CountedCampaign struct {
	Campaign

	Counts []RecipientCount `json:"counts" nullable:"false"`
}

// SampleLetter is what one member would get.
type SampleLetter struct {
	MemberID string `json:"member_id"`
	Name     string `json:"name"`
	Channel  string `json:"channel"`
	Reason   string `json:"reason"`
	Text     string `json:"text"`
}

// Forecast is what a campaign would do now.
type Forecast struct {
	Audience int64            `json:"audience"`
	Looked   int64            `json:"looked" doc:"how many the counts are of: of a large audience the first 20,000"`
	Counts   []RecipientCount `json:"counts" nullable:"false"`
	Samples  []SampleLetter   `json:"samples" nullable:"false"`

	Mass rest.OrNull[MassRations] `json:"mass" doc:"null: it sends no mass messages"`
	SMS  rest.OrNull[Texts]       `json:"sms" doc:"null: it sends no text messages"`
}

// Texts is how many text messages a campaign would send to those who were looked at, and what that costs.
type Texts struct {
	Provider string `json:"provider" enum:"off,recording,tencent"`
	Messages int64  `json:"messages"`
	Parts    int64  `json:"parts" doc:"as they are billed: a long one counts as several"`
	Cost     int64  `json:"cost" doc:"fen"`
}

func viewTexts(f *campaign.SMSForecast) (o rest.OrNull[Texts]) {
	if f != nil {
		o.Value = &Texts{f.Settings.Provider, f.Messages, f.Parts, f.Cost}
	}
	return o
}

// MassRations is what is left of WeChat's rations of mass messages.
type MassRations struct {
	CallsToday   int64   `json:"calls_today" doc:"mass jobs that the account gave WeChat this Beijing day, repeats included"`
	CallsMost    int64   `json:"calls_most" doc:"how many it may give in a day; what is more waits until the next"`
	ClosedReason *string `json:"closed_reason" doc:"why it gives none today: no_mass_quota, daily_quota, rate_limited"`
	Followers    []int64 `json:"followers" nullable:"false" minItems:"5" maxItems:"5" doc:"how many followers of those looked at may get 0, 1, 2, 3 and 4 more this Beijing month"`
}

func viewRations(f *campaign.MassForecast) (o rest.OrNull[MassRations]) {
	if f != nil {
		o.Value = &MassRations{f.Calls, model.MassPerDay, rest.Null(f.Closed), f.Left[:]}
	}
	return o
}

// MassJob is one content for 2 to 10,000 followers.
type MassJob struct {
	ID         string                  `json:"id"`
	Text       string                  `json:"text"`
	State      string                  `json:"state" enum:"collecting,ready,sending,sent,done,failed,unknown,dropped" doc:"sent: WeChat has it and has not told how it ended"`
	Reason     *string                 `json:"reason"`
	Members    int64                   `json:"members" doc:"how many are in it"`
	Counts     rest.OrNull[MassCounts] `json:"counts" doc:"null: WeChat has told none"`
	CreatedAt  rest.Time               `json:"created_at"`
	DueAt      rest.TimeOrNull         `json:"due_at" doc:"when it goes on, while it has not ended"`
	SentAt     rest.TimeOrNull         `json:"sent_at" doc:"when WeChat took it"`
	FinishedAt rest.TimeOrNull         `json:"finished_at"`
}

// MassCounts are WeChat's own. They name nobody.
type MassCounts struct {
	Total    int64 `json:"total"`
	Filtered int64 `json:"filtered" doc:"left out by WeChat: refuse messages, or had their four of the month"`
	Sent     int64 `json:"sent"`
	Failed   int64 `json:"failed"`
}

func viewJob(j model.MassJob) MassJob {
	out := MassJob{
		ID: j.ID, Text: j.Text, State: j.State, Reason: rest.Null(j.Reason), Members: j.Members, CreatedAt: rest.Time(j.CreatedAt),
		SentAt: rest.TimeOrNull(j.SentAt), FinishedAt: rest.TimeOrNull(j.FinishedAt),
	}
	if j.FinishedAt == 0 {
		out.DueAt = rest.TimeOrNull(j.DueAt)
	}
	if j.Counted {
		out.Counts.Value = &MassCounts{j.Total, j.Filtered, j.Sent, j.Failed}
	}
	return out
}

// Recipient is one recipient.
type Recipient struct {
	MemberID  string          `json:"member_id"`
	Name      string          `json:"name"`
	State     string          `json:"state" enum:"waiting,queued,accepted,delivered,refused,unknown,skipped,vetoed,control,task,cancelled"`
	Channel   *string         `json:"channel" enum:"customer,subscription,template,mass,sms,task"`
	Reason    *string         `json:"reason"`
	StoreID   *string         `json:"store_id"`
	ClerkID   *string         `json:"clerk_id" doc:"in whose name it went, or who kept it back"`
	SentAt    rest.TimeOrNull `json:"sent_at"`
	RepliedAt rest.TimeOrNull `json:"replied_at" doc:"his first message within 48 hours"`
	Cost      int64           `json:"cost" doc:"fen; of an unknown one, what it may have cost"`
}

func viewRecipient(r campaign.Reached) Recipient {
	return Recipient{
		r.MemberID, r.Name, r.State, rest.Null(r.Channel), rest.Null(r.Reason), rest.Null(r.StoreID), rest.Null(r.ClerkID),
		rest.TimeOrNull(r.SentAt), rest.TimeOrNull(r.RepliedAt), r.Cost,
	}
}

// OutcomeGroup is what came of some members.
type OutcomeGroup struct {
	Members int64 `json:"members"`
	Replied int64 `json:"replied" doc:"wrote within 48 hours"`
	Visited int64 `json:"visited" doc:"bought or scanned within the campaign's days"`
	Bought  int64 `json:"bought"`
	Left    int64 `json:"left" doc:"unfollowed within 48 hours"`
	Amount  int64 `json:"amount" doc:"fen, refunds taken off"`
}

// OutcomeDifference is one of two shares, with the interval that holds the truth in 95 of 100 cases.
type OutcomeDifference struct {
	By   float64 `json:"by"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

func viewDifference(d *campaign.Difference) (o rest.OrNull[OutcomeDifference]) {
	if d != nil {
		o.Value = &OutcomeDifference{d.By, d.Low, d.High}
	}
	return o
}

// Effect compares those who got a campaign with those who were left without it.
type Effect struct {
	Sent      OutcomeGroup                   `json:"sent"`
	Control   OutcomeGroup                   `json:"control"`
	Visits    rest.OrNull[OutcomeDifference] `json:"visits" doc:"how much more often they came; null without a control group"`
	Purchases rest.OrNull[OutcomeDifference] `json:"purchases"`
	Cost      int64                          `json:"cost" doc:"fen in all; where an answer was lost, what it may have cost"`
	Spent     []ChannelCost                  `json:"spent" nullable:"false"`
}

// ChannelCost is how many got a campaign by one channel, and what that cost.
type ChannelCost struct {
	Channel string `json:"channel" enum:"customer,subscription,template,mass,sms,task"`
	Members int64  `json:"members"`
	Cost    int64  `json:"cost" doc:"fen"`
}

func viewEffect(o campaign.Outcome) Effect {
	out := Effect{
		Sent: OutcomeGroup(o.Sent), Control: OutcomeGroup(o.Control), Visits: viewDifference(o.Visits), Purchases: viewDifference(o.Purchases),
		Spent: make([]ChannelCost, len(o.Spent)),
	}
	for i, s := range o.Spent {
		out.Spent[i] = ChannelCost(s)
		out.Cost += s.Cost
	}
	return out
}

// MessageTemplate is one of the account's templates at WeChat.
type MessageTemplate struct {
	ID      string          `json:"id"`
	Title   string          `json:"title"`
	Content string          `json:"content" doc:"with {{thing1.DATA}} where a field goes"`
	Example string          `json:"example"`
	Fields  []TemplateField `json:"fields" nullable:"false"`
}

// TemplateField is one field of a template.
type TemplateField struct {
	Name  string `json:"name"`
	Label string `json:"label" doc:"what the phone shows before it; may be empty"`
}

func viewTemplate(t wechat.Template) MessageTemplate {
	out := MessageTemplate{ID: t.ID, Title: t.Title, Content: t.Content, Example: t.Example, Fields: []TemplateField{}}
	for _, f := range t.Fields() {
		out.Fields = append(out.Fields, TemplateField(f))
	}
	return out
}
