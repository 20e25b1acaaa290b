package campaign

import (
	"context"
	"fmt"
	"slices"

	"liuke/model"
	"liuke/model/database"
)

// collection is the jobs of a campaign that members are put into: one for each content. The campaign's row is held
// meanwhile.
type collection struct {
	campaign model.Campaign
	jobs     []*model.MassJob
	changed  map[string]bool
	fresh    map[string]bool
	rations  []model.MassRation
}

func openCollection(tx *database.Tx, c model.Campaign) (*collection, error) {
	m := &collection{campaign: c, changed: map[string]bool{}, fresh: map[string]bool{}}
	if !contains(c.Channels, model.ChannelMass) {
		return m, nil
	}
	if err := tx.Where("campaign_id = ? AND state = ?", c.ID, model.MassCollecting).Order("id").Find(&m.jobs).Error; err != nil {
		return nil, fmt.Errorf("find the mass jobs of a campaign: %w", err)
	}
	return m, nil
}

// put puts a member into the job of his content, reserves one of his ration and gives the job's id.
func (m *collection) put(tx *database.Tx, p *person, text string) string {
	month := model.MassMonth(tx.Now)
	at := slices.IndexFunc(m.jobs, func(j *model.MassJob) bool {
		return j.State == model.MassCollecting && j.Text == text && j.Month == month
	})
	if at < 0 {
		j := &model.MassJob{
			ID: model.NewID(), AccountID: m.campaign.AccountID, CampaignID: m.campaign.ID, Text: text, State: model.MassCollecting, Month: month,
			CreatedAt: tx.Millis(),
		}
		m.fresh[j.ID] = true
		m.jobs = append(m.jobs, j)
		at = len(m.jobs) - 1
	}
	j := m.jobs[at]
	m.changed[j.ID] = true
	if j.Members++; j.Members >= model.MassMost {
		j.State, j.DueAt = model.MassReady, tx.Millis()
	}
	m.rations = append(m.rations, model.MassRation{
		FollowerID: p.follower.ID, Month: month, Slot: free(p.mass.taken), AccountID: j.AccountID, JobID: j.ID, MemberID: p.member.ID,
	})
	p.mass.taken = append(p.mass.taken, free(p.mass.taken))
	return j.ID
}

// keepCollection writes down what was put into it.
func (s *Service) keepCollection(tx *database.Tx, m *collection) error {
	for _, j := range m.jobs {
		if !m.changed[j.ID] {
			continue
		}
		var err error
		if m.fresh[j.ID] {
			err = tx.Create(j).Error
		} else {
			err = tx.Model(&model.MassJob{}).Where("id = ?", j.ID).Updates(map[string]any{"members": j.Members, "state": j.State, "due_at": j.DueAt}).Error
		}
		if err != nil {
			return fmt.Errorf("keep a mass job: %w", err)
		}
		if j.State == model.MassReady {
			tx.AfterCommit(func(context.Context) { s.wakeMass() })
		}
	}
	return reserve(tx, m.rations)
}

// closeMass lets the jobs of a campaign go into which nobody more will come now.
func (s *Service) closeMass(tx *database.Tx, c model.Campaign) error {
	r := tx.Model(&model.MassJob{}).Where("campaign_id = ? AND state = ?", c.ID, model.MassCollecting).
		Updates(map[string]any{"state": model.MassReady, "due_at": tx.Millis()})
	if r.Error != nil {
		return fmt.Errorf("close mass jobs: %w", r.Error)
	}
	if r.RowsAffected > 0 {
		tx.AfterCommit(func(context.Context) { s.wakeMass() })
	}
	return nil
}

// dropMass ends the jobs of a cancelled campaign that have not left. Up to crossAtOnce members are told at once; where
// there are more FollowMass tells them, so that nobody waits for it. What WeChat may have is left alone.
func (s *Service) dropMass(tx *database.Tx, c model.Campaign) error {
	var jobs []model.MassJob
	err := tx.Lock().Omit("text").Where("campaign_id = ? AND state IN ?", c.ID, []string{model.MassCollecting, model.MassReady}).Order("id").Find(&jobs).Error
	if err != nil {
		return fmt.Errorf("find the mass jobs of a campaign: %w", err)
	}
	left := int64(crossAtOnce)
	for _, job := range jobs {
		now := job.Members <= left
		if now {
			left -= job.Members
			if err := crossOutJob(tx, job.ID); err != nil {
				return err
			}
		}
		err := update(tx, job, map[string]any{"state": model.MassDropped, "reason": "campaign_cancelled", "told": now, "finished_at": tx.Millis()})
		if err != nil {
			return err
		}
	}
	if len(jobs) > 0 {
		tx.AfterCommit(func(context.Context) { s.wakeMass() })
	}
	return nil
}

// crossOutJob cancels the members of a job and gives their ration back.
func crossOutJob(tx *database.Tx, id string) error {
	err := tx.Model(&model.Recipient{}).Where("job_id = ? AND state = ?", id, model.RecipientQueued).
		Updates(map[string]any{"state": model.RecipientCancelled, "reason": "", "channel": "", "job_id": ""}).Error
	if err != nil {
		return fmt.Errorf("cancel the members of a mass job: %w", err)
	}
	if err := tx.Where("job_id = ?", id).Delete(&model.MassRation{}).Error; err != nil {
		return fmt.Errorf("give mass rations back: %w", err)
	}
	return nil
}
