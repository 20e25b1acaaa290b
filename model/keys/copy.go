package keys

import (
	"crypto/hmac"
	"encoding/json"
	"errors"

	"liuke/model"
)

// FromCopy opens the copy that Follow gave with the master keys, for a start without the database. ReadFrom completes it.
func FromCopy(copied []byte, masters [][]byte) (*Ring, error) {
	seals, err := newMasters(masters)
	if err != nil {
		return nil, err
	}
	var rows []model.StoredKey
	if err := json.Unmarshal(copied, &rows); err != nil {
		return nil, errors.New("the kept copy of the stored keys cannot be read")
	}
	all, err := openRows(rows, seals)
	if err != nil {
		return nil, err
	}
	data, lookup, err := setOf(all)
	if err != nil {
		return nil, err
	}
	return newRing(data, lookup, seals), nil
}

// Same reports whether two rings are of the same database. Its data keys change; the one that makes hashes never does.
func (r *Ring) Same(other *Ring) bool { return hmac.Equal(r.lookup, other.lookup) }
