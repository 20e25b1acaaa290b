package campaign

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/worker"
	"liuke/wechat"
)

const (
	// massTimeout bounds one call with 10,000 openids; massLease is how long a job is in one instance's hands. A crash
	// leaves it to the others after that.
	massTimeout = 20 * time.Second
	massLease   = 30 * time.Second
	// massRepeats is how long after the first call a job may be repeated: WeChat knows its id for a day, and less is safer.
	massRepeats = wechat.MassIDLife - 10*time.Minute
)

// change is what becomes of a recipient who is taken out of a job.
type change struct {
	state, reason, tried string
	due                  int64
}

// withMass adds the mass channel to those that failed for a recipient.
func withMass(tried string) string { return strings.Trim(tried+","+model.ChannelMass, ",") }

// onward sends a recipient to the next channel and says why, or nowhere if the campaign was cancelled.
func onward(c model.Campaign, r model.Recipient, reason string) change {
	if c.State == model.CampaignCancelled {
		return change{state: model.RecipientCancelled, tried: r.Tried}
	}
	return change{state: model.RecipientWaiting, reason: reason, tried: withMass(r.Tried)}
}

// whyOnward lets the decision about a recipient who came from a mass job say why he did, where it would say nothing more.
func whyOnward(d decision, r model.Recipient) decision {
	if d.reason == "no_channel" && contains(r.Tried, model.ChannelMass) && r.Reason != "" && r.Reason != "quiet_hours" {
		d.reason = r.Reason
	}
	return d
}

// stays asks once more, right before a job leaves, whether a recipient shall still get it: what the member said, how he
// stands and the hour may have changed since he was put into it (H7, H10, H11, H13).
func stays(c model.Campaign, content model.CampaignContent, settings model.CampaignSettings, r model.Recipient, p *person, now time.Time) (change, bool) {
	if reason := leaveOut(content, settings, p, now); reason != "" {
		return change{state: model.RecipientSkipped, reason: reason, tried: r.Tried}, false
	}
	if until := quietUntil(settings, p, now); until > 0 {
		return change{state: model.RecipientWaiting, reason: "quiet_hours", tried: r.Tried, due: until}, false
	}
	if !p.follower.Subscribed || p.talk.ID == "" {
		return onward(c, r, ""), false
	}
	return change{}, true
}

// home is whose member a recipient is.
type home struct{ store, clerk string }

// checked is what looking at the members of a job found.
type checked struct {
	leave map[string]change // those who get nothing of it now
	moved map[string]home   // those who belong to somebody else by now
}

// check looks at the members of a job again. It locks nothing: what comes later than this comes too late.
func (s *Service) check(ctx context.Context, job model.MassJob) (checked, error) {
	out := checked{map[string]change{}, map[string]home{}}
	db := s.db.Read(ctx)
	var c model.Campaign
	if err := db.First(&c, "id = ?", job.CampaignID).Error; err != nil {
		return out, fmt.Errorf("find a campaign: %w", err)
	}
	content, err := readContent(c)
	if err != nil {
		return out, err
	}
	settings, err := settingsOf(db, c.AccountID)
	if err != nil {
		return out, err
	}
	var rows []model.Recipient
	if err := db.Where("job_id = ? AND state = ?", job.ID, model.RecipientQueued).Order("member_id").Find(&rows).Error; err != nil {
		return out, fmt.Errorf("read the members of a mass job: %w", err)
	}
	now := s.db.Now()
	for chunk := range slices.Chunk(rows, rowsAtOnce) {
		ids := make([]string, len(chunk))
		for i, r := range chunk {
			ids[i] = r.MemberID
		}
		all, err := s.people(db, c, settings, now.UnixMilli(), ids)
		if err != nil {
			return out, err
		}
		for _, r := range chunk {
			p := all[r.MemberID]
			if what, ok := stays(c, content, settings, r, p, now); !ok {
				out.leave[r.MemberID] = what
			} else if p.member.StoreID != r.StoreID || p.member.ClerkID != r.ClerkID {
				out.moved[r.MemberID] = home{p.member.StoreID, p.member.ClerkID}
			}
		}
	}
	return out, nil
}

// takeOut takes recipients out of a job before WeChat has it, and gives their ration back.
func takeOut(tx *database.Tx, job model.MassJob, leave map[string]change) error {
	return byValue(leave, func(what change, ids []string) error {
		err := tx.Model(&model.Recipient{}).Where("campaign_id = ? AND member_id IN ? AND job_id = ? AND state = ?", job.CampaignID, ids, job.ID, model.RecipientQueued).
			Updates(map[string]any{
				"state": what.state, "reason": what.reason, "tried": what.tried, "due_at": what.due, "job_id": "", "channel": "",
			}).Error
		if err != nil {
			return fmt.Errorf("take recipients out of a mass job: %w", err)
		}
		return giveBack(tx, job.ID, ids)
	})
}

// byValue calls f for each value of a map with the keys that have it, some hundred at a time.
func byValue[V comparable](m map[string]V, f func(V, []string) error) error {
	groups := map[V][]string{}
	for _, id := range sortedKeys(m) {
		groups[m[id]] = append(groups[m[id]], id)
	}
	for value, ids := range groups {
		for chunk := range slices.Chunk(ids, rowsAtOnce) {
			if err := f(value, chunk); err != nil {
				return err
			}
		}
	}
	return nil
}

// leaving is a job that is about to be given to WeChat.
type leaving struct {
	job     model.MassJob
	openIDs []string
	again   bool // an earlier call may have been taken
}

// take makes a job this instance's for one call: those who changed are dropped, the call is counted and the job is
// written down as on its way, in one transaction and before the call. Nil: not now, or not by us.
func (s *Service) take(tx *database.Tx, id string, found checked) (*leaving, error) {
	c, job, err := s.holdJob(tx, id)
	if err != nil {
		return nil, err
	}
	now := tx.Millis()
	again := job.State == model.MassSending
	below, above := worker.Lapsed(tx.Now, massLease)
	held := job.LeaseUntil > below && job.LeaseUntil <= above
	if !again && job.State != model.MassReady || job.DueAt > now || held || c.State == model.CampaignPaused {
		return nil, nil
	}
	switch {
	case again && tx.Now.Sub(model.Time(job.FirstTryAt)) >= massRepeats:
		return nil, s.end(tx, c, job, model.MassUnknown, "interrupted")
	case again && (c.State != model.CampaignRunning || model.MassMonth(tx.Now) != job.Month):
		// It may have been taken; a repeat could count for another month, or reach whom nobody wants to reach any more.
		return nil, s.end(tx, c, job, model.MassUnknown, "interrupted")
	case !again && c.State != model.CampaignRunning:
		return nil, s.end(tx, c, job, model.MassDropped, "campaign_over")
	}
	account, err := massAccount(tx, job.AccountID)
	if err != nil {
		return nil, err
	}
	if opens := massOpens(account, tx.Now); opens.After(tx.Now) {
		return nil, update(tx, job, map[string]any{"due_at": opens.UnixMilli()})
	}
	if !again {
		if err := s.dropChanged(tx, c, &job, found); err != nil {
			return nil, err
		}
	}
	openIDs, err := openIDsOf(tx.DB, job.ID)
	if err != nil {
		return nil, err
	}
	if len(openIDs) < model.MassLeast {
		return nil, s.tooFew(tx, c, job)
	}
	if err := countCall(tx, account); err != nil {
		return nil, err
	}
	job.State, job.Owner, job.LeaseUntil, job.Tries, job.Members = model.MassSending, s.owner, now+massLease.Milliseconds(), job.Tries+1, int64(len(openIDs))
	if job.FirstTryAt == 0 {
		job.FirstTryAt = now
	}
	err = update(tx, job, map[string]any{
		"state": job.State, "owner": job.Owner, "lease_until": job.LeaseUntil, "tries": job.Tries, "members": job.Members,
		"first_try_at": job.FirstTryAt, "month": job.Month,
	})
	return &leaving{job, openIDs, again}, err
}

// holdJob keeps others from a job and its campaign until the end: the campaign first, as everywhere.
func (s *Service) holdJob(tx *database.Tx, id string) (c model.Campaign, job model.MassJob, err error) {
	var campaigns []string
	if err := tx.Model(&model.MassJob{}).Where("id = ?", id).Pluck("campaign_id", &campaigns).Error; err != nil {
		return c, job, fmt.Errorf("find a mass job: %w", err)
	}
	if err := tx.Lock().First(&c, "id IN ?", campaigns).Error; err != nil {
		return c, job, fmt.Errorf("hold a campaign: %w", err)
	}
	if err := tx.Lock().First(&job, "id = ?", id).Error; err != nil {
		return c, job, fmt.Errorf("hold a mass job: %w", err)
	}
	return c, job, nil
}

// update writes columns of a job that is held.
func update(tx *database.Tx, job model.MassJob, columns map[string]any) error {
	if err := tx.Model(&model.MassJob{}).Where("id = ?", job.ID).Updates(columns).Error; err != nil {
		return fmt.Errorf("move a mass job on: %w", err)
	}
	return nil
}

// end writes down how a job ended; its recipients are told after.
func (s *Service) end(tx *database.Tx, c model.Campaign, job model.MassJob, state, reason string) error {
	tx.AfterCommit(func(context.Context) { s.wakeMass() })
	s.tell(tx, c)
	return update(tx, job, map[string]any{"state": state, "reason": reason, "owner": "", "lease_until": 0, "told": false, "finished_at": tx.Millis()})
}

// dropChanged takes out who changed, and moves the others' rations when the month has.
func (s *Service) dropChanged(tx *database.Tx, c model.Campaign, job *model.MassJob, found checked) error {
	if err := takeOut(tx, *job, found.leave); err != nil {
		return err
	}
	err := byValue(found.moved, func(to home, ids []string) error {
		return tx.Model(&model.Recipient{}).Where("campaign_id = ? AND member_id IN ? AND job_id = ?", c.ID, ids, job.ID).
			Updates(map[string]any{"store_id": to.store, "clerk_id": to.clerk}).Error
	})
	if err != nil {
		return fmt.Errorf("note whose members are in a mass job: %w", err)
	}
	month := model.MassMonth(tx.Now)
	if job.Month == month {
		return nil
	}
	without, err := moveRations(tx, *job, month)
	if err != nil {
		return err
	}
	job.Month = month
	leave, err := rest(tx.DB, *job, func(r model.Recipient) (change, bool) {
		return change{state: model.RecipientWaiting, tried: r.Tried}, without[r.MemberID] // he is looked at again and told why
	})
	if err != nil {
		return err
	}
	return takeOut(tx, *job, leave)
}

// rest asks for every recipient who is still in a job whether he leaves it.
func rest(db *gorm.DB, job model.MassJob, ask func(model.Recipient) (change, bool)) (map[string]change, error) {
	var rows []model.Recipient
	if err := db.Where("job_id = ? AND state = ?", job.ID, model.RecipientQueued).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the members of a mass job: %w", err)
	}
	leave := map[string]change{}
	for _, r := range rows {
		if what, is := ask(r); is {
			leave[r.MemberID] = what
		}
	}
	return leave, nil
}

// openIDsOf lists whom a job names. It is the same at every call: once a job is on its way nobody leaves it.
func openIDsOf(db *gorm.DB, jobID string) ([]string, error) {
	var ids []string
	err := db.Model(&model.Recipient{}).Distinct("followers.openid").
		Joins("JOIN mass_rations ON mass_rations.job_id = campaign_recipients.job_id AND mass_rations.member_id = campaign_recipients.member_id").
		Joins("JOIN followers ON followers.id = mass_rations.follower_id").
		Where("campaign_recipients.job_id = ? AND campaign_recipients.state = ?", jobID, model.RecipientQueued).
		Order("followers.openid").Pluck("followers.openid", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("read whom a mass job names: %w", err)
	}
	return ids, nil
}

// tooFew ends a job of nobody, or of one: WeChat takes no fewer than two, so he goes to the next channel.
func (s *Service) tooFew(tx *database.Tx, c model.Campaign, job model.MassJob) error {
	leave, err := rest(tx.DB, job, func(r model.Recipient) (change, bool) { return onward(c, r, "group_of_one"), true })
	if err != nil {
		return err
	}
	if err := takeOut(tx, job, leave); err != nil {
		return err
	}
	reason := "too_few"
	if len(leave) == 0 {
		reason = "nobody_left"
	}
	tx.AfterCommit(func(context.Context) { s.wake() })
	return s.end(tx, c, job, model.MassDropped, reason)
}
