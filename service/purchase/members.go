package purchase

import (
	"errors"
	"fmt"
	"slices"

	"liuke/model"
	"liuke/model/database"
)

// findMembers finds who bought, all at once.
func (r *recording) findMembers() error {
	var ids, phones, cards []string
	hashes := map[string]string{}
	r.each(func(i int, s Sale) {
		switch b := s.Buyer; {
		case b.ID != "":
			if model.ValidID(b.ID) {
				ids = append(ids, b.ID)
			}
		case b.CardNo != "":
			cards = append(cards, b.CardNo)
		default:
			e164, ok := model.NormalizePhone(b.Phone)
			if !ok {
				r.refuse(i, "phone_invalid")
				return
			}
			hashes[b.Phone] = r.keys.Hash("phone", e164)
			phones = append(phones, hashes[b.Phone])
		}
	})
	found := map[string]string{}
	for kind, values := range map[string][]string{model.IdentityPhone: phones, model.IdentityCard: cards} {
		if len(values) == 0 {
			continue
		}
		var rows []model.Identity
		if err := r.tx.Where("account_id = ? AND kind = ? AND value IN ?", r.account, kind, values).Find(&rows).Error; err != nil {
			return fmt.Errorf("find who bought: %w", err)
		}
		for _, row := range rows {
			found[kind+row.Value] = row.MemberID
		}
	}
	today, err := remaining(r.tx, r.account, ids)
	if err != nil {
		return err
	}
	r.members = make([]string, len(r.sales))
	r.each(func(i int, s Sale) {
		switch b := s.Buyer; {
		case b.ID != "":
			r.members[i] = today[b.ID]
		case b.CardNo != "":
			r.members[i] = found[model.IdentityCard+b.CardNo]
		default:
			r.members[i] = found[model.IdentityPhone+hashes[b.Phone]]
		}
		if r.members[i] == "" {
			r.refuse(i, "member_unknown")
		}
	})
	return nil
}

// merges bounds how many merges behind each other are followed.
const merges = 20

// remaining tells who each member is today, after merges. Who is not of the account is left out.
func remaining(tx *database.Tx, accountID string, ids []string) (map[string]string, error) {
	today := map[string]string{}
	asked := map[string][]string{} // member -> whom he stands for
	for _, id := range ids {
		asked[id] = []string{id}
	}
	for range merges {
		if len(asked) == 0 {
			return today, nil
		}
		var next []string
		for id := range asked {
			next = append(next, id)
		}
		var rows []model.Member
		if err := tx.Select("id", "merged_into").Where("account_id = ? AND id IN ?", accountID, next).Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("find members: %w", err)
		}
		into := map[string][]string{}
		for _, m := range rows {
			for _, id := range asked[m.ID] {
				if m.MergedInto == "" {
					today[id] = m.ID
				} else {
					into[m.MergedInto] = append(into[m.MergedInto], id)
				}
			}
		}
		asked = into
	}
	return nil, errors.New("members are merged in a circle")
}

// lock keeps others from writing purchases of the same members until the end, and merges from moving them: both hold
// the rows of the totals. Who was merged before the rows were ours counts as who he is now.
func (r *recording) lock() error {
	for range merges {
		var members []string
		r.each(func(i int, _ Sale) { members = append(members, r.members[i]) })
		if err := hold(r.tx, r.account, members); err != nil {
			return err
		}
		today, err := remaining(r.tx, r.account, members)
		if err != nil {
			return err
		}
		moved := false
		r.each(func(i int, _ Sale) {
			if now := today[r.members[i]]; now != r.members[i] {
				r.members[i], moved = now, true
			}
		})
		if !moved {
			return nil
		}
	}
	return errors.New("members are merged faster than their purchases are recorded")
}

// each once, in order.
func unique(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}
