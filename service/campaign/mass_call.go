package campaign

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/worker"
	"liuke/wechat"
)

const (
	massEvery  = time.Second
	massAtOnce = 100
	// massFirstAsk is when the state of a job is asked for first, massLastAsk the longest pause between two askings, and
	// massGiveUp how long after WeChat took it a job without a result counts as unknown: the event may get lost.
	massFirstAsk = 30 * time.Second
	massLastAsk  = time.Hour
	massGiveUp   = 24 * time.Hour
)

// calling keeps this instance to one mass call of an account at a time, so that a slow account slows no other.
type calling struct {
	mu    sync.Mutex
	busy  map[string]bool
	calls sync.WaitGroup
}

func (c *calling) enter(accountID string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy[accountID] {
		return false
	}
	c.busy[accountID] = true
	return true
}

func (c *calling) leave(accountID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.busy, accountID)
}

func (c *calling) accounts() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	ids := []string{""}
	for id := range c.busy {
		ids = append(ids, id)
	}
	return ids
}

// Drain waits until the mass calls under way have ended and been written down, or ctx is done.
func (s *Service) Drain(ctx context.Context) {
	done := make(chan struct{})
	go func() { s.calling.calls.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// CallMass starts the calls that are due: jobs that may leave, jobs of which it is not known whether they left, and
// questions what became of a job. Every instance does; a job is in one's hands at a time.
func (s *Service) CallMass(ctx context.Context) error {
	now, above := worker.Lapsed(s.db.Now(), massLease)
	var due []model.MassJob
	err := s.db.Read(ctx).Omit("text").
		Where("due_at <= ? AND (lease_until <= ? OR lease_until > ?) AND state IN ?", now, now, above, []string{model.MassReady, model.MassSending, model.MassSent}).
		Where("account_id NOT IN ?", s.calling.accounts()).
		Where("account_id NOT IN (SELECT id FROM accounts WHERE state = ?)", model.AccountStopped).
		Where("(state = ? OR campaign_id NOT IN (SELECT id FROM campaigns WHERE state = ?))", model.MassSent, model.CampaignPaused).
		Order("due_at, id").Limit(massAtOnce).Find(&due).Error
	if err != nil {
		return fmt.Errorf("look for mass jobs: %w", err)
	}
	for _, job := range due {
		if !s.calling.enter(job.AccountID) {
			continue
		}
		s.calling.calls.Add(1)
		go func() {
			defer s.calling.calls.Done()
			defer s.wakeMass()
			defer s.calling.leave(job.AccountID)
			if err := s.call(context.WithoutCancel(ctx), job); err != nil {
				s.log.LogAttrs(ctx, slog.LevelError, "mass job", slog.String("job_id", job.ID), slog.Any("error", err))
			}
		}()
	}
	return nil
}

func (s *Service) call(ctx context.Context, job model.MassJob) error {
	credentials, err := s.accounts.Credentials(ctx, job.AccountID)
	if err != nil {
		return err
	}
	api := s.wechat.Account(credentials)
	if job.State == model.MassSent {
		return s.ask(ctx, api, job)
	}
	return s.give(ctx, api, job)
}

// give gives WeChat a job.
func (s *Service) give(ctx context.Context, api *wechat.API, job model.MassJob) error {
	var found checked
	if job.State == model.MassReady {
		var err error
		if found, err = s.check(ctx, job); err != nil {
			return err
		}
	}
	var ours *leaving
	err := s.db.InTx(ctx, func(tx *database.Tx) (err error) {
		ours, err = s.take(tx, job.ID, found)
		return err
	})
	if err != nil || ours == nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, massTimeout)
	defer cancel()
	msgID, err := api.SendMass(limited, wechat.MassMessage{
		ToUsers: ours.openIDs, Kind: wechat.KindText, Text: ours.job.Text, ClientMsgID: ours.job.ID,
	})
	v := judgeMass(msgID, err, ours.job.Tries, ours.again, s.db.Now(), rand.Float64()) //nolint:gosec // no secret
	attrs := []slog.Attr{
		slog.String("job_id", job.ID), slog.String("campaign_id", job.CampaignID), slog.Int64("members", ours.job.Members),
		slog.String("state", v.state), slog.String("reason", v.reason), slog.Int64("try", ours.job.Tries),
	}
	var e *wechat.Error
	if errors.As(err, &e) {
		attrs = append(attrs, slog.Int("errcode", e.Code), slog.String("rid", e.RID))
	}
	s.log.LogAttrs(ctx, slog.LevelInfo, "mass job tried", attrs...)
	if v.stop {
		if err := s.accounts.StopSending(ctx, job.AccountID, v.reason); err != nil {
			return err
		}
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error { return s.settleMass(tx, ours.job, v) })
}

// settleMass writes down what a call meant, if the job is still in our hands.
func (s *Service) settleMass(tx *database.Tx, ours model.MassJob, v massVerdict) error {
	c, job, err := s.holdJob(tx, ours.ID)
	if err != nil {
		return err
	}
	if job.State != model.MassSending || job.Owner != ours.Owner || job.Tries != ours.Tries {
		return nil // the lease was lost: whoever has it finds out by the same id
	}
	if !v.closed.IsZero() {
		if err := closeAccount(tx, job.AccountID, v.reason, v.closed); err != nil {
			return err
		}
	}
	if v.uncounted {
		if err := uncountCall(tx, job.AccountID); err != nil {
			return err
		}
	}
	if v.pause && c.State == model.CampaignRunning {
		reason := "refused:" + v.reason
		if err := s.pause(tx, c, reason[:min(len(reason), 64)]); err != nil {
			return err
		}
	}
	columns := map[string]any{"state": v.state, "reason": v.reason, "owner": "", "lease_until": 0, "due_at": v.due.UnixMilli()}
	switch v.state {
	case model.MassReady:
		columns["first_try_at"] = 0
	case model.MassSent:
		columns["msg_id"], columns["sent_at"], columns["tries"] = v.msgID, tx.Millis(), 0
		columns["due_at"] = tx.Now.Add(massFirstAsk).UnixMilli()
	case model.MassFailed:
		columns["onward"], columns["finished_at"] = v.onward, tx.Millis()
	}
	tx.AfterCommit(func(context.Context) { s.wakeMass() })
	s.tell(tx, c)
	return update(tx, job, columns)
}

// ask asks WeChat what became of a job. Its answer has no counts; those come by the event, if at all.
func (s *Service) ask(ctx context.Context, api *wechat.API, job model.MassJob) error {
	now := s.db.Now()
	n, err := s.db.Exec(ctx, "UPDATE mass_jobs SET lease_until = ? WHERE id = ? AND state = ? AND lease_until = ? AND due_at = ?",
		now.Add(massLease).UnixMilli(), job.ID, model.MassSent, job.LeaseUntil, job.DueAt)
	if err != nil {
		return fmt.Errorf("claim a mass job: %w", err)
	}
	if n != 1 {
		return nil
	}
	state := wechat.MassOther
	if job.MsgID != "" {
		limited, cancel := context.WithTimeout(ctx, massTimeout)
		defer cancel()
		if state, err = api.MassState(limited, job.MsgID); err != nil {
			s.log.LogAttrs(ctx, slog.LevelWarn, "mass job not asked for", slog.String("job_id", job.ID), slog.Any("error", err))
		}
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error { return s.asked(tx, job.ID, state) })
}

// asked writes an answer down.
func (s *Service) asked(tx *database.Tx, id string, state wechat.MassState) error {
	c, job, err := s.holdJob(tx, id)
	if err != nil || job.State != model.MassSent {
		return err // the event came meanwhile
	}
	switch {
	case state == wechat.MassSent || state == wechat.MassDeleted:
		return s.end(tx, c, job, model.MassDone, "no_counts")
	case state == wechat.MassFailed:
		return s.end(tx, c, job, model.MassFailed, "send_failed")
	case tx.Now.Sub(model.Time(job.SentAt)) >= massGiveUp:
		return s.end(tx, c, job, model.MassUnknown, "no_result")
	}
	pause := min(massFirstAsk<<min(job.Tries, 20), massLastAsk)
	return update(tx, job, map[string]any{"tries": job.Tries + 1, "lease_until": 0, "due_at": tx.Now.Add(pause).UnixMilli()})
}
