package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/inbound"
	"liuke/service/member"
)

// subject is whose data is erased. Recent are ids under which kept answers of calls may name him, see answers.
type subject struct {
	member.Subject

	Recent []string `json:"recent"`
}

// begun lets what is under way to and from a member end, and takes his identity away once nothing is.
func (s *Service) begun(ctx context.Context, was model.Erasure) error {
	if err := s.before("settle"); err != nil {
		return err
	}
	who, err := member.SubjectOf(s.db.Read(ctx), was.MemberID)
	if err != nil {
		return err
	}
	waits, err := s.settle(ctx, was, who)
	if err != nil || waits != "" {
		return s.waitFor(ctx, was, waits, err)
	}
	if err := s.before("cut"); err != nil {
		return err
	}
	return s.cut(ctx, was)
}

func (s *Service) waitFor(ctx context.Context, was model.Erasure, what string, failed error) error {
	if failed != nil {
		return failed
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		e, err := s.hold(tx, was)
		if err != nil {
			return err
		}
		e.WaitsFor, e.DueAt = what, tx.Millis()+waitMillis
		return save(tx, &e, part{})
	})
}

// settle withdraws what has not left for a member and tells what still has to be waited for: what he sent before the
// erasure was asked for is worked off first, or it would make him somebody new, and WeChat's answers to what was sent.
func (s *Service) settle(ctx context.Context, e model.Erasure, who member.Subject) (waits string, err error) {
	db := s.db.Read(ctx)
	until := firstID(e.AskedAt + 1)
	var journals int64
	if err := db.Model(&model.Journal{}).Where("oldest < ?", until).Count(&journals).Error; err != nil {
		return "", fmt.Errorf("look for journals: %w", err)
	}
	if journals > 0 {
		return model.WaitsForJournal, nil
	}
	for _, openID := range who.OpenIDs {
		lane := inbound.LaneOf(openID)
		var bundled, n int64
		err := errors.Join(
			db.Model(&model.PushBundle{}).Where("lane = ? AND id < ?", lane, until).Count(&bundled).Error, // maybe of others: they go soon
			db.Model(&model.Push{}).Where("state = ? AND lane = ? AND id < ? AND account_id = ? AND openid = ?",
				model.PushNew, lane, until, e.AccountID, openID).Count(&n).Error)
		if err != nil {
			return "", fmt.Errorf("look for pushes: %w", err)
		}
		if bundled+n > 0 {
			return model.WaitsForPushes, nil
		}
	}
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		if _, err := s.hold(tx, e); err != nil {
			return err
		}
		waits = ""
		if gone, err := s.stays(tx, e); err != nil || gone {
			return err // nothing of his is withdrawn: cut cancels it
		}
		texts, err := textMessages(tx.DB, e.AccountID, who)
		if err != nil {
			return err
		}
		withdrawn, err := s.delivery.EndTx(tx, who.Followers, texts)
		if err != nil {
			return err
		}
		if err := skip(tx, who, withdrawn); err != nil {
			return err
		}
		open, err := underWay(tx.DB, who, texts)
		if err == nil && open > 0 {
			waits = model.WaitsForSending
		}
		return err
	})
	return waits, err
}

// skip tells campaigns that what they had queued for a member was withdrawn.
func skip(tx *database.Tx, who member.Subject, withdrawn []string) error {
	err := tx.Model(&model.Recipient{}).Where("member_id IN ? AND delivery_id IN ? AND state = ?", who.Members, withdrawn, model.RecipientQueued).
		Updates(map[string]any{"state": model.RecipientSkipped, "reason": model.Erased}).Error
	if err != nil {
		return fmt.Errorf("tell campaigns: %w", err)
	}
	return nil
}

// underWay counts the deliveries to a member that may still leave or are leaving.
func underWay(db *gorm.DB, who member.Subject, texts []string) (int64, error) {
	var n int64
	err := db.Model(&model.Delivery{}).Where("(follower_id IN ? OR id IN ?) AND state IN ?", who.Followers, texts,
		[]string{model.StateQueued, model.StatePending, model.StateSending}).Count(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count what is under way: %w", err)
	}
	return n, nil
}

// textMessages finds the deliveries to a member that hang on no follower, by the keys that campaigns give them.
func textMessages(db *gorm.DB, accountID string, who member.Subject) ([]string, error) {
	var places []model.Recipient
	if err := db.Select("campaign_id", "member_id").Where("member_id IN ?", who.Members).Find(&places).Error; err != nil {
		return nil, fmt.Errorf("find a member's campaigns: %w", err)
	}
	var all []string
	for _, p := range places {
		key := "campaign/" + p.CampaignID + "/" + p.MemberID
		var ids []string // those between the key with a slash and the key with what follows a slash
		err := db.Model(&model.Delivery{}).Where("account_id = ? AND dedupe_key >= ? AND dedupe_key < ?", accountID, key+"/", key+"0").Pluck("id", &ids).Error
		if err != nil {
			return nil, fmt.Errorf("find text messages: %w", err)
		}
		all = append(all, ids...)
	}
	return all, nil
}

// stays reports whether somebody whose grace was over follows again, so that nothing is erased.
func (s *Service) stays(tx *database.Tx, e model.Erasure) (bool, error) {
	if e.Cause != model.EraseUnfollowed {
		return false, nil
	}
	var follows int64
	if err := tx.Model(&model.Follower{}).Where("member_id = ? AND subscribed", e.MemberID).Count(&follows).Error; err != nil {
		return false, fmt.Errorf("ask whether he follows: %w", err)
	}
	return follows > 0, nil
}

// cut takes a member's identity away in one transaction. What was written to him in this moment makes it wait once more;
// who follows again, or was merged into another file, is left alone.
func (s *Service) cut(ctx context.Context, was model.Erasure) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		e, err := s.hold(tx, was)
		if err != nil {
			return err
		}
		m, found, err := s.members.LockTx(tx, e.MemberID)
		if err != nil {
			return err
		}
		back, err := s.stays(tx, e)
		if err != nil {
			return err
		}
		if back || len(found.Members) == 0 {
			e.State, e.FinishedAt, e.DueAt, e.OpenMemberID, e.WaitsFor = model.ErasureCancelled, tx.Millis(), 0, nil, ""
			return save(tx, &e, part{})
		}
		texts, err := textMessages(tx.DB, e.AccountID, found)
		if err != nil {
			return err
		}
		open, err := underWay(tx.DB, found, texts)
		if err != nil {
			return err
		}
		if open > 0 {
			e.DueAt, e.WaitsFor = tx.Millis()+waitMillis, model.WaitsForSending
			return save(tx, &e, part{})
		}
		who := subject{Subject: found}
		if who.Recent, err = recent(tx, found); err != nil {
			return err
		}
		rows, err := s.cutOff(tx, e, m, found)
		if err != nil {
			return err
		}
		text, err := json.Marshal(who)
		if err != nil {
			return fmt.Errorf("write whose data an erasure is about: %w", err)
		}
		e.State, e.CutAt, e.DueAt, e.WaitsFor, e.Subject = model.ErasureErasing, tx.Millis(), tx.Millis(), "", string(text)
		return save(tx, &e, part{rows: rows})
	})
}

// cutOff erases what leads to a person, while his openids are still known.
func (s *Service) cutOff(tx *database.Tx, e model.Erasure, m model.Member, who member.Subject) (map[string]int64, error) {
	type statement struct {
		table, sql string
		args       []any
	}
	all := []statement{
		{"codes", "DELETE FROM codes WHERE member_id IN ?", []any{who.Members}},
		{"complaints", "UPDATE complaints SET closed_at = ? WHERE member_id IN ? AND closed_at = 0", []any{tx.Millis(), who.Members}},
	}
	for _, id := range who.OpenIDs {
		lane := inbound.LaneOf(id)
		all = append(all,
			statement{"subscription_grants", "DELETE FROM subscription_grants WHERE account_id = ? AND openid = ?", []any{e.AccountID, id}},
			statement{
				"pushes", "DELETE FROM pushes WHERE state = ? AND lane = ? AND account_id = ? AND openid = ?",
				[]any{model.PushAside, lane, e.AccountID, id},
			},
			statement{
				"pushes", "UPDATE pushes SET openid = '', body = NULL WHERE state = ? AND lane = ? AND account_id = ? AND openid = ?",
				[]any{model.PushDone, lane, e.AccountID, id},
			})
	}
	rows, err := s.members.EraseTx(tx, access.System(e.AccountID), m, who)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		r := tx.Exec(one.sql, one.args...)
		if r.Error != nil {
			return nil, fmt.Errorf("erase from %s: %w", one.table, r.Error)
		}
		if one.table != "complaints" { // its step counts them
			rows[one.table] += r.RowsAffected
		}
	}
	return rows, nil
}

// recentFor is how long the answers of calls are kept, and somewhat more.
const recentFor = 25 * time.Hour

// recent finds the ids of what was written to and about a member lately, by which kept answers of calls may name him.
func recent(tx *database.Tx, who member.Subject) ([]string, error) {
	since := tx.Now.Add(-recentFor).UnixMilli()
	var all []string
	for _, id := range who.Conversations {
		var ids []string
		err := tx.Model(&model.Message{}).Where("shard = ? AND conversation_id = ? AND at > ? AND author_kind = ?", model.Shard(id), id, since, model.ByStaff).
			Pluck("id", &ids).Error
		if err != nil {
			return nil, fmt.Errorf("find recent messages: %w", err)
		}
		all = append(all, ids...)
	}
	var notes []string
	if err := tx.Model(&model.Note{}).Where("member_id IN ? AND created_at > ?", who.Members, since).Pluck("id", &notes).Error; err != nil {
		return nil, fmt.Errorf("find recent notes: %w", err)
	}
	return append(all, notes...), nil
}

// firstID is the smallest id that could be made at a time.
func firstID(ms int64) string {
	return fmt.Sprintf("%08x-%04x-7000-8000-000000000000", uint64(ms)>>16, uint64(ms)&0xffff) //nolint:gosec // times are positive
}
