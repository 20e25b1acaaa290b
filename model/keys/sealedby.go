package keys

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"liuke/model"
	"liuke/model/database"
)

// SealedBy names the master keys that seal the stored keys, as backup.KeyID does: one, or two in the midst of a change.
// There is none before the first start.
func SealedBy(ctx context.Context, db *database.DB) ([]string, error) {
	var rows []model.StoredKey
	if err := db.Read(ctx).Where("name IN ?", []string{dataKey, lookupKey}).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the stored keys: %w", err)
	}
	var ids []string
	for _, r := range rows {
		if len(r.Sealed) >= idSize {
			ids = append(ids, hex.EncodeToString(r.Sealed[:idSize]))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}
