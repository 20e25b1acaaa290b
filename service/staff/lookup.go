package staff

import (
	"context"
	"fmt"
	"slices"

	"liuke/model"
)

// Lookup gives the people behind ids, for names in views: id, name, role, store and whether they are active. What the
// account does not have is left out. The caller has done his own check of rights.
func (s *Service) Lookup(ctx context.Context, accountID string, ids []string) (map[string]model.Staff, error) {
	const atOnce = 500 // the databases bound the number of arguments
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	found := make(map[string]model.Staff, len(ids))
	for chunk := range slices.Chunk(ids, atOnce) {
		var rows []model.Staff
		err := s.db.Read(ctx).Select("id", "account_id", "name", "role", "store_id", "region_id", "active").
			Where("account_id = ? AND id IN ?", accountID, chunk).Find(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("look people up: %w", err)
		}
		for _, r := range rows {
			found[r.ID] = r
		}
	}
	return found, nil
}

// Named gives the people whom words of a file may mean: each word is a phone or a name. With a store, its people only.
func (s *Service) Named(ctx context.Context, accountID, storeID string, words []string) (map[string][]model.Staff, error) {
	const atOnce = 500
	wordsOf := map[string][]string{}
	var hashes, names []string
	for _, w := range words {
		e164, ok := model.NormalizePhone(w)
		if !ok {
			names = append(names, w)
			continue
		}
		hash := s.phoneHash(e164)
		if wordsOf[hash] == nil {
			hashes = append(hashes, hash)
		}
		wordsOf[hash] = append(wordsOf[hash], w)
	}
	found := map[string][]model.Staff{}
	for column, values := range map[string][]string{"phone_hash": hashes, "name": names} {
		for chunk := range slices.Chunk(values, atOnce) {
			q := s.db.Read(ctx).Where("account_id = ? AND "+column+" IN ?", accountID, chunk)
			if storeID != "" {
				q = q.Where("store_id = ?", storeID)
			}
			var rows []model.Staff
			if err := q.Find(&rows).Error; err != nil {
				return nil, fmt.Errorf("look people up by phone or name: %w", err)
			}
			for _, r := range rows {
				named := []string{r.Name}
				if column == "phone_hash" {
					named = wordsOf[r.PhoneHash]
				}
				for _, word := range named {
					found[word] = append(found[word], r)
				}
			}
		}
	}
	return found, nil
}
