package member

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// SetTags puts these tags on a member in place of those he had (B8), and gives them in order.
func (s *Service) SetTags(ctx context.Context, actor access.Actor, id string, tags []string) ([]string, error) {
	wanted, err := cleanTags(tags)
	if err != nil {
		return nil, err
	}
	return s.retag(ctx, actor, id, func([]string) ([]string, error) { return wanted, nil })
}

// ChangeTags puts tags on a member and takes others off, and gives all of them in order. What colleagues put on
// meanwhile stays.
func (s *Service) ChangeTags(ctx context.Context, actor access.Actor, id string, add, remove []string) ([]string, error) {
	add, err := cleanTags(add)
	if err != nil {
		return nil, err
	}
	for i := range remove {
		remove[i] = strings.TrimSpace(remove[i])
	}
	return s.retag(ctx, actor, id, func(had []string) ([]string, error) {
		left := slices.DeleteFunc(slices.Clone(had), func(t string) bool { return slices.Contains(remove, t) })
		return cleanTags(append(left, add...))
	})
}

// retag gives a member the tags that follow from those he has.
func (s *Service) retag(ctx context.Context, actor access.Actor, id string, follow func(had []string) ([]string, error)) ([]string, error) {
	if _, err := s.find(ctx, actor, id); err != nil {
		return nil, err
	}
	var wanted []string
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		m, err := s.lock(tx, actor, id)
		if err != nil {
			return err
		}
		var had []string
		if err := tx.Model(&model.Tag{}).Where("member_id = ?", m.ID).Order("tag").Pluck("tag", &had).Error; err != nil {
			return fmt.Errorf("read tags: %w", err)
		}
		if wanted, err = follow(had); err != nil {
			return err
		}
		if slices.Equal(had, wanted) {
			return nil
		}
		gone := slices.DeleteFunc(slices.Clone(had), func(t string) bool { return slices.Contains(wanted, t) })
		if len(gone) > 0 {
			if err := tx.Where("member_id = ? AND tag IN ?", m.ID, gone).Delete(&model.Tag{}).Error; err != nil {
				return fmt.Errorf("take tags off: %w", err)
			}
		}
		if err := addTags(tx, actor, m, wanted); err != nil {
			return err
		}
		s.notice(tx, "member", m, "")
		return s.audit.RecordTx(tx, actor, auditEntry("member.tags", m.ID, strconv.Itoa(len(wanted))))
	})
	return wanted, err
}

// cleanTags trims tags, drops repeated ones and puts them in order.
func cleanTags(tags []string) ([]string, error) {
	clean := make([]string, 0, len(tags))
	for _, t := range tags {
		t = strings.TrimSpace(t)
		if t == "" || !validWords(t, model.MaxTagRunes) {
			return nil, fault.Input("tags", "invalid")
		}
		clean = append(clean, t)
	}
	slices.Sort(clean)
	if clean = slices.Compact(clean); len(clean) > model.MaxTags {
		return nil, fault.Input("tags", "too_many")
	}
	return clean, nil
}

// addTags puts tags on a member; those he has stay as they are.
func addTags(tx *database.Tx, actor access.Actor, m model.Member, tags []string) error {
	if len(tags) == 0 {
		return nil
	}
	rows := make([]model.Tag, len(tags))
	for i, t := range tags {
		rows[i] = model.Tag{AccountID: m.AccountID, MemberID: m.ID, Tag: t, ByID: actor.StaffID, CreatedAt: tx.Millis()}
	}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error; err != nil {
		return fmt.Errorf("put tags on: %w", err)
	}
	return nil
}

// TagCount is a tag with how many members wear it.
type TagCount struct {
	Tag   string
	Count int64
}

// Tags pages through all tags of the account, in order, with how many of the members that the actor may see wear each.
// after is the last one seen.
func (s *Service) Tags(ctx context.Context, actor access.Actor, after string, limit int) ([]TagCount, string, error) {
	scope := actor.Members(s.db.Now().UnixMilli())
	var rows []TagCount
	// The scope may ask for other tables, which TiDB does not take in the condition of a join.
	err := s.db.Read(ctx).Model(&model.Tag{}).
		Select("member_tags.tag AS tag, COUNT(CASE WHEN "+scope.SQL+" THEN members.id END) AS count", scope.Args...).
		Joins("LEFT JOIN members ON members.id = member_tags.member_id AND members.merged_into = ''").
		Where("member_tags.account_id = ? AND member_tags.tag > ?", actor.AccountID, after).
		Group("member_tags.tag").Order("member_tags.tag").Limit(limit + 1).Scan(&rows).Error
	if err != nil {
		return nil, "", fmt.Errorf("count tags: %w", err)
	}
	if len(rows) > limit {
		return rows[:limit], rows[limit-1].Tag, nil
	}
	return rows, "", nil
}
