package campaign

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/service/access"
)

// Group is what came of those who got a campaign, or of those who were left without it.
type Group struct {
	Members, Replied, Visited, Bought, Left int64
	Amount                                  int64 // fen
}

// Outcome compares them (H5, I15).
type Outcome struct {
	Sent, Control Group
	// Visits and Purchases are how much more often, as a share of the members, those who got it came and bought, with the
	// interval that holds the truth in 95 of 100 cases. Nil without a control group.
	Visits, Purchases *Difference
	// Spent is what it cost by channel, as far as it is known; where an answer was lost, what it may have cost.
	Spent []Spent
}

// Spent is how many got a campaign by one channel, and what that cost.
type Spent struct {
	Channel string
	Members int64
	Cost    int64 // fen
}

// Difference is one of two shares, in the interval [Low, High].
type Difference struct{ By, Low, High float64 }

// Outcome tells what came of a campaign until now: answers within 48 hours, visits and purchases within its days,
// unfollows within 48 hours. Those without it are counted from the start.
func (s *Service) Outcome(ctx context.Context, actor access.Actor, id string) (Outcome, error) {
	var out Outcome
	c, err := s.Get(ctx, actor, id)
	if err != nil {
		return out, err
	}
	db := s.db.Read(ctx)
	reached := []string{model.RecipientAccepted, model.RecipientDelivered, model.RecipientUnknown, model.RecipientTask}
	if out.Sent, err = group(db, c, "campaign_recipients.sent_at", reached); err != nil {
		return out, err
	}
	if out.Control, err = group(db, c, strconv.FormatInt(c.StartedAt, 10), []string{model.RecipientControl}); err != nil {
		return out, err
	}
	err = db.Model(&model.Recipient{}).Select("channel, COUNT(*) AS members, SUM(cost) AS cost").
		Where("campaign_id = ? AND state IN ?", c.ID, reached).Group("channel").Order("channel").Scan(&out.Spent).Error
	if err != nil {
		return out, fmt.Errorf("add up what a campaign cost: %w", err)
	}
	if out.Control.Members > 0 && out.Sent.Members > 0 {
		out.Visits = difference(out.Sent.Visited, out.Sent.Members, out.Control.Visited, out.Control.Members)
		out.Purchases = difference(out.Sent.Bought, out.Sent.Members, out.Control.Bought, out.Control.Members)
	}
	return out, nil
}

// group counts the recipients in some states. from is from when on their acts count: a column, or a number of ours.
func group(db *gorm.DB, c model.Campaign, from string, states []string) (Group, error) {
	var g Group
	span, marks := spanOf(c), actsWithin(from)
	err := db.Model(&model.Recipient{}).
		Select("COUNT(*) AS members, COALESCE(SUM(CASE WHEN replied_at > 0 THEN 1 ELSE 0 END), 0) AS replied,"+
			" COALESCE(SUM(CASE WHEN "+marks.bought+" OR "+marks.scanned+" THEN 1 ELSE 0 END), 0) AS visited,"+
			" COALESCE(SUM(CASE WHEN "+marks.bought+" THEN 1 ELSE 0 END), 0) AS bought,"+
			" COALESCE(SUM(CASE WHEN "+marks.left+" THEN 1 ELSE 0 END), 0) AS `left`, COALESCE(SUM("+marks.amount+"), 0) AS amount",
			span, span, span, int64(model.ReplyMillis), span).
		Where("campaign_id = ? AND state IN ?", c.ID, states).Scan(&g).Error
	if err != nil {
		return g, fmt.Errorf("count what came of a campaign: %w", err)
	}
	return g, nil
}

// acts are conditions and a sum over what a recipient did.
type acts struct{ bought, scanned, left, amount string }

// actsWithin says them for the time after from, an expression of ours; each has the length of that time as its last
// argument, after those of from, which stands in it twice.
func actsWithin(from string) acts {
	within := func(column string) string { return column + " > " + from + " AND " + column + " <= " + from + " + ?" }
	const his = ".member_id = campaign_recipients.member_id AND "
	return acts{
		bought:  "EXISTS (SELECT 1 FROM purchases WHERE purchases" + his + "purchases.amount >= 0 AND " + within("purchases.paid_at") + ")",
		scanned: "EXISTS (SELECT 1 FROM scans JOIN followers ON followers.id = scans.follower_id WHERE followers" + his + within("scans.at") + ")",
		left:    "EXISTS (SELECT 1 FROM followers WHERE followers" + his + within("followers.unsubscribed_at") + ")",
		amount:  "(SELECT COALESCE(SUM(purchases.amount), 0) FROM purchases WHERE purchases" + his + within("purchases.paid_at") + ")",
	}
}

// spanOf is how long a visit or purchase counts for a campaign.
func spanOf(c model.Campaign) int64 { return c.OutcomeDays * int64(24*time.Hour/time.Millisecond) }

// difference is how much larger the share a of n is than b of m, with Newcombe's interval: it holds for small groups and
// for shares near 0 and 1, where the plain one does not.
func difference(a, n, b, m int64) *Difference {
	p, pLow, pHigh := wilson(a, n)
	q, qLow, qHigh := wilson(b, m)
	by := p - q
	return &Difference{
		By:   by,
		Low:  by - math.Sqrt(square(p-pLow)+square(qHigh-q)),
		High: by + math.Sqrt(square(pHigh-p)+square(q-qLow)),
	}
}

func square(x float64) float64 { return x * x }

// wilson is a share with its interval of 95 %.
func wilson(k, n int64) (share, low, high float64) {
	const z = 1.959964
	x, y := float64(k), float64(n)
	share = x / y
	mid := (x + z*z/2) / (y + z*z)
	half := z / (y + z*z) * math.Sqrt(x*(y-x)/y+z*z/4)
	return share, mid - half, mid + half
}
