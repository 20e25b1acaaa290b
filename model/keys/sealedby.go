package keys

import (
	"context"
	"encoding/hex"
	"slices"

	"liuke/model/database"
)

// SealedBy names the master keys that seal the stored keys, as backup.KeyID does: one, or two in the midst of a change.
// There is none before the first start.
func SealedBy(ctx context.Context, db *database.DB) ([]string, error) {
	rows, err := readRows(ctx, db)
	if err != nil {
		return nil, err
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
