package campaign

import (
	"context"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/campaign"
	"liuke/service/fault"
)

// MyCampaign is a campaign that goes out in the caller's name.
type MyCampaign struct {
	ID      string          `json:"id"`
	Name    string          `json:"name"`
	State   string          `json:"state" enum:"scheduled,running,paused"`
	Purpose string          `json:"purpose" enum:"offer,notice"`
	StartAt rest.TimeOrNull `json:"start_at"`
	Members int64           `json:"members" doc:"of the caller's, whom it is still to reach"`
	Vetoed  int64           `json:"vetoed" doc:"of the caller's, whom it was kept from"`
}

func (r *Room) mine(ctx context.Context, actor access.Actor, in *rest.Paging) (rest.List[MyCampaign], error) {
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return rest.List[MyCampaign]{}, fault.Input("cursor", "unknown")
	}
	rows, next, err := r.campaigns.ListMine(ctx, actor, in.Cursor, in.Limit)
	if err != nil {
		return rest.List[MyCampaign]{}, err
	}
	items := make([]MyCampaign, len(rows))
	for i, m := range rows {
		c, err := view(m.Campaign)
		if err != nil {
			return rest.List[MyCampaign]{}, err
		}
		items[i] = MyCampaign{c.ID, c.Name, c.State, c.Content.Purpose, c.StartAt, m.Members, m.Vetoed}
	}
	return rest.List[MyCampaign]{Items: items, Next: rest.Null(next)}, nil
}

// Letter is what one member is to get.
type Letter struct {
	MemberID string  `json:"member_id"`
	Name     string  `json:"name"`
	State    string  `json:"state" enum:"waiting,queued,vetoed" doc:"queued: on its way, too late for a veto"`
	Channel  *string `json:"channel" enum:"customer,subscription,template,mass,sms,task" doc:"if it left now; null: he would be left out"`
	Reason   *string `json:"reason" doc:"why that channel, or why he would be left out"`
	Text     string  `json:"text"`
}

type lettersInput struct {
	rest.Paging

	ID string `path:"id"`
}

func (r *Room) letters(ctx context.Context, actor access.Actor, in *lettersInput) (rest.List[Letter], error) {
	if in.Cursor != "" && !model.ValidID(in.Cursor) {
		return rest.List[Letter]{}, fault.Input("cursor", "unknown")
	}
	rows, next, err := r.campaigns.Letters(ctx, actor, in.ID, in.Cursor, in.Limit)
	return rest.Page(rows, next, func(l campaign.Letter) Letter {
		return Letter{l.MemberID, l.Name, l.State, rest.Null(l.Channel), rest.Null(l.Reason), l.Text}
	}), err
}
