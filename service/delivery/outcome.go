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
	"liuke/service/worker"
	"liuke/wechat"
)

// outcome is what came of one try.
type outcome struct {
	state  string
	reason string
	after  time.Duration // with state queued: when to try again
	used   bool          // the send counted at WeChat
	unused bool          // it did not, and its reservation goes back
	closed bool          // WeChat said that the window is closed
	empty  bool          // WeChat said that the window is used up
	msgID  string        // WeChat's id of a template message
	cost   int64         // fen, of a text message
}

// Reasons that a repeat must remember.
const (
	reasonReupload = "media_expired"
	reasonBusy     = "system_busy"
	reasonClosed   = "window_closed"
	reasonRate     = "rate_limited"
)

// later says that nothing was sent for sure.
func later(reason string, after time.Duration) outcome {
	return outcome{state: model.StateQueued, reason: reason, after: after}
}

// backoff grows from a second to half a minute.
func backoff(tries int64) time.Duration {
	return min(time.Second<<min(max(tries-1, 0), 5), 30*time.Second)
}

// judge turns WeChat's answer into an outcome, by the table of the fact page (section 12). uploading says that only an
// upload was tried: then nothing of the message can have arrived.
func (s *Service) judge(ctx context.Context, d model.Delivery, err error, uploading bool) outcome {
	e := asWeChat(err)
	if e == nil {
		if uploading {
			return outcome{state: model.StateRefused, reason: "media_missing", unused: true}
		}
		return outcome{state: model.StateUnknown, reason: "internal", used: true}
	}
	s.log.LogAttrs(ctx, slog.LevelWarn, "wechat refused a delivery", slog.String("delivery_id", d.ID),
		slog.Int("errcode", e.Code), slog.String("rid", e.RID), slog.String("reaction", e.Reaction.String()))
	switch e.Reaction {
	case wechat.ReactAccepted:
		return outcome{state: model.StateAccepted, used: true}
	case wechat.ReactRetryLater:
		if e.After > 0 { // nothing more of this road is claimed meanwhile, and how often it was says nothing of the next time
			s.lanes.pause(road{laneOf(d), d.Channel}, s.db.Now().Add(e.After))
			return later(e.Reason, e.After)
		}
		return later(e.Reason, backoff(d.Tries))
	case wechat.ReactSlow:
		if e.Reason == reasonRate {
			s.rates.Slow(ctx, d.AccountID, e.API)
		}
		return later(e.Reason, jittered(d, time.Minute))
	case wechat.ReactStopAPIToday:
		s.ahead.forget.Store(true)
		if _, err := s.rates.StopToday(ctx, d.AccountID, e.API, e.Reason); err != nil {
			s.log.LogAttrs(ctx, slog.LevelError, "stop an api for today", slog.Any("error", err))
		}
		return later(e.Reason, jittered(d, model.NextBeijingDay(s.db.Now()).Sub(s.db.Now())))
	case wechat.ReactStopAccount:
		s.ahead.forget.Store(true)
		if err := s.accounts.StopSending(ctx, d.AccountID, e.Reason); err != nil {
			s.log.LogAttrs(ctx, slog.LevelError, "stop account", slog.Any("error", err))
		}
		return later(e.Reason, time.Second) // a stopped account is not looked at until it is resumed
	case wechat.ReactRetryOnce:
		if d.Reason != reasonBusy || uploading {
			return later(reasonBusy, time.Second)
		}
		return outcome{state: model.StateUnknown, reason: e.Reason, used: true}
	case wechat.ReactReupload:
		if d.Reason != reasonReupload {
			return later(reasonReupload, 0)
		}
	case wechat.ReactPending:
		return outcome{
			state: model.StatePending, reason: e.Reason,
			closed: e.Reason == reasonClosed, empty: e.Reason != reasonClosed,
		}
	case wechat.ReactUnknown:
		if uploading {
			return later(e.Reason, backoff(d.Tries))
		}
		return outcome{state: model.StateUnknown, reason: e.Reason, used: true}
	case wechat.ReactNone, wechat.ReactGiveUp, wechat.ReactIgnore:
	}
	return outcome{state: model.StateRefused, reason: e.Reason, unused: true}
}

// jittered adds up to some seconds to a wait, so that deliveries do not come back together.
func jittered(d model.Delivery, wait time.Duration) time.Duration {
	return wait + time.Duration(model.Shard(d.ID))*100*time.Millisecond
}

// settleTx writes an outcome down, of a delivery that is locked and in our hands; a is the allowance of its follower,
// locked too.
func (s *Service) settleTx(tx *database.Tx, a *model.Allowance, r result) error {
	d, o := r.d, r.o
	if o.state == model.StatePending && o.unused {
		moved, err := s.otherWindow(tx, a, &d)
		if err != nil {
			return err
		}
		if moved {
			o = later("", 0)
		}
	}
	if o.state == model.StatePending && d.Channel != model.ChannelCustomer {
		o.state = model.StateRefused // no window will open for it
	}
	if o.state == model.StatePending {
		o.state, o.reason = held(d.Purpose, o.reason)
	}
	due := d.DueAt
	if o.state == model.StateQueued {
		due = tx.Millis() + o.after.Milliseconds()
	}
	owner := d.Owner
	d.State, d.Reason, d.MsgID, d.Cost = o.state, o.reason, o.msgID, o.cost
	if err := s.show(tx, &d); err != nil {
		return err
	}
	columns := map[string]any{
		"state": o.state, "reason": o.reason, "window_kind": d.WindowKind, "message_id": d.MessageID, "due_at": due, "owner": "",
		"lease_until": 0, "updated_at": tx.Millis(),
	}
	if o.msgID != "" {
		columns["msg_id"] = o.msgID
	}
	if o.cost > 0 {
		columns["cost"] = o.cost
	}
	written := tx.Model(&model.Delivery{}).Where("id = ? AND state = ? AND owner = ?", d.ID, model.StateSending, owner).Updates(columns)
	if written.Error != nil {
		return fmt.Errorf("write outcome: %w", written.Error)
	}
	if written.RowsAffected != 1 {
		return errors.New("write outcome: the delivery was locked and is not ours")
	}
	if d.Channel == model.ChannelSubscription {
		if err := s.settleGrant(tx, &d); err != nil {
			return err
		}
	}
	if o.state != model.StateQueued {
		if err := s.correct(tx, a, d, o); err != nil {
			return err
		}
	}
	if err := s.tell(tx, d); err != nil || d.MsgID == "" {
		return err
	}
	status, err := meet(tx, d.AccountID, d.MsgID)
	if err != nil || status == "" {
		return err
	}
	return s.tellResult(tx, d, resultOf(d, status))
}

// show writes what has left into its conversation, if that waited for it.
func (s *Service) show(tx *database.Tx, d *model.Delivery) error {
	e, ok, err := s.entry(result{*d, outcome{state: d.State, reason: d.Reason}})
	if err != nil || !ok {
		return err
	}
	ids, err := s.logged(tx, []Entry{e})
	if err == nil {
		d.MessageID = ids[0]
	}
	return err
}

// entry is what the conversation shows of a delivery that has left, if it waited for that.
func (s *Service) entry(r result) (Entry, bool, error) {
	d := r.d
	d.State, d.Reason = r.o.state, r.o.reason
	left := d.State == model.StateAccepted || d.State == model.StateUnknown
	if !left || !shownOnceSent(d) || d.MessageID != "" || d.ConversationID == "" || s.logged == nil {
		return Entry{}, false, nil
	}
	var c Content
	if err := json.Unmarshal([]byte(d.Payload), &c); err != nil {
		return Entry{}, false, fmt.Errorf("decode content: %w", err)
	}
	return Entry{d, c}, true, nil
}

// lockLine locks what a delivery touches in the order that holds everywhere: conversation, allowance, delivery.
func (s *Service) lockLine(tx *database.Tx, d model.Delivery) (model.Allowance, error) {
	var locked []model.Conversation
	if err := tx.Lock().Select("id").Where("id = ?", d.ConversationID).Find(&locked).Error; err != nil {
		return model.Allowance{}, fmt.Errorf("lock conversation: %w", err)
	}
	if d.Channel == model.ChannelSMS { // it has no window
		return model.Allowance{}, nil
	}
	return s.allowance(tx, model.Follower{ID: d.FollowerID, AccountID: d.AccountID})
}

// otherWindow moves a reservation whose window closed before the send could leave to the other one, if that is open.
func (s *Service) otherWindow(tx *database.Tx, a *model.Allowance, d *model.Delivery) (bool, error) {
	moved := *a
	moved.Settle(d.WindowKind, false)
	window := moved.Reserve(tx.Millis())
	if window == model.WindowNone {
		return false, nil
	}
	*a, d.WindowKind = moved, window
	return true, s.saveAllowance(tx, *a)
}

// correct brings the allowance in line with what happened; what WeChat says overrules what we thought.
func (s *Service) correct(tx *database.Tx, a *model.Allowance, d model.Delivery, o outcome) error {
	a.Settle(d.WindowKind, !o.unused)
	if o.closed {
		a.Close()
	}
	if o.empty {
		a.Exhaust()
	}
	if o.closed || o.empty || d.State == model.StatePending {
		if err := s.hold(tx, a, d.Reason); err != nil {
			return err
		}
	}
	return s.saveAllowance(tx, *a)
}

// hold makes the rest of what a follower is sent through his window wait as well, so that nothing overtakes what is
// pending. Other channels need no window.
func (s *Service) hold(tx *database.Tx, a *model.Allowance, reason string) error {
	var line []model.Delivery
	err := tx.Where("follower_id = ? AND state = ? AND channel = ?", a.FollowerID, model.StateQueued, model.ChannelCustomer).Order("id").Find(&line).Error
	if err != nil {
		return fmt.Errorf("find line: %w", err)
	}
	for _, d := range line {
		state, why := held(d.Purpose, reason)
		r := tx.Model(&model.Delivery{}).Where("id = ? AND state = ?", d.ID, model.StateQueued).
			Updates(map[string]any{"state": state, "reason": why, "updated_at": tx.Millis()})
		if r.Error != nil {
			return fmt.Errorf("hold delivery: %w", r.Error)
		}
		if r.RowsAffected == 0 {
			continue
		}
		a.Settle(d.WindowKind, true) // its window is gone: nothing to give back
		d.State, d.Reason = state, why
		if err := s.tell(tx, d); err != nil {
			return err
		}
	}
	return nil
}

// rescue ends deliveries whose instance died in the middle of a call: they may have arrived, so they are unknown.
func (s *Service) rescue(ctx context.Context) error {
	var lost []model.Delivery
	below, above := worker.Lapsed(s.db.Now(), lease)
	err := s.db.Read(ctx).Where("state = ? AND (lease_until < ? OR lease_until > ?)", model.StateSending, below, above).
		Limit(claimAtOnce).Find(&lost).Error
	if err != nil {
		return fmt.Errorf("look for lost deliveries: %w", err)
	}
	for _, d := range lost {
		o := outcome{state: model.StateUnknown, reason: "interrupted", used: true}
		if o.cost, err = s.mayCost(ctx, d); err != nil {
			return err
		}
		if err := s.settle(ctx, result{d, o}); err != nil {
			return err
		}
	}
	return nil
}
