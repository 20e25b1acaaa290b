package campaign

import (
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/service/consent"
)

// person is all that must be known to decide how a member is reached and to write to him.
type person struct {
	member    model.Member
	follower  model.Follower     // without id: he follows by no WeChat
	talk      model.Conversation // without id: none
	clerkName string
	storeName string
	zone      *time.Location
	child     string // name of his youngest child
	says      consent.Says
	complains bool   // he has an open complaint
	optout    string // the address of the page on which he switches off what he gets
	menu      string // the same for everybody: what others than he are shown
	recent    int64  // campaigns he got within the days of the cap
	mass      massLeft
	sms       byPhone
	grants    int64 // notices that he allows by the template of the campaign
}

// people reads them for a batch, table by table.
func (s *Service) people(db *gorm.DB, c model.Campaign, settings model.CampaignSettings, now int64, ids []string) (map[string]*person, error) {
	all := make(map[string]*person, len(ids))
	var members []model.Member
	if err := db.Where("id IN ?", ids).Find(&members).Error; err != nil {
		return nil, fmt.Errorf("read members: %w", err)
	}
	for _, m := range members {
		all[m.ID] = &person{member: m, zone: model.Zone("")}
	}
	for _, read := range []func(*gorm.DB, map[string]*person, []string) error{followers, talks, staffAndStores, children} {
		if err := read(db, all, ids); err != nil {
			return nil, err
		}
	}
	says, err := s.consents.SaysOf(db, ids)
	if err != nil {
		return nil, err
	}
	complains, err := s.complaints.OpenOf(db, ids)
	if err != nil {
		return nil, err
	}
	var account model.Account
	if err := db.Select("appid").First(&account, "id = ?", c.AccountID).Error; err != nil {
		return nil, fmt.Errorf("read an account: %w", err)
	}
	for id, p := range all {
		p.says, p.complains = says[id], complains[id]
		p.optout = s.consents.Link(account.AppID, c.AccountID, id, model.Time(now))
		p.menu = s.consents.Address(account.AppID)
	}
	if err := massRations(db, c, all, model.Time(now)); err != nil {
		return nil, err
	}
	if err := phones(db, c, all); err != nil {
		return nil, err
	}
	if settings.Cap == 0 || settings.CapDays == 0 {
		return all, nil
	}
	var counts []struct {
		MemberID string
		N        int64
	}
	since := now - settings.CapDays*int64(24*time.Hour/time.Millisecond)
	err = db.Model(&model.Recipient{}).Select("member_id, COUNT(*) AS n").
		Where("member_id IN ? AND sent_at > ? AND campaign_id <> ?", ids, since, c.ID).Group("member_id").Scan(&counts).Error
	if err != nil {
		return nil, fmt.Errorf("count earlier campaigns: %w", err)
	}
	for _, n := range counts {
		all[n.MemberID].recent = n.N
	}
	return all, nil
}

func followers(db *gorm.DB, all map[string]*person, ids []string) error {
	var rows []model.Follower
	if err := db.Where("member_id IN ? AND kind = ?", ids, model.FollowerMember).Order("id").Find(&rows).Error; err != nil {
		return fmt.Errorf("read followers: %w", err)
	}
	for _, f := range rows {
		if p := all[f.MemberID]; p != nil && (p.follower.ID == "" || f.Subscribed) {
			p.follower = f
		}
	}
	return nil
}

func talks(db *gorm.DB, all map[string]*person, ids []string) error {
	var rows []model.Conversation
	if err := db.Where("member_id IN ?", ids).Find(&rows).Error; err != nil {
		return fmt.Errorf("read conversations: %w", err)
	}
	for _, t := range rows {
		if p := all[t.MemberID]; p != nil && t.FollowerID == p.follower.ID {
			p.talk = t
		}
	}
	return nil
}

func staffAndStores(db *gorm.DB, all map[string]*person, _ []string) error {
	clerks, stores := map[string]string{}, map[string]model.Store{}
	for _, p := range all {
		clerks[p.member.ClerkID], stores[p.member.StoreID] = "", model.Store{}
	}
	var staff []model.Staff
	if err := db.Select("id", "name").Where("id IN ?", keysOf(clerks)).Find(&staff).Error; err != nil {
		return fmt.Errorf("read names of clerks: %w", err)
	}
	for _, s := range staff {
		clerks[s.ID] = s.Name
	}
	var shops []model.Store
	if err := db.Where("id IN ?", keysOf(stores)).Find(&shops).Error; err != nil {
		return fmt.Errorf("read stores: %w", err)
	}
	for _, s := range shops {
		stores[s.ID] = s
	}
	for _, p := range all {
		p.clerkName, p.storeName = clerks[p.member.ClerkID], stores[p.member.StoreID].Name
		p.zone = model.Zone(stores[p.member.StoreID].TimeZone)
	}
	return nil
}

func keysOf[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		if k != "" {
			keys = append(keys, k)
		}
	}
	return keys
}

// children finds the name of the youngest child. The profiles have no names, so the ledger is asked.
func children(db *gorm.DB, all map[string]*person, ids []string) error {
	var rows []model.Attribute
	err := db.Where("member_id IN ? AND name = ?", ids, model.AttributeChildren).Order("valid_from, id").Find(&rows).Error
	if err != nil {
		return fmt.Errorf("read children: %w", err)
	}
	for _, a := range rows {
		var list []model.Child
		if err := json.Unmarshal([]byte(a.Value), &list); err != nil {
			return fmt.Errorf("read children: %w", err)
		}
		p := all[a.MemberID]
		p.child = ""
		youngest := ""
		for _, child := range list {
			if child.Birthday >= youngest {
				youngest, p.child = child.Birthday, child.Name
			}
		}
	}
	return nil
}
