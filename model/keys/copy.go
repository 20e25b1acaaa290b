package keys

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"

	"liuke/model"
	"liuke/model/database"
)

// Copy gives the stored keys as they lie in the database, sealed with the master key, to be kept for a start without it.
func Copy(ctx context.Context, db *database.DB) ([]byte, error) {
	var rows []model.StoredKey
	if err := db.Read(ctx).Where("name IN ?", []string{dataKey, lookupKey}).Order("name").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the stored keys: %w", err)
	}
	return json.Marshal(rows)
}

// FromCopy opens what Copy gave with the master keys.
func FromCopy(kept []byte, masters [][]byte) (*Ring, error) {
	seals, err := newMasters(masters)
	if err != nil {
		return nil, err
	}
	var rows []model.StoredKey
	if err := json.Unmarshal(kept, &rows); err != nil {
		return nil, errors.New("the kept copy of the stored keys cannot be read")
	}
	opened := map[string][]byte{}
	for _, row := range rows {
		if opened[row.Name], _, err = openKey(row, seals); err != nil {
			return nil, err
		}
	}
	if len(opened[dataKey]) != Size || len(opened[lookupKey]) != Size {
		return nil, errors.New("the kept copy of the stored keys is not whole")
	}
	return newRing(opened[dataKey], opened[lookupKey])
}

// Same reports whether two rings hold the same keys.
func (r *Ring) Same(other *Ring) bool {
	probe, err := other.Open(r.Seal([]byte(dataKey)))
	return err == nil && string(probe) == dataKey && hmac.Equal(r.lookup, other.lookup)
}
