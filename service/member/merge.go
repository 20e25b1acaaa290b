package member

import (
	"encoding/json"
	"fmt"
	"strings"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
)

// moved is what a merge took along, kept so that it can be taken back.
type moved struct {
	Followers     []string `json:"followers"`
	Conversations []string `json:"conversations"`
	Identities    []string `json:"identities"` // kind:value
	StoreID       string   `json:"store_id"`
	ClerkID       string   `json:"clerk_id"`
}

// MergeTx moves the identities of one member to another and retires the first. Conversations go along with their
// follower; no message is touched. The binding of the remaining member wins; if he has none he takes over the other's.
// Two followers never become one member: then it is a Conflict two_followers.
func (s *Service) MergeTx(tx *database.Tx, actor access.Actor, from, into *model.Member, how, sourceID string) error {
	if from.ID == into.ID {
		return nil
	}
	var m moved
	followers := func(id string) ([]string, error) {
		var ids []string
		return ids, tx.Model(&model.Follower{}).Where("member_id = ?", id).Pluck("id", &ids).Error
	}
	theirs, err := followers(into.ID)
	if err != nil {
		return fmt.Errorf("find followers: %w", err)
	}
	if m.Followers, err = followers(from.ID); err != nil {
		return fmt.Errorf("find followers: %w", err)
	}
	if len(theirs) > 0 && len(m.Followers) > 0 {
		return fault.New(fault.Conflict, "two_followers")
	}
	if err := s.moveIdentities(tx, from, into, &m); err != nil {
		return err
	}
	m.StoreID, m.ClerkID = from.StoreID, from.ClerkID
	if err := s.inherit(tx, actor, from, into, how, sourceID); err != nil {
		return err
	}
	record, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("record merge: %w", err)
	}
	merge := model.Merge{
		ID: model.NewID(), AccountID: into.AccountID, FromMemberID: from.ID, IntoMemberID: into.ID,
		ByID: actor.StaffID, Moved: string(record), CreatedAt: tx.Millis(),
	}
	if err := tx.Create(&merge).Error; err != nil {
		return fmt.Errorf("record merge: %w", err)
	}
	return s.audit.RecordTx(tx, actor, auditEntry("member.merge", into.ID, "from:"+from.ID))
}

// inherit retires one member and lets the other take over his place where he has none of his own.
func (s *Service) inherit(tx *database.Tx, actor access.Actor, from, into *model.Member, how, sourceID string) error {
	place := Assign{StoreID: from.StoreID, ClerkID: from.ClerkID, How: how, SourceID: sourceID}
	if _, err := s.AssignTx(tx, actor, from, Assign{}); err != nil {
		return err
	}
	r := tx.Model(&model.Member{}).Where("id = ? AND merged_into = ''", from.ID).
		Updates(map[string]any{"merged_into": into.ID, "updated_at": tx.Millis()})
	if r.Error != nil || r.RowsAffected != 1 {
		return fmt.Errorf("retire merged member (%d rows): %w", r.RowsAffected, r.Error)
	}
	from.MergedInto = into.ID
	if into.ClerkID == "" && (place.ClerkID != "" || into.StoreID == "" && place.StoreID != "") {
		_, err := s.AssignTx(tx, actor, into, place)
		return err
	}
	return s.announce(tx, model.Member{AccountID: into.AccountID, StoreID: into.StoreID, ClerkID: into.ClerkID}, *into)
}

func (s *Service) moveIdentities(tx *database.Tx, from, into *model.Member, m *moved) error {
	if err := tx.Model(&model.Conversation{}).Where("member_id = ?", from.ID).Pluck("id", &m.Conversations).Error; err != nil {
		return fmt.Errorf("find conversations: %w", err)
	}
	var identities []model.Identity
	if err := tx.Where("account_id = ? AND member_id = ?", from.AccountID, from.ID).Find(&identities).Error; err != nil {
		return fmt.Errorf("find identities: %w", err)
	}
	for _, i := range identities {
		m.Identities = append(m.Identities, i.Kind+":"+i.Value)
	}
	err := tx.Model(&model.Follower{}).Where("member_id = ?", from.ID).Update("member_id", into.ID).Error
	if err != nil {
		return fmt.Errorf("move follower: %w", err)
	}
	err = tx.Model(&model.Conversation{}).Where("member_id = ?", from.ID).
		Updates(map[string]any{"member_id": into.ID, "store_id": into.StoreID, "clerk_id": into.ClerkID}).Error
	if err != nil {
		return fmt.Errorf("move conversation: %w", err)
	}
	err = tx.Model(&model.Identity{}).Where("account_id = ? AND member_id = ?", from.AccountID, from.ID).Update("member_id", into.ID).Error
	if err != nil {
		return fmt.Errorf("move identities: %w", err)
	}
	take := map[string]any{}
	if len(into.PhoneSealed) == 0 && len(from.PhoneSealed) > 0 {
		take["phone_sealed"], take["phone_tail_hash"] = from.PhoneSealed, from.PhoneTailHash
	}
	if into.CardNo == "" && from.CardNo != "" {
		take["card_no"] = from.CardNo
	}
	if strings.TrimSpace(into.Name) == "" && from.Name != "" {
		take["name"], take["initials"] = from.Name, from.Initials
	}
	if len(take) == 0 {
		return nil
	}
	if err := tx.Model(&model.Member{}).Where("id = ?", into.ID).Updates(take).Error; err != nil {
		return fmt.Errorf("take over file: %w", err)
	}
	return tx.First(into, "id = ?", into.ID).Error
}
