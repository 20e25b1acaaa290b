package campaign

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/segment"
)

// Edit is a new campaign, or what to change in a draft; nil leaves it.
type Edit struct {
	StoreID     string // of a new one; a manager's own by itself, empty: the whole account
	Name        *string
	SegmentID   *string // whose filter it takes over …
	Filter      *segment.Filter
	Content     *model.CampaignContent
	Channels    []string // nil leaves them
	Control     *int64
	OutcomeDays *int64
	Version     int64 // of a change: the one that was read; 0 = whatever it is
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func notFound() error { return fault.New(fault.NotFound, "campaign_not_found") }

// wrongState says that a campaign is in another state than a step needs.
func wrongState(c model.Campaign) error {
	return fault.New(fault.Conflict, "wrong_state").With("state", c.State)
}

// Get finds a campaign.
func (s *Service) Get(ctx context.Context, actor access.Actor, id string) (model.Campaign, error) {
	var row model.Campaign
	scope := inReach(actor)
	err := s.db.Read(ctx).Where(scope.SQL, scope.Args...).First(&row, "id = ?", id).Error
	if database.IsNotFound(err) {
		return row, notFound()
	}
	if err != nil {
		return row, fmt.Errorf("find a campaign: %w", err)
	}
	return row, nil
}

// List pages through campaigns, the newest first; of one state if given.
func (s *Service) List(ctx context.Context, actor access.Actor, state, before string, limit int) ([]model.Campaign, string, error) {
	scope := inReach(actor)
	q := s.db.Read(ctx).Where(scope.SQL, scope.Args...)
	if state != "" {
		q = q.Where("state = ?", state)
	}
	if before != "" {
		q = q.Where("id < ?", before)
	}
	var rows []model.Campaign
	if err := q.Order("id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list campaigns: %w", err)
	}
	if len(rows) > limit {
		return rows[:limit], rows[limit-1].ID, nil
	}
	return rows, "", nil
}

// Create writes a draft.
func (s *Service) Create(ctx context.Context, actor access.Actor, in Edit) (model.Campaign, error) {
	row := model.Campaign{
		ID: model.NewID(), AccountID: actor.AccountID, StoreID: in.StoreID, State: model.CampaignDraft, CreatedBy: actor.StaffID, Version: 1,
		OutcomeDays: 14,
	}
	switch {
	case actor.Is(model.RoleManager):
		if in.StoreID != "" && in.StoreID != actor.StoreID {
			return row, fault.Missing("store_id")
		}
		row.StoreID = actor.StoreID
	case !actor.Is(model.RoleOwner):
		return row, fault.New(fault.Forbidden, "role")
	}
	for field, missing := range map[string]bool{
		"name": in.Name == nil, "filter": in.Filter == nil && in.SegmentID == nil, "content": in.Content == nil, "channels": in.Channels == nil,
	} {
		if missing {
			return row, fault.Input(field, "required")
		}
	}
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		if row.StoreID != "" {
			var n int64
			if err := tx.Model(&model.Store{}).Where("id = ? AND account_id = ?", row.StoreID, actor.AccountID).Count(&n).Error; err != nil {
				return fmt.Errorf("find a store: %w", err)
			}
			if n == 0 {
				return fault.Missing("store_id")
			}
		}
		if err := in.fill(tx, actor, &row); err != nil {
			return err
		}
		row.CreatedAt, row.UpdatedAt = tx.Millis(), tx.Millis()
		if err := tx.Create(&row).Error; err != nil {
			return fmt.Errorf("write a campaign: %w", err)
		}
		return s.audit.RecordTx(tx, actor, entry("campaign.create", row))
	})
	return row, err
}

// fill sets what an edit says.
func (in Edit) fill(tx *database.Tx, actor access.Actor, row *model.Campaign) error {
	if in.Name != nil {
		row.Name = strings.TrimSpace(*in.Name)
		switch {
		case row.Name == "":
			return fault.Input("name", "required")
		case !utf8.ValidString(row.Name) || utf8.RuneCountInString(row.Name) > model.MaxCampaignName:
			return fault.Input("name", "too_long")
		}
	}
	if in.Control != nil {
		if row.Control = *in.Control; row.Control < 0 || row.Control > model.MaxControl {
			return fault.Input("control", "range")
		}
	}
	if in.OutcomeDays != nil {
		if row.OutcomeDays = *in.OutcomeDays; row.OutcomeDays < 1 || row.OutcomeDays > model.MaxOutcomeDays {
			return fault.Input("outcome_days", "range")
		}
	}
	if err := in.fillFilter(tx, actor, row); err != nil {
		return err
	}
	if in.Channels != nil {
		row.Channels = strings.Join(in.Channels, ",")
	}
	var content model.CampaignContent
	if in.Content != nil {
		content = *in.Content
	} else {
		var err error
		if content, err = readContent(*row); err != nil {
			return err
		}
	}
	if err := checkContent(content, strings.Split(row.Channels, ",")); err != nil {
		return err
	}
	text, err := json.Marshal(content)
	if err != nil {
		return fmt.Errorf("keep the content of a campaign: %w", err)
	}
	row.Content = string(text)
	return nil
}

// fillFilter takes a filter over, or that of a segment the actor finds: a segment that changes later changes no campaign.
func (in Edit) fillFilter(tx *database.Tx, actor access.Actor, row *model.Campaign) error {
	switch {
	case in.Filter != nil && in.SegmentID != nil:
		return fault.Input("filter", "one_of")
	case in.Filter != nil:
		if err := in.Filter.Check(); err != nil {
			return err
		}
		row.Filter, row.SegmentID = in.Filter.String(), ""
	case in.SegmentID != nil:
		saved, err := segment.FindTx(tx, actor, *in.SegmentID)
		if err != nil {
			return err
		}
		row.Filter, row.SegmentID = saved.Filter, saved.ID
	}
	return nil
}

// hold finds a campaign that the actor may change, and keeps others from it until the end.
func (s *Service) hold(tx *database.Tx, actor access.Actor, id string) (model.Campaign, error) {
	var row model.Campaign
	scope := inReach(actor)
	err := tx.Lock().Where(scope.SQL, scope.Args...).First(&row, "id = ?", id).Error
	if database.IsNotFound(err) {
		return row, notFound()
	}
	if err != nil {
		return row, fmt.Errorf("find a campaign: %w", err)
	}
	if !mayChange(actor, row) {
		return row, fault.New(fault.Forbidden, "role")
	}
	return row, nil
}

// step changes a campaign in one of some states, tells and records it.
func (s *Service) step(ctx context.Context, actor access.Actor, id, action string, from []string, f func(*database.Tx, *model.Campaign) error) (model.Campaign, error) {
	var row model.Campaign
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		var err error
		if row, err = s.hold(tx, actor, id); err != nil {
			return err
		}
		if !slices.Contains(from, row.State) {
			return wrongState(row)
		}
		if err := f(tx, &row); err != nil {
			return err
		}
		row.UpdatedAt = tx.Millis()
		if err := tx.Save(&row).Error; err != nil {
			return fmt.Errorf("change a campaign: %w", err)
		}
		s.tell(tx, row)
		tx.AfterCommit(func(context.Context) { s.wake() })
		return s.audit.RecordTx(tx, actor, entry(action, row))
	})
	return row, err
}

// Change changes a draft; one that was approved becomes a draft again. Changed since it was read: Conflict
// changed_meanwhile; already running or over: Conflict wrong_state.
func (s *Service) Change(ctx context.Context, actor access.Actor, id string, in Edit) (model.Campaign, error) {
	return s.step(ctx, actor, id, "campaign.update", []string{model.CampaignDraft, model.CampaignApproved, model.CampaignScheduled},
		func(tx *database.Tx, row *model.Campaign) error {
			if in.Version != 0 && in.Version != row.Version {
				return fault.New(fault.Conflict, "changed_meanwhile")
			}
			if err := in.fill(tx, actor, row); err != nil {
				return err
			}
			row.Version++
			row.State, row.ApprovedBy, row.ApprovedAt, row.StartAt = model.CampaignDraft, "", 0, 0
			return nil
		})
}

// Approve says that a draft may go out as it is now (H9). version is the one that was read: what was changed since is a
// Conflict changed_meanwhile.
func (s *Service) Approve(ctx context.Context, actor access.Actor, id string, version int64) (model.Campaign, error) {
	return s.step(ctx, actor, id, "campaign.approve", []string{model.CampaignDraft}, func(tx *database.Tx, row *model.Campaign) error {
		if version != row.Version {
			return fault.New(fault.Conflict, "changed_meanwhile")
		}
		row.State, row.ApprovedBy, row.ApprovedAt = model.CampaignApproved, actor.StaffID, tx.Millis()
		return nil
	})
}

// Schedule sets when an approved campaign starts, Unix milliseconds; 0 = now. In the past: input start_at:past.
func (s *Service) Schedule(ctx context.Context, actor access.Actor, id string, at int64) (model.Campaign, error) {
	return s.step(ctx, actor, id, "campaign.schedule", []string{model.CampaignApproved, model.CampaignScheduled}, func(tx *database.Tx, row *model.Campaign) error {
		if at != 0 && at < tx.Millis() {
			return fault.Input("start_at", "past")
		}
		row.State, row.StartAt = model.CampaignScheduled, max(at, tx.Millis())
		return nil
	})
}

// Pause stops a running campaign. What is queued and has not left goes back and waits; mass jobs that have not left stay
// as they are, none of them leaves.
func (s *Service) Pause(ctx context.Context, actor access.Actor, id string) (model.Campaign, error) {
	return s.step(ctx, actor, id, "campaign.pause", []string{model.CampaignRunning}, func(tx *database.Tx, row *model.Campaign) error {
		row.State, row.Reason = model.CampaignPaused, "by_hand"
		return s.takeBack(tx, *row, model.RecipientWaiting)
	})
}

// Resume goes on where a paused campaign stopped.
func (s *Service) Resume(ctx context.Context, actor access.Actor, id string) (model.Campaign, error) {
	return s.step(ctx, actor, id, "campaign.resume", []string{model.CampaignPaused}, func(_ *database.Tx, row *model.Campaign) error {
		row.State, row.Reason, row.Errors = model.CampaignRunning, "", 0
		return nil
	})
}

// Cancel ends a campaign for good. Who has not been sent anything gets nothing.
func (s *Service) Cancel(ctx context.Context, actor access.Actor, id string) (model.Campaign, error) {
	from := []string{model.CampaignDraft, model.CampaignApproved, model.CampaignScheduled, model.CampaignRunning, model.CampaignPaused}
	return s.step(ctx, actor, id, "campaign.cancel", from, func(tx *database.Tx, row *model.Campaign) error {
		if err := s.takeBack(tx, *row, model.RecipientCancelled); err != nil {
			return err
		}
		if err := s.dropMass(tx, *row); err != nil {
			return err
		}
		row.State, row.Reason, row.Phase, row.FinishedAt = model.CampaignCancelled, "", "", tx.Millis()
		more, err := crossOut(tx, row.ID)
		if more {
			row.Phase = model.CampaignClearing // the loop does the others: nobody waits for hundreds of thousands of rows
		}
		return err
	})
}

// crossOut cancels the next recipients who wait, and tells whether there may be more.
func crossOut(tx *database.Tx, campaignID string) (more bool, err error) {
	var ids []string
	err = tx.Model(&model.Recipient{}).Where("campaign_id = ? AND state = ?", campaignID, model.RecipientWaiting).
		Order("due_at, member_id").Limit(crossAtOnce).Pluck("member_id", &ids).Error
	if err != nil {
		return false, fmt.Errorf("find recipients to cancel: %w", err)
	}
	for chunk := range slices.Chunk(ids, rowsAtOnce) {
		err := tx.Model(&model.Recipient{}).Where("campaign_id = ? AND member_id IN ? AND state = ?", campaignID, chunk, model.RecipientWaiting).
			Update("state", model.RecipientCancelled).Error
		if err != nil {
			return false, fmt.Errorf("cancel recipients: %w", err)
		}
	}
	return len(ids) == crossAtOnce, nil
}

// clear crosses out the next recipients of a cancelled campaign.
func (s *Service) clear(tx *database.Tx, c model.Campaign) (more bool, err error) {
	if more, err = crossOut(tx, c.ID); err != nil || more {
		return more, err
	}
	return false, s.set(tx, c, map[string]any{"phase": ""})
}

// takeBack withdraws what is queued and has not left. What is on its way to WeChat at this moment arrives.
func (s *Service) takeBack(tx *database.Tx, c model.Campaign, state string) error {
	taken, err := s.delivery.TakeBackTx(tx, c.ID)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(taken, rowsAtOnce) {
		err := tx.Model(&model.Recipient{}).Where("campaign_id = ? AND state = ? AND delivery_id IN ?", c.ID, model.RecipientQueued, chunk).
			Updates(map[string]any{"state": state, "delivery_id": "", "channel": ""}).Error
		if err != nil {
			return fmt.Errorf("take recipients back: %w", err)
		}
	}
	return nil
}
