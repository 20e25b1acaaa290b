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
