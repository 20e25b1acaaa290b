package campaign

import (
	"context"
	"fmt"
	"slices"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/audit"
)

// Count is how many recipients of a campaign are in one state, by channel and reason.
type Count struct {
	State, Channel, Reason string
	N                      int64
}

// leftInPeace stands for the contact cap and for an open complaint together. A complaint is the owner's alone (J1), and a
// word of its own would tell of it.
const leftInPeace = "left_in_peace"

// forOthers is a reason as everybody but the owner reads it.
func forOthers(reason string) string {
	if reason == "contact_cap" || reason == "open_complaint" {
		return leftInPeace
	}
	return reason
}

func toldTo(actor access.Actor, reason string) string {
	if actor.Is(model.RoleOwner) {
		return reason
	}
	return forOthers(reason)
}

// countsTo gives counts as somebody may read them: what has one name to him is one count.
func countsTo(actor access.Actor, counts []Count) []Count {
	var out []Count
	for _, c := range counts {
		c.Reason = toldTo(actor, c.Reason)
		at := slices.IndexFunc(out, func(o Count) bool { return o.State == c.State && o.Channel == c.Channel && o.Reason == c.Reason })
		if at < 0 {
			out = append(out, c)
			continue
		}
		out[at].N += c.N
	}
	return out
}

// Counts tells how far a campaign is.
func (s *Service) Counts(ctx context.Context, actor access.Actor, id string) ([]Count, error) {
	c, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	var rows []Count
	err = s.db.Read(ctx).Model(&model.Recipient{}).Select("state, channel, reason, COUNT(*) AS n").Where("campaign_id = ?", c.ID).
		Group("state, channel, reason").Order("state, channel, reason").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count recipients: %w", err)
	}
	return countsTo(actor, rows), nil
}

// Reached is one recipient with his name.
type Reached struct {
	model.Recipient

	Name string
}

// Recipients pages through the recipients of a campaign that the actor may see, of one state if given. It is recorded
// with its first page (L3).
func (s *Service) Recipients(ctx context.Context, actor access.Actor, id, state, after string, limit int) ([]Reached, string, error) {
	c, err := s.Get(ctx, actor, id)
	if err != nil {
		return nil, "", err
	}
	scope := actor.Members(s.db.Now().UnixMilli())
	q := s.db.Read(ctx).Table("campaign_recipients").Select("campaign_recipients.*, members.name").
		Joins("JOIN members ON members.id = campaign_recipients.member_id").
		Where("campaign_recipients.campaign_id = ?", c.ID).Where(scope.SQL, scope.Args...)
	if state != "" {
		q = q.Where("campaign_recipients.state = ?", state)
	}
	if after != "" {
		q = q.Where("campaign_recipients.member_id > ?", after)
	}
	var rows []Reached
	if err := q.Order("campaign_recipients.member_id").Limit(limit + 1).Scan(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list recipients: %w", err)
	}
	for i := range rows {
		rows[i].Reason = toldTo(actor, rows[i].Reason)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].MemberID
	}
	if after == "" {
		err = s.audit.Record(ctx, actor, entry("campaign.recipients", c))
	}
	return rows, next, err
}

// Sample is what one member would get, and how.
type Sample struct {
	MemberID, Name, Channel, Reason, Text string
}

// samples is how many members a preview writes to.
const samples = 10

// Forecast is what a campaign would do if it began now: how many go by which channel, who is left out and why, and what
// some members would read.
type Forecast struct {
	Audience int64
	Looked   int64 // of how many the counts are: all, or the first 20,000
	Counts   []Count
	Samples  []Sample
	Mass     *MassForecast // nil: it sends no mass messages
	SMS      *SMSForecast  // nil: it sends no text messages
}

// Forecast looks ahead without sending anything (H9, H15). Quiet hours are left out of account.
func (s *Service) Forecast(ctx context.Context, actor access.Actor, id string) (Forecast, error) {
	var out Forecast
	c, err := s.Get(ctx, actor, id)
	if err != nil {
		return out, err
	}
	if c.State == model.CampaignDone || c.State == model.CampaignCancelled {
		return out, wrongState(c)
	}
	if out, err = s.look(ctx, c); err != nil {
		return out, err
	}
	out.Counts = countsTo(actor, out.Counts)
	return out, s.audit.Record(ctx, actor, audit.Entry{Action: "campaign.forecast", Object: "campaign", ObjectID: c.ID})
}
