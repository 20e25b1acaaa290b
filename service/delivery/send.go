package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"liuke/model"
	"liuke/service/rate"
	"liuke/wechat"
)

// sendAnswers looks for what is due and not of campaigns, and begins a call for each that has a place. It has a loop of its
// own: nothing of a campaign stands in its way.
func (s *Service) sendAnswers(ctx context.Context) error {
	for {
		due, err := s.due(ctx, false, nil)
		if err != nil {
			return err
		}
		begun := len(due) - len(s.startAll(ctx, due))
		if begun == 0 {
			return nil
		}
		if len(due) < claimAtOnce {
			rest(ctx)
			return nil
		}
	}
}

// sendCampaigns does the same for campaigns: first for what was read before and had no place then. Other accounts are looked
// for all the same, every othersEvery at the latest.
func (s *Service) sendCampaigns(ctx context.Context) error {
	for {
		now := s.db.Now()
		known := s.ahead.take(now)
		left := s.startAll(ctx, known)
		begun := len(known) - len(left)
		if len(left) > 0 && !s.ahead.others(now) {
			s.ahead.keep(left)
			rest(ctx)
			return nil
		}
		due, err := s.due(ctx, true, accountsOf(left))
		if err != nil {
			return err
		}
		s.ahead.asked = now
		if len(left) == 0 {
			s.ahead.read = now
		}
		more := s.startAll(ctx, due)
		s.ahead.keep(append(left, more...))
		begun += len(due) - len(more)
		if begun == 0 {
			return nil
		}
		if len(due) < claimAtOnce || len(more) > 0 {
			rest(ctx)
			return nil
		}
	}
}

// rest waits a moment: what ends meanwhile makes room for several at once, which are looked up and claimed together.
func rest(ctx context.Context) {
	timer := time.NewTimer(restFor)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// due lists deliveries that may leave now, of campaigns or all others: the first of each follower's line, of accounts and
// channels that take calls. A line is of one channel, so that one that is stopped holds up no other; and what of a campaign
// waits does not stand in a clerk's way. A text message has no follower and stands in no line. without names accounts that
// are left out.
func (s *Service) due(ctx context.Context, campaign bool, without []string) ([]model.Delivery, error) {
	now := s.db.Now()
	q := s.db.Read(ctx).Table("deliveries AS d").
		Where("d.state = ? AND (d.due_at <= ? OR d.updated_at > ?)", model.StateQueued, now.UnixMilli(), now.Add(clocksAgree).UnixMilli()).
		Where("d.account_id NOT IN (SELECT accounts.id FROM accounts WHERE accounts.state = ?)", model.AccountStopped)
	q = q.Where("NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.follower_id = d.follower_id AND d.follower_id <> '' AND e.id < d.id AND "+
		"(e.state = ? OR e.state = ? AND e.channel = d.channel AND (e.purpose <> ? OR d.purpose = ?)))",
		model.StateSending, model.StateQueued, model.PurposeCampaign, model.PurposeCampaign)
	if campaign {
		q = q.Where("d.purpose = ?", model.PurposeCampaign)
	} else {
		q = q.Where("(d.purpose < ? OR d.purpose > ?)", model.PurposeCampaign, model.PurposeCampaign) // two ranges of the index
	}
	if without = append(without, s.lanes.full(campaign)...); len(without) > 0 {
		q = q.Where("d.account_id NOT IN ?", without)
	}
	for _, r := range s.lanes.waiting(campaign, now) {
		q = q.Where("NOT (d.account_id = ? AND d.channel = ?)", r.accountID, r.channel)
	}
	stops, err := s.rates.Stopped(ctx)
	if err != nil {
		return nil, err
	}
	for _, stop := range stops {
		if channel := channelOf(stop.API); channel != "" {
			q = q.Where("NOT (d.account_id = ? AND d.channel = ?)", stop.AccountID, channel)
		}
	}
	var due []model.Delivery
	if err := q.Order("d.due_at, d.id").Limit(claimAtOnce).Find(&due).Error; err != nil {
		return nil, fmt.Errorf("look for due deliveries: %w", err)
	}
	return s.hands.without(due), nil
}

// roads are the channels, with the API that each calls.
func roads() map[string]string {
	return map[string]string{
		model.ChannelCustomer: rate.APICustomer, model.ChannelTemplate: rate.APITemplate, model.ChannelSubscription: rate.APISubscription,
		model.ChannelSMS: rate.APISMS,
	}
}

// channelOf is the channel that an API serves, or nothing.
func channelOf(api string) string {
	for channel, serves := range roads() {
		if serves == api {
			return channel
		}
	}
	return ""
}

// startAll begins as many of some deliveries as their accounts may have under way and their budgets allow, road by road, and
// gives those that had no place.
func (s *Service) startAll(ctx context.Context, due []model.Delivery) (left []model.Delivery) {
	groups := map[road][]model.Delivery{}
	var order []road
	for _, d := range due {
		r := road{laneOf(d), d.Channel}
		if groups[r] == nil {
			order = append(order, r)
		}
		groups[r] = append(groups[r], d)
	}
	for _, r := range order {
		left = append(left, groups[r][s.startSome(ctx, r, groups[r]):]...)
	}
	return left
}

// startSome begins the first of some deliveries of a road, and tells how many.
func (s *Service) startSome(ctx context.Context, r road, due []model.Delivery) int {
	places := s.lanes.enter(r.lane, len(due))
	if places == 0 {
		return 0
	}
	granted, api := places, roads()[r.channel]
	if api != "" {
		var wait time.Duration
		if granted, wait = s.rates.Take(ctx, r.accountID, api, places, !r.campaign); granted < places {
			s.letWait(r, wait)
			s.ahead.forget.Store(true)
		}
	}
	s.lanes.leave(r.lane, places-granted)
	if granted == 0 {
		return 0
	}
	s.hands.take(due[:granted])
	s.calls.Add(1)
	go s.begin(context.WithoutCancel(ctx), r, due[:granted])
	return granted
}

// begin claims deliveries that have places, looks at their receivers meanwhile, and makes the calls.
func (s *Service) begin(ctx context.Context, r road, due []model.Delivery) {
	defer s.calls.Done()
	seen := make(chan map[string]look, 1)
	go func() { seen <- s.look(ctx, due) }()
	ours, err := s.claim(ctx, due)
	if err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "deliveries not claimed", slog.Any("error", err))
	}
	looks := <-seen
	lost := slices.DeleteFunc(slices.Clone(due), func(d model.Delivery) bool {
		return slices.ContainsFunc(ours, func(o model.Delivery) bool { return o.ID == d.ID })
	})
	if len(lost) > 0 {
		s.hands.leave(lost...)
		s.lanes.leave(r.lane, len(lost))
		if api := roads()[r.channel]; api != "" {
			s.rates.GiveBack(ctx, r.accountID, api, len(lost))
		}
		s.ahead.forget.Store(true) // others take them too
		if err == nil {            // else the next look is in lookEvery: a database that takes nothing is not asked all the time
			s.wakeLoop(r.campaign)
		}
	}
	for _, d := range ours {
		s.calls.Add(1)
		go s.carry(ctx, d, looks[d.ID])
	}
}

// letWait lets a road wait until its budget has calls again, and looks then.
func (s *Service) letWait(r road, wait time.Duration) {
	if wait == 0 {
		return // some were granted: the next look asks again
	}
	s.lanes.pause(r, s.db.Now().Add(wait))
	if wait < lookEvery {
		time.AfterFunc(wait, func() { s.wakeLoop(r.campaign) })
	}
}

// claim takes deliveries into our hands and gives those that nobody else took first.
func (s *Service) claim(ctx context.Context, due []model.Delivery) ([]model.Delivery, error) {
	if len(due) == 0 {
		return nil, nil
	}
	ids := make([]string, len(due))
	for i, d := range due {
		ids[i] = d.ID
	}
	now := s.db.Now()
	n, err := s.db.Exec(ctx,
		"UPDATE deliveries SET state = ?, owner = ?, lease_until = ?, tries = tries + 1, updated_at = ? WHERE id IN ? AND state = ?",
		model.StateSending, s.owner, now.Add(lease).UnixMilli(), now.UnixMilli(), ids, model.StateQueued)
	if err != nil {
		return nil, fmt.Errorf("claim deliveries: %w", err)
	}
	var got []string
	if n == int64(len(ids)) {
		got = ids
	} else if n > 0 {
		// None of these was in this process's hands before.
		err := s.db.Read(ctx).Model(&model.Delivery{}).Where("id IN ? AND state = ? AND owner = ?", ids, model.StateSending, s.owner).Pluck("id", &got).Error
		if err != nil {
			return nil, fmt.Errorf("see what was claimed: %w", err)
		}
	}
	var ours []model.Delivery
	for _, d := range due {
		if slices.Contains(got, d.ID) {
			d.State, d.Owner, d.Tries, d.LeaseUntil = model.StateSending, s.owner, d.Tries+1, now.Add(lease).UnixMilli()
			ours = append(ours, d)
		}
	}
	return ours, nil
}

// carry makes the call and has written down what came of it. After a plain outcome the place is free as soon as WeChat has
// answered; after any other only when that is written.
func (s *Service) carry(ctx context.Context, d model.Delivery, seen look) {
	began := s.db.Now()
	r := result{d, s.attempt(ctx, d, seen)}
	if s.observer != nil {
		s.observer.Delivered(d.Purpose, r.o.state, r.o.reason)
	}
	s.log.LogAttrs(ctx, slog.LevelInfo, "delivery tried", slog.String("delivery_id", d.ID), slog.String("purpose", d.Purpose),
		slog.String("state", r.o.state), slog.String("reason", r.o.reason), slog.Int64("try", d.Tries),
		slog.Duration("took", s.db.Now().Sub(began)))
	of := laneOf(d)
	if r.plain() {
		s.lanes.answer(of)
		s.wakeLoop(of.campaign)
		s.conclude(ctx, r)
		return
	}
	s.lost(ctx, r, s.settle(ctx, r))
	s.hands.leave(d)
	s.lanes.leave(of, 1)
	s.calls.Done()
	s.wakeLoop(of.campaign)
}

// attempt sends a delivery, if what was seen right before lets it leave.
func (s *Service) attempt(ctx context.Context, d model.Delivery, seen look) outcome {
	now := s.db.Now().UnixMilli()
	f := seen.follower
	switch {
	case seen.err != nil:
		return later("database", time.Second)
	case d.ExpiresAt > 0 && d.ExpiresAt <= now:
		return outcome{state: model.StateRefused, reason: "expired"}
	case d.Channel != model.ChannelSMS && !f.Subscribed:
		return outcome{state: model.StateRefused, reason: "unsubscribed"}
	case d.Channel == model.ChannelCustomer && !seen.allowance.Open(d.WindowKind, now):
		return outcome{state: model.StatePending, reason: "window_closed", unused: true}
	case seen.reason != "":
		return outcome{state: model.StateRefused, reason: seen.reason, unused: true}
	case d.Channel == model.ChannelSMS:
		return s.text(ctx, d)
	}
	credentials, err := s.accounts.Credentials(ctx, d.AccountID)
	if err != nil {
		return later("account", time.Second)
	}
	api := s.wechat.Account(credentials)
	switch d.Channel {
	case model.ChannelTemplate:
		return s.template(ctx, api, d, f.OpenID)
	case model.ChannelSubscription:
		return s.subscription(ctx, api, d, f.OpenID)
	}
	message, err := s.compose(ctx, api, d, f.OpenID)
	if err != nil {
		return s.judge(ctx, d, err, true)
	}
	if !s.renew(ctx, d) {
		return later("lease", time.Second)
	}
	call, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	if err := api.SendCustomer(call, message); err != nil {
		return s.judge(ctx, d, err, false)
	}
	return outcome{state: model.StateAccepted, used: true}
}

// renew makes sure, right before bytes leave, that the delivery is still ours for as long as the call may take. Right
// after the claim it is: nobody takes it before the lease has run out.
func (s *Service) renew(ctx context.Context, d model.Delivery) bool {
	if s.db.Now().Add(sendTimeout+leaseMargin).UnixMilli() <= d.LeaseUntil {
		return true
	}
	n, err := s.db.Exec(ctx, "UPDATE deliveries SET lease_until = ? WHERE id = ? AND owner = ? AND state = ?",
		s.db.Now().Add(lease).UnixMilli(), d.ID, s.owner, model.StateSending)
	return err == nil && n == 1
}

// compose turns a delivery into WeChat's message; pictures, voices and videos are uploaded first.
func (s *Service) compose(ctx context.Context, api *wechat.API, d model.Delivery, openID string) (wechat.CustomerMessage, error) {
	var c Content
	if err := json.Unmarshal([]byte(d.Payload), &c); err != nil {
		return wechat.CustomerMessage{}, fmt.Errorf("decode content: %w", err)
	}
	m := wechat.CustomerMessage{
		ToUser: openID, Kind: d.Kind, Text: c.Text, Title: c.Title, Description: c.Description, URL: c.URL,
		PicURL: c.PicURL, AppID: c.AppID, PagePath: c.PagePath,
	}
	if c.MediaID == "" {
		return m, nil
	}
	call, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	id, err := s.uploads.WeChatID(call, api, c.MediaID, d.Reason == reasonReupload)
	if err != nil {
		return m, err
	}
	switch d.Kind {
	case model.KindMiniProgram:
		m.Kind, m.ThumbMediaID = wechat.KindMiniProgramPage, id
	default:
		m.MediaID = id
	}
	return m, nil
}

// asWeChat finds what WeChat said inside an error.
func asWeChat(err error) *wechat.Error {
	var e *wechat.Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}
