package member

import (
	"fmt"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/feed"
)

// Assign says who shall serve a member from now on.
type Assign struct {
	StoreID  string
	ClerkID  string // empty: the store's queue; with an empty store too: nobody's
	How      string // model.How…
	SourceID string // the code, handover … behind it
}

// AssignTx binds a member: the open binding is closed, the next one opened, and what is kept beside (member,
// conversations) follows. It reports whether anything changed. The member row must be current; it is updated in place.
func (s *Service) AssignTx(tx *database.Tx, actor access.Actor, m *model.Member, a Assign) (bool, error) {
	if m.StoreID == a.StoreID && m.ClerkID == a.ClerkID {
		return false, nil
	}
	now := max(tx.Millis(), m.BoundAt) // the clock of another instance may be ahead, or it waited less for its locks
	r := tx.Model(&model.Member{}).
		Where("id = ? AND store_id = ? AND clerk_id = ? AND merged_into = ''", m.ID, m.StoreID, m.ClerkID).
		Updates(map[string]any{"store_id": a.StoreID, "clerk_id": a.ClerkID, "bound_at": boundAt(a, now), "updated_at": now})
	if r.Error != nil {
		return false, fmt.Errorf("set owner of member: %w", r.Error)
	}
	if r.RowsAffected != 1 {
		return false, fault.New(fault.Conflict, "changed_meanwhile")
	}
	err := tx.Model(&model.Binding{}).Where("member_id = ? AND to_at = ?", m.ID, int64(model.OpenEnd)).Update("to_at", now).Error
	if err != nil {
		return false, fmt.Errorf("close binding: %w", err)
	}
	if a.ClerkID != "" {
		var last int64
		if err := tx.Model(&model.Binding{}).Where("member_id = ?", m.ID).Select("COALESCE(MAX(seq), 0)").Scan(&last).Error; err != nil {
			return false, fmt.Errorf("number the binding: %w", err)
		}
		b := model.Binding{
			ID: model.NewID(), AccountID: m.AccountID, MemberID: m.ID, Seq: last + 1, StoreID: a.StoreID, ClerkID: a.ClerkID,
			FromAt: now, ToAt: model.OpenEnd, How: a.How, ByKind: actor.Kind, ByID: actor.StaffID, SourceID: a.SourceID,
		}
		if err := tx.Create(&b).Error; err != nil {
			return false, fmt.Errorf("open binding: %w", err)
		}
	}
	err = tx.Model(&model.Conversation{}).Where("member_id = ?", m.ID).
		Updates(map[string]any{"store_id": a.StoreID, "clerk_id": a.ClerkID}).Error
	if err != nil {
		return false, fmt.Errorf("move conversations: %w", err)
	}
	before := *m
	m.StoreID, m.ClerkID, m.BoundAt, m.UpdatedAt = a.StoreID, a.ClerkID, boundAt(a, now), now
	if err := s.passTodosTx(tx, before, *m); err != nil {
		return false, err
	}
	return true, s.announce(tx, before, *m)
}

func boundAt(a Assign, now int64) int64 {
	if a.ClerkID == "" {
		return 0
	}
	return now
}

// announce tells who got and who lost a member. Who lost him learns only that his lists changed.
func (s *Service) announce(tx *database.Tx, before, after model.Member) error {
	var c []model.Conversation
	if err := tx.Where("member_id = ?", after.ID).Limit(1).Find(&c).Error; err != nil {
		return fmt.Errorf("find conversation: %w", err)
	}
	conversation := ""
	if len(c) > 0 {
		conversation = c[0].ID
	}
	lost := feed.Event{AccountID: after.AccountID, Kind: "scope"}
	if before.ClerkID != "" && before.ClerkID != after.ClerkID {
		s.feed.PublishTx(tx, lost, feed.Staff(before.ClerkID))
	}
	if before.ClerkID == "" && before.StoreID != "" {
		s.feed.PublishTx(tx, lost, feed.Queue(before.StoreID))
	}
	if before.StoreID != after.StoreID && before.StoreID != "" {
		s.feed.PublishTx(tx, lost, feed.Store(before.StoreID))
	}
	if before.StoreID == "" {
		s.feed.PublishTx(tx, lost, feed.Desk(after.AccountID))
	}
	kind := "member"
	if conversation != "" {
		kind = "conversation"
	}
	s.notice(tx, kind, after, conversation)
	return nil
}

// GrantTx lets a person serve a member who is not bound to him until a time; a grant that runs is prolonged.
func (s *Service) GrantTx(tx *database.Tx, m model.Member, staffID, kind, sourceID string, until time.Time) error {
	now := tx.Millis()
	r := tx.Model(&model.Access{}).
		Where("member_id = ? AND staff_id = ? AND kind = ? AND to_at > ?", m.ID, staffID, kind, now).
		Update("to_at", until.UnixMilli())
	if r.Error != nil {
		return fmt.Errorf("prolong access: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		grant := model.Access{
			ID: model.NewID(), AccountID: m.AccountID, MemberID: m.ID, StaffID: staffID, Kind: kind,
			FromAt: now, ToAt: until.UnixMilli(), SourceID: sourceID,
		}
		if err := tx.Create(&grant).Error; err != nil {
			return fmt.Errorf("grant access: %w", err)
		}
	}
	s.feed.PublishTx(tx, feed.Event{AccountID: m.AccountID, Kind: "member", MemberID: m.ID}, feed.Staff(staffID))
	return nil
}

// ServersTx lists who serves each of the members now beside their clerks: guests, substitutes, take-overs.
func (s *Service) ServersTx(tx *database.Tx, memberIDs []string) (map[string][]string, error) {
	if len(memberIDs) == 0 {
		return nil, nil
	}
	var grants []model.Access
	err := tx.Where("member_id IN ? AND to_at > ? AND from_at <= ?", memberIDs, tx.Millis(), tx.Millis()).Find(&grants).Error
	if err != nil {
		return nil, fmt.Errorf("find grants: %w", err)
	}
	servers := map[string][]string{}
	for _, g := range grants {
		servers[g.MemberID] = append(servers[g.MemberID], g.StaffID)
	}
	return servers, nil
}
