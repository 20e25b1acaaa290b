package campaign

import (
	"context"
	"fmt"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
)

// tellAtOnce is how many recipients one transaction tells: each has a chat, whose row pushes want as well.
const tellAtOnce = 200

// step is one move of a job's recipients.
type step struct {
	from   string
	to     string // empty: as onward says
	reason string
	show   bool // write the message into the chats …
	mend   bool // … or put its state there right
	back   bool // the rations go back
}

// stepsOf are the moves that bring the recipients in line with their job. WeChat tells only how many it reached and names
// nobody: so they are delivered when it reached all, and stay accepted, with that as the reason, when it did not.
func stepsOf(job model.MassJob) []step {
	accept := step{from: model.RecipientQueued, to: model.RecipientAccepted, reason: "ration_left", show: true}
	switch job.State {
	case model.MassSent:
		return []step{accept}
	case model.MassDone:
		switch {
		case !job.Counted:
			return []step{accept}
		case job.Sent >= job.Members:
			return []step{accept, {from: model.RecipientAccepted, to: model.RecipientDelivered, reason: "ration_left"}}
		}
		return []step{accept, {from: model.RecipientAccepted, to: model.RecipientAccepted, reason: job.Reason}}
	case model.MassUnknown:
		return []step{
			{from: model.RecipientQueued, to: model.RecipientUnknown, reason: job.Reason, show: true},
			{from: model.RecipientAccepted, to: model.RecipientUnknown, reason: job.Reason, mend: true},
		}
	case model.MassFailed:
		refused := step{from: model.RecipientQueued, to: model.RecipientRefused, reason: job.Reason, back: true}
		if job.Onward {
			refused.to = ""
			return []step{refused}
		}
		return []step{refused, {from: model.RecipientAccepted, to: model.RecipientRefused, reason: job.Reason, mend: true, back: true}}
	case model.MassDropped:
		return []step{{from: model.RecipientQueued, back: true}}
	}
	return nil
}

// tellMass tells the next recipients of a job, and tells whether there are more. The job is held for that: else two
// instances would write the same lines.
func (s *Service) tellMass(ctx context.Context, id string) (more bool, err error) {
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		var err error
		more, err = s.tellSome(tx, id)
		return err
	})
	return more, err
}

func (s *Service) tellSome(tx *database.Tx, id string) (more bool, err error) {
	c, job, err := s.holdJob(tx, id)
	if err != nil || job.Told {
		return false, err
	}
	for _, st := range stepsOf(job) {
		var rows []model.Recipient
		err := tx.Where("job_id = ? AND state = ? AND NOT (state = ? AND reason = ?)", job.ID, st.from, st.to, st.reason).
			Order("member_id").Limit(tellAtOnce).Find(&rows).Error
		if err != nil {
			return false, fmt.Errorf("read the members of a mass job: %w", err)
		}
		if len(rows) > 0 {
			return true, s.move(tx, c, job, st, rows)
		}
	}
	s.tell(tx, c)
	tx.AfterCommit(func(context.Context) { s.wake() })
	return false, update(tx, job, map[string]any{"told": true})
}

// move does one step for some recipients.
func (s *Service) move(tx *database.Tx, c model.Campaign, job model.MassJob, st step, rows []model.Recipient) error {
	if st.to == "" {
		leave := make(map[string]change, len(rows))
		for _, r := range rows {
			leave[r.MemberID] = onward(c, r, job.Reason)
		}
		return takeOut(tx, job, leave)
	}
	ids, lines := make([]string, len(rows)), make([]string, 0, len(rows))
	for i, r := range rows {
		ids[i] = r.MemberID
		if r.MessageID != "" {
			lines = append(lines, r.MessageID)
		}
	}
	if st.show {
		if err := s.show(tx, job, st, rows); err != nil {
			return err
		}
	}
	columns := map[string]any{"state": st.to, "reason": st.reason}
	if st.from == model.RecipientQueued {
		if columns["sent_at"] = max(job.SentAt, job.FirstTryAt); st.to == model.RecipientRefused {
			columns["sent_at"] = 0
		}
	}
	err := tx.Model(&model.Recipient{}).Where("campaign_id = ? AND member_id IN ? AND job_id = ? AND state = ?", job.CampaignID, ids, job.ID, st.from).Updates(columns).Error
	if err != nil {
		return fmt.Errorf("tell the members of a mass job: %w", err)
	}
	if st.back {
		if err := giveBack(tx, job.ID, ids); err != nil {
			return err
		}
	}
	if st.mend && s.mends != nil {
		return s.mends(tx, lines, st.to, st.reason)
	}
	return nil
}

// show writes the message of a job into the chats of some recipients.
func (s *Service) show(tx *database.Tx, job model.MassJob, st step, rows []model.Recipient) error {
	if s.shows == nil {
		return nil
	}
	ids, clerks := make([]string, len(rows)), map[string]string{}
	for i, r := range rows {
		ids[i], clerks[r.MemberID] = r.MemberID, r.ClerkID
	}
	var talks []struct{ ID, MemberID string }
	err := tx.Model(&model.MassRation{}).Select("conversations.id, mass_rations.member_id").
		Joins("JOIN conversations ON conversations.follower_id = mass_rations.follower_id").
		Where("mass_rations.job_id = ? AND mass_rations.member_id IN ?", job.ID, ids).Order("conversations.id").Scan(&talks).Error
	if err != nil {
		return fmt.Errorf("find the chats of a mass job: %w", err)
	}
	lines := make([]model.Message, len(talks))
	written := make(map[string]string, len(talks))
	for i, t := range talks {
		lines[i] = model.Message{
			ID: model.NewID(), ConversationID: t.ID, Kind: model.KindText, Text: job.Text, State: model.StateAccepted, AuthorKind: model.BySystem,
			OnBehalfOf: clerks[t.MemberID],
		}
		if st.to == model.RecipientUnknown {
			lines[i].State, lines[i].Reason = model.StateUnknown, st.reason
		}
		written[t.MemberID] = lines[i].ID
	}
	if err := s.shows(tx, lines); err != nil {
		return err
	}
	return noteLines(tx, job, rows, written)
}

// noteLines keeps which line of his chat is a recipient's, for when it turns out not to have reached him. The rows are
// there, so that of the upsert only the update is ever done.
func noteLines(tx *database.Tx, job model.MassJob, rows []model.Recipient, written map[string]string) error {
	kept := make([]model.Recipient, 0, len(rows))
	for _, r := range rows {
		if r.MessageID = written[r.MemberID]; r.MessageID != "" {
			kept = append(kept, r)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	known := clause.OnConflict{
		Columns:   []clause.Column{{Name: "campaign_id"}, {Name: "member_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"message_id"}),
	}
	if err := tx.Clauses(known).Create(&kept).Error; err != nil {
		return fmt.Errorf("note the lines of mass job %s: %w", job.ID, err)
	}
	return nil
}
