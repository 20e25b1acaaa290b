package campaign

import (
	"slices"

	"liuke/model"
)

// examples keeps what some members would read, a few of each channel and wording, so that a start sheet shows them all,
// however many go by the first.
type examples map[wording][]Sample

// wording is one text of a campaign: of a channel, and of a kind of member where that has its own.
type wording struct{ channel, kind string }

// eachWording is how many examples of one are kept.
const eachWording = 5

func wordingOf(content model.CampaignContent, p *person, d decision) wording {
	w := wording{channel: d.channel}
	switch d.channel {
	case model.ChannelCustomer:
		if content.Variants[p.member.Kind] != "" {
			w.kind = p.member.Kind
		}
	case model.ChannelMass:
		if content.MassVariants[p.member.Kind] != "" {
			w.kind = p.member.Kind
		}
	}
	return w
}

// add keeps one who is written to, as long as there are few of his.
func (e examples) add(content model.CampaignContent, p *person, d decision) {
	if d.skip {
		return
	}
	if w := wordingOf(content, p, d); len(e[w]) < eachWording {
		e[w] = append(e[w], sampleOf(content, p, d))
	}
}

// take gives one of each wording in turn, the cheapest channel first, until there are so many.
func (e examples) take(most int) []Sample {
	order := make([]wording, 0, len(e))
	for _, ch := range channelsInOrder() {
		for _, kind := range []string{"", model.MemberKnown, model.MemberProspect} {
			if len(e[wording{ch, kind}]) > 0 {
				order = append(order, wording{ch, kind})
			}
		}
	}
	var out []Sample
	for n := range eachWording {
		for _, w := range order {
			if n < len(e[w]) {
				out = append(out, e[w][n])
			}
		}
	}
	return slices.Clip(out[:min(len(out), most)])
}
