package campaign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/inbound"
	"liuke/wechat"
)

// EventTx keeps what WeChat says of a mass send. It may say so before we have written down its id, twice, or of a send
// that was made on WeChat's own pages: so the words are kept, and FollowMass finds the job that they are about. A push
// waits for no job and for none of its thousands of members.
func (s *Service) EventTx(tx *database.Tx, batch []inbound.Received) error {
	for _, r := range batch {
		done, is := r.Push.Body.(wechat.MassSendFinished)
		msgID := model.ASCIIKey(done.MsgID, 32)
		if !is || msgID == "" {
			continue
		}
		ok, reason := done.Verdict()
		row := model.MassResult{
			AccountID: r.AccountID, MsgID: msgID, OK: ok, Reason: reason, Total: int64(done.TotalCount),
			Filtered: int64(max(0, done.TotalCount-done.FilterCount)), Sent: int64(done.SentCount), Failed: int64(done.ErrorCount), At: tx.Millis(),
		}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
			return fmt.Errorf("keep the result of a mass send: %w", err)
		}
		tx.AfterCommit(func(context.Context) { s.wakeMass() })
	}
	return nil
}

// FollowMass brings jobs in line with WeChat's results, and recipients and their chats in line with the jobs. What a
// crash left is found here again.
func (s *Service) FollowMass(ctx context.Context) error {
	all := s.takeResults(ctx)
	var ids []string
	err := s.db.Read(ctx).Model(&model.MassJob{}).
		Where("told = ? AND state IN ?", false, []string{model.MassSent, model.MassDone, model.MassFailed, model.MassUnknown, model.MassDropped}).
		Order("id").Limit(massAtOnce).Pluck("id", &ids).Error
	if err != nil {
		return errors.Join(all, fmt.Errorf("look for mass jobs: %w", err))
	}
	for _, id := range ids { // one that fails holds up no other
		for more := true; more; {
			if more, err = s.tellMass(ctx, id); err != nil {
				all = errors.Join(all, fmt.Errorf("mass job %s: %w", id, err))
			}
		}
	}
	return all
}

func (s *Service) takeResults(ctx context.Context) error {
	var ids []string
	err := s.db.Read(ctx).Model(&model.MassJob{}).
		Joins("JOIN mass_results ON mass_results.account_id = mass_jobs.account_id AND mass_results.msg_id = mass_jobs.msg_id").
		Where("mass_results.used = ? AND mass_jobs.state IN ?", false, []string{model.MassSent, model.MassDone, model.MassFailed, model.MassUnknown}).
		Order("mass_jobs.id").Limit(massAtOnce).Pluck("mass_jobs.id", &ids).Error
	if err != nil {
		return fmt.Errorf("look for results of mass sends: %w", err)
	}
	var all error
	for _, id := range ids {
		if err := s.db.InTx(ctx, func(tx *database.Tx) error { return s.takeResult(tx, id) }); err != nil {
			all = errors.Join(all, fmt.Errorf("mass job %s: %w", id, err))
		}
	}
	return all
}

// takeResult lets a job know its result. One that was given up keeps its state: nobody knows whom it reached, but the
// counts are worth having.
func (s *Service) takeResult(tx *database.Tx, id string) error {
	c, job, err := s.holdJob(tx, id)
	if err != nil {
		return err
	}
	var found []model.MassResult
	if err := tx.Where("account_id = ? AND msg_id = ? AND used = ?", job.AccountID, job.MsgID, false).Find(&found).Error; err != nil {
		return fmt.Errorf("read the result of a mass send: %w", err)
	}
	if len(found) == 0 {
		return nil
	}
	r := found[0]
	columns := map[string]any{"counted": true, "total": r.Total, "filtered": r.Filtered, "sent": r.Sent, "failed": r.Failed}
	if job.State == model.MassSent || job.State == model.MassDone {
		columns["state"], columns["reason"], columns["told"] = model.MassDone, "", false
		columns["owner"], columns["lease_until"] = "", 0
		switch {
		case !r.OK:
			columns["state"], columns["reason"] = model.MassFailed, r.Reason
		case r.Sent == 0:
			columns["state"], columns["reason"] = model.MassFailed, "all_left_out"
		case r.Sent < job.Members:
			columns["reason"] = "not_all_reached"
		}
		if job.FinishedAt == 0 {
			columns["finished_at"] = tx.Millis()
		}
	}
	if err := update(tx, job, columns); err != nil {
		return err
	}
	s.tell(tx, c)
	err = tx.Model(&model.MassResult{}).Where("account_id = ? AND msg_id = ?", r.AccountID, r.MsgID).Update("used", true).Error
	if err != nil {
		return fmt.Errorf("note that a result was used: %w", err)
	}
	return nil
}

const (
	// keepMassResults is how long results are kept. WeChat sends them within an hour; the rest are of sends not ours.
	keepMassResults = 3 * 24 * time.Hour
	sweepMassEvery  = time.Hour
	sweepAtOnce     = 20
)

// SweepMass forgets old results, and the rations of months that are long over.
func (s *Service) SweepMass(ctx context.Context) error {
	now := s.db.Now()
	if _, err := s.db.Exec(ctx, "DELETE FROM mass_results WHERE at < ?", now.Add(-keepMassResults).UnixMilli()); err != nil {
		return fmt.Errorf("forget old results of mass sends: %w", err)
	}
	var ids []string
	err := s.db.Read(ctx).Model(&model.MassJob{}).
		Where("month < ? AND told = ? AND EXISTS (SELECT 1 FROM mass_rations WHERE mass_rations.job_id = mass_jobs.id)", model.MassMonth(now.AddDate(0, 0, -40)), true).
		Order("id").Limit(sweepAtOnce).Pluck("id", &ids).Error
	if err != nil {
		return fmt.Errorf("look for old mass rations: %w", err)
	}
	for _, id := range ids {
		if _, err := s.db.Exec(ctx, "DELETE FROM mass_rations WHERE job_id = ?", id); err != nil {
			return fmt.Errorf("forget old mass rations: %w", err)
		}
	}
	return nil
}
