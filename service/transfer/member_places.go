package transfer

import (
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
)

// places finds the stores and clerks that rows name, each once per part, within what the actor may give.
type places struct {
	*Service

	tx     *database.Tx
	actor  access.Actor
	home   string // the store of rows that name none
	stores map[string]string
	clerks map[string]model.Staff
}

// find gives store and clerk of a row, or why it is refused. A row without a clerk goes to the store's queue.
func (p *places) find(code, clerk string) (storeID, clerkID, reason string, err error) {
	storeID = p.home
	if code != "" {
		if storeID, err = p.store(code); err != nil || storeID == "" {
			return "", "", "store_unknown", err
		}
	}
	if p.actor.Is(model.RoleManager) && storeID != p.actor.StoreID {
		return "", "", "store_not_yours", nil
	}
	if clerk == "" {
		return storeID, "", "", nil
	}
	c, err := p.clerk(clerk, storeID)
	switch {
	case err != nil || c.ID == "":
		return "", "", "clerk_unknown", err
	case storeID != "" && c.StoreID != storeID:
		return "", "", "clerk_other_store", nil
	}
	return c.StoreID, c.ID, "", nil
}

func (p *places) store(code string) (string, error) {
	if id, known := p.stores[code]; known {
		return id, nil
	}
	var ids []string
	if err := p.tx.Model(&model.Store{}).Where("account_id = ? AND code = ?", p.actor.AccountID, code).Pluck("id", &ids).Error; err != nil {
		return "", fmt.Errorf("find store by code: %w", err)
	}
	if p.stores == nil {
		p.stores = map[string]string{}
	}
	p.stores[code] = ""
	if len(ids) == 1 {
		p.stores[code] = ids[0]
	}
	return p.stores[code], nil
}

// clerk finds an active clerk or manager by phone, or by a name that is the only one (of the store, if known).
func (p *places) clerk(word, storeID string) (model.Staff, error) {
	key := storeID + "/" + word
	if c, known := p.clerks[key]; known {
		return c, nil
	}
	q := p.tx.Where("account_id = ? AND active = ? AND leaving_at = 0 AND store_id <> ''", p.actor.AccountID, true).
		Where("role IN ?", []string{model.RoleClerk, model.RoleManager})
	if e164, ok := model.NormalizePhone(word); ok {
		q = q.Where("phone_hash = ?", p.keys.Hash("staff_phone", e164))
	} else if q = q.Where("name = ?", word); storeID != "" {
		q = q.Where("store_id = ?", storeID)
	}
	var found []model.Staff
	if err := q.Limit(2).Find(&found).Error; err != nil {
		return model.Staff{}, fmt.Errorf("find clerk: %w", err)
	}
	if p.clerks == nil {
		p.clerks = map[string]model.Staff{}
	}
	p.clerks[key] = model.Staff{}
	if len(found) == 1 {
		p.clerks[key] = found[0]
	}
	return p.clerks[key], nil
}
