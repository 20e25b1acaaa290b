package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"liuke/model"
	"liuke/service/textmessage"
)

// SMS is a text message: a template of the provider's and what stands in its blanks.
type SMS struct {
	TemplateID string   `json:"template_id"`
	Text       string   `json:"text"` // the template as it was approved, for counting its parts
	Params     []string `json:"params,omitempty"`
}

// reasonNoPhone says that the member has no phone any more.
const reasonNoPhone = "no_phone"

// hoursAgain is how long a message waits that came outside of the hours in which the provider takes it.
const hoursAgain = 10 * time.Minute

// text sends a text message to the member's phone. The number is opened here, right before the call. The provider knows no
// repeat when it sees one: what may have been sent is never sent again.
func (s *Service) text(ctx context.Context, d model.Delivery) outcome {
	var c Content
	if err := json.Unmarshal([]byte(d.Payload), &c); err != nil || c.SMS == nil {
		return outcome{state: model.StateRefused, reason: "content_missing"}
	}
	phone, err := s.phones(ctx, d.AccountID, d.MemberID)
	if err != nil {
		return later("database", time.Second)
	}
	if phone == "" {
		return outcome{state: model.StateRefused, reason: reasonNoPhone}
	}
	if !s.renew(ctx, d) {
		return later("lease", time.Second)
	}
	call, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	cost, err := s.sms.Send(call, d.AccountID, textmessage.Message{
		ID: d.ID, Phone: phone, TemplateID: c.SMS.TemplateID, Text: c.SMS.Text, Params: c.SMS.Params,
	})
	if err == nil {
		return outcome{state: model.StateAccepted, cost: cost}
	}
	var e *textmessage.Error
	if !errors.As(err, &e) {
		return later("database", time.Second)
	}
	o := s.judgeText(ctx, d, e)
	o.cost = cost
	return o
}

// mayCost is what a delivery may have cost whose instance died in the middle of the call.
func (s *Service) mayCost(ctx context.Context, d model.Delivery) (int64, error) {
	var c Content
	if err := json.Unmarshal([]byte(d.Payload), &c); err != nil || d.Channel != model.ChannelSMS || c.SMS == nil {
		return 0, nil //nolint:nilerr // what cannot be read was not sent
	}
	return s.sms.MayCost(ctx, d.AccountID, textmessage.Message{Text: c.SMS.Text, Params: c.SMS.Params})
}

// judgeText turns a provider's refusal into an outcome.
func (s *Service) judgeText(ctx context.Context, d model.Delivery, e *textmessage.Error) outcome {
	s.log.LogAttrs(ctx, slog.LevelWarn, "text message refused", slog.String("delivery_id", d.ID), slog.String("code", e.Code),
		slog.String("request_id", e.RequestID), slog.Int("status", e.Status), slog.String("reason", e.Reason))
	api := roads()[d.Channel]
	switch e.Reaction {
	case textmessage.Slow:
		s.rates.Slow(ctx, d.AccountID, api)
		return later(e.Reason, jittered(d, time.Minute))
	case textmessage.StopToday:
		s.ahead.forget.Store(true)
		if _, err := s.rates.StopToday(ctx, d.AccountID, api, e.Reason); err != nil {
			s.log.LogAttrs(ctx, slog.LevelError, "stop text messages for today", slog.Any("error", err))
		}
		return later(e.Reason, jittered(d, model.NextBeijingDay(s.db.Now()).Sub(s.db.Now())))
	case textmessage.Later:
		if e.Reason == textmessage.ReasonHours {
			return later(e.Reason, jittered(d, hoursAgain))
		}
		return later(e.Reason, backoff(d.Tries))
	case textmessage.Unknown:
		return outcome{state: model.StateUnknown, reason: e.Reason}
	case textmessage.GiveUp, textmessage.NextWay, textmessage.Mend:
	}
	return outcome{state: model.StateRefused, reason: e.Reason}
}
