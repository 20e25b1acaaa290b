package member

import (
	"encoding/json"
	"fmt"
	"strings"

	"gorm.io/gorm"

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
	StoreID       string   `json:"store_id"`   // of the one who was merged, until then
	ClerkID       string   `json:"clerk_id"`
	Took          []string `json:"took"`            // columns of the file that the remaining one lacked
	Tags          []string `json:"tags"`            // tags he lacked
	Todos         []string `json:"todos"`           // open to-dos about him
	Class         bool     `json:"class"`           // he had no class and took over the other's
	Family        bool     `json:"family"`          // he had no family and joined the other's
	Inherited     bool     `json:"inherited"`       // he had no clerk and took over the other's
	BeforeStoreID string   `json:"before_store_id"` // his place until then, if Inherited
	AfterStoreID  string   `json:"after_store_id"`  // his place afterwards
	AfterClerkID  string   `json:"after_clerk_id"`
}

// MergeTx moves the identities of one member to another and retires the first. Conversations go along with their
// follower; no message is touched. The binding of the remaining member wins; if he has none he takes over the other's.
// Two followers never become one member: then it is a Conflict two_followers.
func (s *Service) MergeTx(tx *database.Tx, actor access.Actor, from, into *model.Member, how, sourceID string) error {
	if from.ID == into.ID {
		return nil
	}
	_, err := s.merge(tx, actor, from, into, how, sourceID)
	return err
}

func (s *Service) merge(tx *database.Tx, actor access.Actor, from, into *model.Member, how, sourceID string) (model.Merge, error) {
	var m moved
	followers := func(id string) ([]string, error) {
		var ids []string
		return ids, tx.Model(&model.Follower{}).Where("member_id = ?", id).Pluck("id", &ids).Error
	}
	theirs, err := followers(into.ID)
	if err != nil {
		return model.Merge{}, fmt.Errorf("find followers: %w", err)
	}
	if m.Followers, err = followers(from.ID); err != nil {
		return model.Merge{}, fmt.Errorf("find followers: %w", err)
	}
	if len(theirs) > 0 && len(m.Followers) > 0 {
		return model.Merge{}, fault.New(fault.Conflict, "two_followers")
	}
	if err := s.moveIdentities(tx, from, into, &m); err != nil {
		return model.Merge{}, err
	}
	m.StoreID, m.ClerkID = from.StoreID, from.ClerkID
	m.Inherited, m.BeforeStoreID = inherits(*from, *into), into.StoreID
	if err := s.adorn(tx, actor, *from, *into, &m); err != nil {
		return model.Merge{}, err
	}
	if m.Todos, err = s.mergeTodosTx(tx, *from, *into); err != nil {
		return model.Merge{}, err
	}
	if err := s.inherit(tx, actor, from, into, how, sourceID); err != nil {
		return model.Merge{}, err
	}
	m.AfterStoreID, m.AfterClerkID = into.StoreID, into.ClerkID
	for _, f := range s.merged {
		if err := f(tx, *from, *into); err != nil {
			return model.Merge{}, err
		}
	}
	record, err := json.Marshal(m)
	if err != nil {
		return model.Merge{}, fmt.Errorf("record merge: %w", err)
	}
	merge := model.Merge{
		ID: model.NewID(), AccountID: into.AccountID, FromMemberID: from.ID, IntoMemberID: into.ID,
		ByID: actor.StaffID, Moved: string(record), CreatedAt: tx.Millis(),
	}
	if err := tx.Create(&merge).Error; err != nil {
		return model.Merge{}, fmt.Errorf("record merge: %w", err)
	}
	if err := profile(tx, []string{into.ID}); err != nil { // what his file says now includes the other's
		return model.Merge{}, err
	}
	return merge, s.audit.RecordTx(tx, actor, auditEntry("member.merge", into.ID, "from:"+from.ID))
}

// inherits reports whether the remaining member takes over the other's place.
func inherits(from, into model.Member) bool {
	return into.ClerkID == "" && (from.ClerkID != "" || into.StoreID == "" && from.StoreID != "")
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
	if inherits(model.Member{StoreID: place.StoreID, ClerkID: place.ClerkID}, *into) {
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
	m.Took = lacks(*from, *into)
	for _, column := range m.Took {
		switch column {
		case "phone":
			take["phone_sealed"], take["phone_tail_hash"] = from.PhoneSealed, from.PhoneTailHash
		case "card_no":
			take["card_no"] = from.CardNo
		case "name":
			take["name"], take["initials"] = from.Name, from.Initials
		}
	}
	if len(take) == 0 {
		return nil
	}
	if err := tx.Model(&model.Member{}).Where("id = ?", into.ID).Updates(take).Error; err != nil {
		return fmt.Errorf("take over file: %w", err)
	}
	return tx.First(into, "id = ?", into.ID).Error
}

// lacks names what the remaining member's file lacks and the other's has.
func lacks(from, into model.Member) []string {
	var names []string
	if len(into.PhoneSealed) == 0 && len(from.PhoneSealed) > 0 {
		names = append(names, "phone")
	}
	if into.CardNo == "" && from.CardNo != "" {
		names = append(names, "card_no")
	}
	if strings.TrimSpace(into.Name) == "" && from.Name != "" {
		names = append(names, "name")
	}
	return names
}

// adorn hangs the tags and the class of one member on the other, where he has none. Facts and notes stay where they
// are: reading follows the merge.
func (s *Service) adorn(tx *database.Tx, actor access.Actor, from, into model.Member, m *moved) error {
	var err error
	if m.Tags, err = missingTags(tx.DB, from.ID, into.ID); err != nil {
		return err
	}
	if err := addTags(tx, actor, into, m.Tags); err != nil {
		return err
	}
	if m.Family, err = inheritFamily(tx, actor, from, into); err != nil {
		return err
	}
	var classes []model.Class
	if err := tx.Where("member_id IN ?", []string{from.ID, into.ID}).Find(&classes).Error; err != nil {
		return fmt.Errorf("read classes: %w", err)
	}
	if len(classes) != 1 || classes[0].MemberID != from.ID {
		return nil
	}
	m.Class = true
	c := classes[0]
	c.MemberID, c.ByID, c.UpdatedAt = into.ID, actor.StaffID, tx.Millis()
	if err := tx.Create(&c).Error; err != nil {
		return fmt.Errorf("take over class: %w", err)
	}
	return nil
}

// missingTags lists the tags that one member has and the other has not.
func missingTags(db *gorm.DB, from, into string) ([]string, error) {
	var tags []string
	err := db.Model(&model.Tag{}).Where("member_id = ?", from).
		Where("tag NOT IN (SELECT theirs.tag FROM member_tags theirs WHERE theirs.member_id = ?)", into).Order("tag").Pluck("tag", &tags).Error
	if err != nil {
		return nil, fmt.Errorf("compare tags: %w", err)
	}
	return tags, nil
}
