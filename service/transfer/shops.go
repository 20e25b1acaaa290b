package transfer

import (
	"fmt"
	"slices"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
)

// shops are the stores and people that the rows of a batch name, found all at once.
type shops struct {
	actor  access.Actor
	home   string
	stores map[string]model.Store // by code and by id
	zones  map[string]*time.Location
	people map[string][]model.Staff // by the words that name them
	served map[string][]string      // who has ever worked in which stores
	times  moments
}

// shopsOf finds them. Who has left may have sold, so he is found too.
func (b *batch) shopsOf(all []*rowsOfSale) (*shops, error) {
	p := &shops{
		actor: b.actor, home: b.row.StoreID, stores: map[string]model.Store{}, zones: map[string]*time.Location{},
		people: map[string][]model.Staff{}, served: map[string][]string{}, times: newMoments(),
	}
	var codes, names, hashes []string
	byHash := map[string]string{}
	for _, s := range all {
		codes = append(codes, s.words[FieldStore])
		word := s.words[FieldClerk]
		if e164, ok := model.NormalizePhone(word); ok {
			hash := b.keys.Hash("staff_phone", e164)
			hashes, byHash[hash] = append(hashes, hash), word
		} else if word != "" {
			names = append(names, word)
		}
	}
	if err := p.findStores(b.tx, codes); err != nil {
		return nil, err
	}
	var people []model.Staff
	err := b.tx.Where("account_id = ? AND (name IN ? OR phone_hash IN ?)", b.actor.AccountID, distinct(names), distinct(hashes)).Find(&people).Error
	if err != nil {
		return nil, fmt.Errorf("find who sold: %w", err)
	}
	ids := make([]string, len(people))
	for i, one := range people {
		ids[i] = one.ID
		p.people[one.Name] = append(p.people[one.Name], one)
		if word := byHash[one.PhoneHash]; word != "" && one.PhoneHash != "" {
			p.people[word] = append(p.people[word], one)
		}
	}
	var worked []model.Assignment
	if err := b.tx.Where("staff_id IN ? AND store_id <> ''", ids).Find(&worked).Error; err != nil {
		return nil, fmt.Errorf("find where people worked: %w", err)
	}
	for _, a := range worked {
		p.served[a.StaffID] = append(p.served[a.StaffID], a.StoreID)
	}
	return p, nil
}

func (p *shops) findStores(tx *database.Tx, codes []string) error {
	var stores []model.Store
	err := tx.Where("account_id = ? AND (code IN ? AND code <> '' OR id = ?)", p.actor.AccountID, distinct(codes), p.home).Find(&stores).Error
	if err != nil {
		return fmt.Errorf("find stores by code: %w", err)
	}
	for _, s := range stores {
		p.stores[s.ID], p.zones[s.ID] = s, model.Zone(s.TimeZone)
		if s.Code != "" {
			p.stores[s.Code] = s
		}
	}
	return nil
}

// store finds where a sale was, within what the actor may give.
func (p *shops) store(code string) (found model.Store, reason string) {
	if code == "" {
		code = p.home
	}
	found, there := p.stores[code]
	switch {
	case !there:
		return found, "store_unknown"
	case p.actor.Is(model.RoleManager) && found.ID != p.actor.StoreID:
		return found, "store_not_yours"
	}
	return found, ""
}

// seller finds who sold. Of several of one name it is the one who has worked in the store, of several of those the one
// who is still there.
func (p *shops) seller(word, storeID string) (id string, known bool) {
	found := p.people[word]
	here := slices.DeleteFunc(slices.Clone(found), func(s model.Staff) bool { return !slices.Contains(p.served[s.ID], storeID) })
	if len(here) > 0 || p.actor.Is(model.RoleManager) {
		found = here
	}
	if len(found) > 1 {
		found = slices.DeleteFunc(slices.Clone(found), func(s model.Staff) bool { return !s.Active })
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0].ID, true
}

// distinct lists words each once.
func distinct(words []string) []string {
	words = slices.Clone(words)
	slices.Sort(words)
	return slices.Compact(words)
}
