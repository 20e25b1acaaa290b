package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/wechat"
)

// send looks for due deliveries and starts a call for each, until nothing more is due.
func (s *Service) send(ctx context.Context) error {
	for {
		due, err := s.due(ctx)
		if err != nil {
			return err
		}
		started := 0
		for _, d := range due {
			ok, err := s.start(ctx, d)
			if err != nil {
				return err
			}
			if ok {
				started++
			}
		}
		if started == 0 || len(due) < claimAtOnce {
			return nil
		}
	}
}

// due lists deliveries that may leave now: the first of each follower's line, of accounts that take calls.
func (s *Service) due(ctx context.Context) ([]model.Delivery, error) {
	now := s.db.Now()
	q := s.db.Read(ctx).Table("deliveries AS d").
		Where("d.state = ? AND d.due_at <= ?", model.StateQueued, now.UnixMilli()).
		Where("NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.follower_id = d.follower_id AND e.state IN (?, ?) AND e.id < d.id)",
			model.StateQueued, model.StateSending).
		Where("d.account_id NOT IN (SELECT accounts.id FROM accounts WHERE accounts.state = ?)", model.AccountStopped)
	if closed := s.lanes.closed(now); len(closed) > 0 {
		q = q.Where("d.account_id NOT IN ?", closed)
	}
	var due []model.Delivery
	if err := q.Order("d.due_at, d.id").Limit(claimAtOnce).Find(&due).Error; err != nil {
		return nil, fmt.Errorf("look for due deliveries: %w", err)
	}
	return due, nil
}

// start claims one delivery and sends it beside the others. It reports whether it was ours to send.
func (s *Service) start(ctx context.Context, d model.Delivery) (bool, error) {
	if !s.lanes.enter(d.AccountID) {
		return false, nil
	}
	n, err := s.db.Exec(ctx,
		"UPDATE deliveries SET state = ?, owner = ?, lease_until = ?, tries = tries + 1, updated_at = ? WHERE id = ? AND state = ?",
		model.StateSending, s.owner, s.db.Now().Add(lease).UnixMilli(), s.db.Now().UnixMilli(), d.ID, model.StateQueued)
	if err != nil || n != 1 {
		s.lanes.leave(d.AccountID)
		if err != nil {
			return false, fmt.Errorf("claim delivery: %w", err)
		}
		return false, nil
	}
	d.State, d.Owner, d.Tries = model.StateSending, s.owner, d.Tries+1
	s.calls.Add(1)
	go func() {
		defer s.calls.Done()
		defer s.lanes.leave(d.AccountID)
		s.carry(context.WithoutCancel(ctx), d)
	}()
	return true, nil
}

// carry makes the call and writes down what came of it.
func (s *Service) carry(ctx context.Context, d model.Delivery) {
	began := s.db.Now()
	o := s.attempt(ctx, d)
	if s.observer != nil {
		s.observer.Delivered(d.Purpose, o.state, o.reason)
	}
	s.log.LogAttrs(ctx, slog.LevelInfo, "delivery tried", slog.String("delivery_id", d.ID), slog.String("purpose", d.Purpose),
		slog.String("state", o.state), slog.String("reason", o.reason), slog.Int64("try", d.Tries),
		slog.Duration("took", s.db.Now().Sub(began)))
	if err := s.settle(ctx, d, o); err != nil {
		// The lease runs out and the rescue marks it unknown, which is the truth: nobody wrote down what WeChat said.
		s.log.LogAttrs(ctx, slog.LevelError, "outcome of delivery not written", slog.String("delivery_id", d.ID), slog.Any("error", err))
	}
	s.loop.Wake()
}

// attempt checks once more whether the delivery may leave, and sends it.
func (s *Service) attempt(ctx context.Context, d model.Delivery) outcome {
	f, a, err := s.receiver(ctx, d.FollowerID)
	if err != nil {
		return later("database", time.Second)
	}
	now := s.db.Now().UnixMilli()
	switch {
	case d.ExpiresAt > 0 && d.ExpiresAt <= now:
		return outcome{state: model.StateRefused, reason: "expired"}
	case !f.Subscribed:
		return outcome{state: model.StateRefused, reason: "unsubscribed"}
	case d.Channel == model.ChannelCustomer && !a.Open(d.WindowKind, now):
		return outcome{state: model.StatePending, reason: "window_closed", unused: true}
	}
	if check := s.checks[d.Purpose]; check != nil {
		reason, err := check(ctx, d)
		if err != nil {
			return later("database", time.Second)
		}
		if reason != "" {
			return outcome{state: model.StateRefused, reason: reason, unused: true}
		}
	}
	credentials, err := s.accounts.Credentials(ctx, d.AccountID)
	if err != nil {
		return later("account", time.Second)
	}
	api := s.wechat.Account(credentials)
	if d.Channel == model.ChannelTemplate {
		return s.template(ctx, api, d, f.OpenID)
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

// receiver reads the follower and his allowance as they are now.
func (s *Service) receiver(ctx context.Context, followerID string) (f model.Follower, a model.Allowance, err error) {
	if err := s.db.Read(ctx).First(&f, "id = ?", followerID).Error; err != nil {
		return f, a, fmt.Errorf("find follower: %w", err)
	}
	if err := s.db.Read(ctx).First(&a, "follower_id = ?", followerID).Error; err != nil && !database.IsNotFound(err) {
		return f, a, fmt.Errorf("read allowance: %w", err)
	}
	return f, a, nil
}

// renew makes sure, right before bytes leave, that the delivery is still ours for as long as the call may take.
func (s *Service) renew(ctx context.Context, d model.Delivery) bool {
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
