package campaign

import (
	"time"

	"liuke/model"
	"liuke/service/consent"
)

// decision is how a recipient is reached, or why he is not.
type decision struct {
	channel string // empty: not now, or not at all
	reason  string // of the channel, or of a skip
	skip    bool
	until   int64 // later: when to look again
}

// decide says how a member is reached (H15). spare is how many customer messages he can be sent now; tried are the
// channels that failed for him.
func decide(c model.Campaign, content model.CampaignContent, settings model.CampaignSettings, p *person, spare int64, tried string, now time.Time) decision {
	if reason := leaveOut(content, settings, p, now); reason != "" {
		return decision{skip: true, reason: reason}
	}
	if until := quietUntil(settings, p, now); until > 0 {
		return decision{until: until}
	}
	return reach(c, p, spare, tried)
}

// quietUntil is when the quiet hours of a member's store end, or 0 when it has none now (H7).
func quietUntil(settings model.CampaignSettings, p *person, now time.Time) int64 {
	local := now.In(p.zone)
	quiet, minutes := settings.Quiet(int64(local.Hour()*60 + local.Minute()))
	if !quiet {
		return 0
	}
	return now.Truncate(time.Minute).Add(time.Duration(minutes) * time.Minute).UnixMilli()
}

// leaveOut tells why a member gets nothing of a campaign at all, or nothing.
func leaveOut(content model.CampaignContent, settings model.CampaignSettings, p *person, now time.Time) string {
	switch {
	case p != nil && p.member.MergedInto == model.Erased:
		return "erased"
	case p == nil || p.member.MergedInto != "":
		return "merged"
	case p.complains:
		return "open_complaint"
	case unwanted(content, p.says) != "":
		return unwanted(content, p.says)
	case settings.Cap > 0 && settings.CapDays > 0 && p.recent >= settings.Cap:
		return "contact_cap"
	case p.talk.WaitingSince > 0:
		return "waits_for_answer"
	case p.talk.LastKind != model.KindEvent && p.talk.LastAt > now.UnixMilli()-model.TalkMillis:
		return "in_conversation"
	}
	return ""
}

// unwanted tells why a member's own word keeps a campaign from him, or nothing (H11).
func unwanted(content model.CampaignContent, says consent.Says) string {
	switch {
	case content.Purpose == model.CampaignOffer && !says.Offers:
		return "no_consent"
	case says.NoNotices:
		return "consent_withdrawn"
	}
	return ""
}

// reach takes the first channel that is open to a member.
func reach(c model.Campaign, p *person, spare int64, tried string) decision {
	follows := p.follower.ID != "" && p.follower.Subscribed
	last := "no_channel"
	if !follows {
		last = "not_following"
	}
	for _, ch := range channelsOf(c) {
		if contains(tried, ch) {
			continue
		}
		switch ch {
		case model.ChannelCustomer:
			if follows && p.talk.ID != "" && spare > 1 { // the last one is the clerk's
				return decision{channel: ch, reason: "window_open"}
			}
			if follows && spare == 1 {
				last = "last_one_is_the_clerks"
			}
		case model.ChannelSubscription:
			if follows && p.talk.ID != "" && p.grants > 0 {
				return decision{channel: ch, reason: "granted"}
			}
		case model.ChannelTemplate:
			if follows && p.talk.ID != "" {
				return decision{channel: ch, reason: "service_notice"}
			}
		case model.ChannelMass:
			switch {
			case !follows || p.talk.ID == "":
			case p.mass.closed != "":
				last = p.mass.closed
			case p.mass.left() == 0:
				last = "ration_used_up"
			default:
				return decision{channel: ch, reason: "ration_left"}
			}
		case model.ChannelSMS:
			if p.sms.closed == "" {
				return decision{channel: ch, reason: last}
			}
			last = p.sms.closed
		case model.ChannelTask:
			if p.member.ClerkID != "" {
				return decision{channel: ch, reason: last}
			}
			last = "no_clerk"
		}
	}
	return decision{skip: true, reason: last}
}
