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
	full := map[string]string{} // phone as it was told -> in its full form
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
			full[b.Phone] = e164
			phones = append(phones, e164)
		}
	})
	byPhone, byCard, err := r.members.KnownTx(r.tx.DB, r.account, unique(phones), unique(cards))
	if err != nil {
		return err
	}
	today, err := remaining(r.tx, r.account, ids)
	if err != nil {
		return err
	}
	r.buyers = make([]string, len(r.sales))
	r.each(func(i int, s Sale) {
		switch b := s.Buyer; {
		case b.ID != "":
			r.buyers[i] = today[b.ID]
		case b.CardNo != "":
			r.buyers[i] = byCard[b.CardNo]
		default:
			r.buyers[i] = byPhone[full[b.Phone]]
		}
		if r.buyers[i] == "" {
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
		r.each(func(i int, _ Sale) { members = append(members, r.buyers[i]) })
		if err := hold(r.tx, r.account, members); err != nil {
			return err
		}
		today, err := remaining(r.tx, r.account, members)
		if err != nil {
			return err
		}
		moved := false
		r.each(func(i int, _ Sale) {
			if now := today[r.buyers[i]]; now != r.buyers[i] {
				r.buyers[i], moved = now, true
			}
		})
		if !moved {
			return nil
		}
	}
	return errors.New("members are merged faster than their purchases are recorded")
}

// unique lists ids each once, in order.
func unique(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}
