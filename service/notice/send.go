package notice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/worker"
	"liuke/wechat"
)

const (
	sendAtOnce = 8                // calls under way on one instance
	claimMost  = 64               // notices that one look takes
	sendLease  = 11 * time.Second // a call takes at most 8 s
	minGap     = time.Minute      // between two notices about one member
	maxTries   = 3
	// worthFor is how long a notice is worth sending; WeChat knows its client_msg_id for as long (fact page, section 6),
	// so that a repeat after a crash does no harm.
	worthFor = 9 * time.Minute
)

// nameless stands for a member without a name; it is read by staff in WeChat, whose templates are Chinese.
const nameless = "会员"

// send takes the notices that are due.
func (s *Service) send(ctx context.Context) error {
	now, above := worker.Lapsed(s.db.Now(), sendLease)
	_, err := s.db.Exec(ctx, "UPDATE notices SET state = ?, owner = '', lease_until = 0 WHERE state = ? AND (lease_until < ? OR lease_until > ?)",
		model.StateQueued, model.StateSending, now, above)
	if err != nil {
		return fmt.Errorf("take lost notices back: %w", err)
	}
	var due []model.Notice
	err = s.db.Read(ctx).Where("state = ? AND due_at <= ?", model.StateQueued, now).Order("due_at, id").Limit(claimMost).Find(&due).Error
	if err != nil {
		return fmt.Errorf("read due notices: %w", err)
	}
	var all sync.WaitGroup
	slots := make(chan struct{}, sendAtOnce)
	errs := make([]error, len(due))
	for i, n := range due {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			errs[i] = s.one(ctx, n)
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// one decides about a notice and sends it if it is worth it.
func (s *Service) one(ctx context.Context, n model.Notice) error {
	m, claimed, err := s.claim(ctx, &n)
	if err != nil || !claimed {
		return err
	}
	credentials, err := s.deps.Accounts.Credentials(ctx, n.AccountID)
	if err != nil {
		return err
	}
	_, err = s.deps.WeChat.Account(credentials).SendTemplate(ctx, m)
	return s.settle(context.WithoutCancel(ctx), n, err)
}

// claim looks at how things stand now and takes the notice if it shall leave now. It holds the person's link while it
// does: of two notices to one phone that are due at the same time, on whatever instances, the second sees the first.
func (s *Service) claim(ctx context.Context, n *model.Notice) (m wechat.TemplateMessage, claimed bool, err error) {
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		claimed = false
		var links []model.StaffLink
		if err := tx.Lock().Where("staff_id = ?", n.StaffID).Find(&links).Error; err != nil {
			return fmt.Errorf("hold the link of a person: %w", err)
		}
		var c model.Conversation
		if err := tx.First(&c, "id = ?", n.ConversationID).Error; err != nil {
			return fmt.Errorf("read conversation: %w", err)
		}
		opens, over, err := s.hours(tx, c, *n)
		if err != nil {
			return err
		}
		if c.WaitingSince == 0 || c.Unread == 0 || c.ClerkID != n.StaffID || over > worthFor {
			return change(tx, *n, map[string]any{"state": model.NoticeDropped, "reason": "not_waiting"})
		}
		if opens > tx.Millis() {
			return change(tx, *n, map[string]any{"due_at": opens})
		}
		later, err := s.later(tx, *n)
		if err != nil {
			return err
		}
		if later > 0 {
			return change(tx, *n, map[string]any{"due_at": later})
		}
		var reason string
		if m, reason, err = s.compose(tx, *n); err != nil {
			return err
		}
		if reason != "" {
			return change(tx, *n, map[string]any{"state": model.NoticeDropped, "reason": reason})
		}
		r := tx.Model(&model.Notice{}).Where("id = ? AND state = ?", n.ID, model.StateQueued).Updates(map[string]any{
			"state": model.StateSending, "owner": s.deps.Owner, "lease_until": tx.Now.Add(sendLease).UnixMilli(), "tries": n.Tries + 1, "due_at": tx.Millis(),
		})
		if r.Error != nil || r.RowsAffected == 0 {
			return r.Error
		}
		claimed = true
		// what else waits to tell the same person of the same member is told by this one
		err = tx.Model(&model.Notice{}).
			Where("staff_id = ? AND member_id = ? AND state = ? AND id <> ?", n.StaffID, n.MemberID, model.StateQueued, n.ID).
			Updates(map[string]any{"state": model.NoticeDropped, "reason": "grouped"}).Error
		if err != nil {
			return fmt.Errorf("group notices: %w", err)
		}
		return nil
	})
	if claimed {
		n.Tries++
	}
	return m, claimed, err
}

// hours tells when the store is open, from now on, and how much of the time for which a notice is worth sending is over:
// while the store is closed it waits. One that was tried already waits for no opening: WeChat would no longer know the
// repeat.
func (s *Service) hours(tx *database.Tx, c model.Conversation, n model.Notice) (opens int64, over time.Duration, err error) {
	if n.Tries > 0 {
		return 0, tx.Now.Sub(time.UnixMilli(n.DueAt)), nil
	}
	waits, err := s.deps.Staff.WaitsTx(tx, c.AccountID, c.StoreID)
	hours := waits.Hours(c.StoreID)
	return hours.Opens(tx.Now).UnixMilli(), hours.Between(time.UnixMilli(n.CreatedAt), tx.Now), err
}

func change(tx *database.Tx, n model.Notice, columns map[string]any) error {
	if err := tx.Model(&model.Notice{}).Where("id = ? AND state = ?", n.ID, model.StateQueued).Updates(columns).Error; err != nil {
		return fmt.Errorf("change a notice: %w", err)
	}
	return nil
}

// later says when to look again, 0 for now: not while the app is open, and not within a minute of the last one.
func (s *Service) later(tx *database.Tx, n model.Notice) (int64, error) {
	var seen []int64
	if err := tx.Model(&model.Staff{}).Where("id = ?", n.StaffID).Pluck("seen_at", &seen).Error; err != nil {
		return 0, fmt.Errorf("read when a person was seen: %w", err)
	}
	if len(seen) == 1 && seen[0] > tx.Millis()-AsleepAfter.Milliseconds() {
		return seen[0] + AsleepAfter.Milliseconds(), nil
	}
	var last []int64
	err := tx.Model(&model.Notice{}).
		Where("staff_id = ? AND member_id = ? AND id <> ? AND state IN ?", n.StaffID, n.MemberID, n.ID, []string{model.StateSending, model.StateAccepted}).
		Order("due_at DESC").Limit(1).Pluck("due_at", &last).Error
	if err != nil {
		return 0, fmt.Errorf("find the last notice: %w", err)
	}
	if len(last) == 1 && last[0] > tx.Millis()-minGap.Milliseconds() {
		return last[0] + minGap.Milliseconds(), nil
	}
	return 0, nil
}

// compose writes the notice: the member's name and a link, nothing of what he wrote. reason says why there is none.
func (s *Service) compose(tx *database.Tx, n model.Notice) (m wechat.TemplateMessage, reason string, err error) {
	settings, err := settingsOf(tx.DB, n.AccountID)
	if err != nil {
		return m, "", err
	}
	var openIDs, names []string
	err = tx.Table("staff_links").Joins("JOIN followers ON followers.id = staff_links.follower_id").
		Joins("JOIN staff ON staff.id = staff_links.staff_id").
		Where("staff_links.staff_id = ? AND staff.active = ?", n.StaffID, true).Pluck("followers.openid", &openIDs).Error
	if err != nil {
		return m, "", fmt.Errorf("find the phone of a person: %w", err)
	}
	if err := tx.Model(&model.Member{}).Where("id = ?", n.MemberID).Pluck("name", &names).Error; err != nil {
		return m, "", fmt.Errorf("read a name: %w", err)
	}
	switch {
	case settings.TemplateID == "":
		return m, "no_template", nil
	case len(openIDs) == 0:
		return m, "not_linked", nil
	}
	name := nameless
	if len(names) == 1 && strings.TrimSpace(names[0]) != "" {
		name = cut(names[0], wechat.MaxThing)
	}
	return wechat.TemplateMessage{
		ToUser: openIDs[0], TemplateID: settings.TemplateID, ClientMsgID: n.ID,
		URL:  strings.TrimSuffix(s.deps.PublicURL, "/") + "/app/chats/" + n.ConversationID,
		Data: map[string]string{settings.Field: name},
	}, "", nil
}

func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}

// settle writes down what WeChat said. Who cannot be reached any more is no longer linked.
func (s *Service) settle(ctx context.Context, n model.Notice, sent error) error {
	state, reason, due, unlink := model.StateAccepted, "", n.DueAt, false
	var e *wechat.Error
	switch {
	case sent == nil:
		due = s.db.Now().UnixMilli()
	case !errors.As(sent, &e):
		state, reason = model.StateRefused, "internal"
	default:
		state, reason = model.StateRefused, e.Reason
		unlink = reason == "unsubscribed" || reason == "bad_openid" || reason == "blacklisted"
		retry := e.Reaction == wechat.ReactRetryLater || e.Reaction == wechat.ReactRetryOnce || e.Reaction == wechat.ReactSlow
		if retry && n.Tries < maxTries {
			state, due = model.StateQueued, s.db.Now().Add(time.Duration(n.Tries)*10*time.Second).UnixMilli()
		}
		s.deps.Log.LogAttrs(ctx, slog.LevelWarn, "wechat refused a notice", slog.String("notice_id", n.ID),
			slog.Int("errcode", e.Code), slog.String("rid", e.RID), slog.String("reason", e.Reason))
	}
	if e != nil && e.Reaction == wechat.ReactStopAccount {
		if err := s.deps.Accounts.StopSending(ctx, n.AccountID, e.Reason); err != nil {
			return err
		}
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		r := tx.Model(&model.Notice{}).Where("id = ? AND state = ? AND owner = ?", n.ID, model.StateSending, s.deps.Owner).
			Updates(map[string]any{"state": state, "reason": reason, "due_at": due, "owner": "", "lease_until": 0})
		if r.Error != nil {
			return fmt.Errorf("settle a notice: %w", r.Error)
		}
		if r.RowsAffected == 0 || !unlink {
			return nil
		}
		return s.deps.Members.UnlinkStaffTx(tx, n.StaffID)
	})
}
