package member

import (
	"fmt"
	"slices"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/feed"
)

// Subject is whose data an erasure is about: the rows of one person. Members has him and all who were merged into him.
type Subject struct {
	Members       []string `json:"members"`
	Followers     []string `json:"followers"`
	Conversations []string `json:"conversations"`
	// OpenIDs are known until his identity is gone, and nowhere written down.
	OpenIDs []string `json:"-"`
}

// SubjectOf finds the rows of a person.
func SubjectOf(db *gorm.DB, memberID string) (Subject, error) {
	s := Subject{Members: []string{memberID}}
	for asked := s.Members; len(asked) > 0; {
		var merged []string
		err := db.Model(&model.Merge{}).Where("into_member_id IN ? AND undone_at = 0", asked).Pluck("from_member_id", &merged).Error
		if err != nil {
			return s, fmt.Errorf("find who was merged into a member: %w", err)
		}
		asked = nil
		for _, id := range merged {
			if !slices.Contains(s.Members, id) {
				s.Members, asked = append(s.Members, id), append(asked, id)
			}
		}
	}
	var followers []model.Follower
	if err := db.Where("member_id IN ?", s.Members).Order("id").Find(&followers).Error; err != nil {
		return s, fmt.Errorf("find followers: %w", err)
	}
	for _, f := range followers {
		s.Followers, s.OpenIDs = append(s.Followers, f.ID), append(s.OpenIDs, f.OpenID)
	}
	err := db.Model(&model.Conversation{}).Where("member_id IN ?", s.Members).Order("id").Pluck("id", &s.Conversations).Error
	if err != nil {
		return s, fmt.Errorf("find conversations: %w", err)
	}
	return s, nil
}

// LockTx locks the rows of a person in the order that holds everywhere, and finds them once more: nothing of his changes
// hands any more. Who was merged into another, or erased, meanwhile has no rows: then it gives none.
func (s *Service) LockTx(tx *database.Tx, memberID string) (model.Member, Subject, error) {
	var m model.Member
	subject, err := SubjectOf(tx.DB, memberID)
	if err != nil {
		return m, subject, err
	}
	var rows []model.Member
	if err := tx.Lock().Where("id IN ?", subject.Members).Order("id").Find(&rows).Error; err != nil {
		return m, subject, fmt.Errorf("lock members: %w", err)
	}
	for _, row := range rows {
		if row.ID == memberID {
			m = row
		}
	}
	if m.ID == "" || m.MergedInto != "" {
		return m, Subject{}, nil
	}
	if subject, err = SubjectOf(tx.DB, memberID); err != nil {
		return m, subject, err
	}
	var locked []string
	if err := tx.Lock().Model(&model.Conversation{}).Where("id IN ?", subject.Conversations).Order("id").Pluck("id", &locked).Error; err != nil {
		return m, subject, fmt.Errorf("lock conversations: %w", err)
	}
	return m, subject, nil
}

// EraseTx takes a person's identity away, whose rows LockTx has locked: nobody serves him, nothing is left to do about him,
// no phone, card or openid leads to him, and no list shows him. It tells how many rows it changed, by table.
func (s *Service) EraseTx(tx *database.Tx, actor access.Actor, m model.Member, subject Subject) (map[string]int64, error) {
	if err := s.endTodosTx(tx, m, subject); err != nil {
		return nil, err
	}
	if _, err := s.AssignTx(tx, actor, &m, Assign{}); err != nil {
		return nil, err
	}
	n := map[string]int64{}
	for _, step := range []struct {
		table, statement string
		args             []any
	}{
		{"member_access", "DELETE FROM member_access WHERE member_id IN ?", []any{subject.Members}},
		{"member_identities", "DELETE FROM member_identities WHERE member_id IN ?", []any{subject.Members}},
		{"merges", "DELETE FROM merges WHERE from_member_id IN ? OR into_member_id IN ?", []any{subject.Members, subject.Members}},
		{"conversations", "DELETE FROM conversations WHERE id IN ?", []any{subject.Conversations}},
		{
			"members", "UPDATE members SET name = '', initials = '', phone_sealed = NULL, phone_tail_hash = '', card_no = '', level = '', points = 0, " +
				"merged_into = ?, updated_at = ? WHERE id IN ?", []any{model.Erased, tx.Millis(), subject.Members},
		},
	} {
		r := tx.Exec(step.statement, step.args...)
		if r.Error != nil {
			return nil, fmt.Errorf("erase from %s: %w", step.table, r.Error)
		}
		n[step.table] = r.RowsAffected
	}
	for _, id := range subject.Followers {
		r := tx.Model(&model.Follower{}).Where("id = ?", id).
			Updates(map[string]any{"openid": model.ErasedOpenID(), "kind": model.FollowerErased, "subscribed": false})
		if r.Error != nil {
			return nil, fmt.Errorf("erase an openid: %w", r.Error)
		}
		n["followers"] += r.RowsAffected
	}
	return n, nil
}

// endTodosTx ends the open to-dos about a person: there is nobody to call any more.
func (s *Service) endTodosTx(tx *database.Tx, m model.Member, subject Subject) error {
	var staff []string
	open := tx.Model(&model.Todo{}).Where("member_id IN ? AND done_at = 0", subject.Members)
	if err := open.Distinct().Pluck("staff_id", &staff).Error; err != nil || len(staff) == 0 {
		return err
	}
	err := tx.Model(&model.Todo{}).Where("member_id IN ? AND done_at = 0", subject.Members).
		Updates(map[string]any{"done_at": tx.Millis(), "result": model.TodoNotNeeded}).Error
	if err != nil {
		return fmt.Errorf("end to-dos: %w", err)
	}
	for _, id := range staff {
		if id != "" {
			s.feed.PublishTx(tx, feed.Event{AccountID: m.AccountID, Kind: "todo"}, feed.Staff(id))
		}
	}
	return nil
}
