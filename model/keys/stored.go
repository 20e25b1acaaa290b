package keys

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"liuke/model"
	"liuke/model/database"
)

// Names of the stored keys. The name of a data key says what it does, so that each step of a change is a renaming.
const (
	dataKey    = "data"         // seals and opens
	nextKey    = "data.next"    // opens; it will seal when every server has it
	leavingKey = "data.leaving" // opens; what it sealed is being sealed anew
	oldKey     = "data.old."    // opens; its id follows
	lookupKey  = "lookup"
)

// ErrOtherMaster says that none of the given master keys sealed a stored key.
var ErrOtherMaster = errors.New("sealed with another master key: give the one this database was made with as current or previous (LIUKE_MASTER_KEY)")

// stored is one key of the table, opened.
type stored struct {
	row model.StoredKey
	key []byte
	by  int // which of the master keys sealed it
}

func readRows(ctx context.Context, db *database.DB) ([]model.StoredKey, error) {
	var rows []model.StoredKey
	if err := db.Read(ctx).Order("name").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the stored keys: %w", err)
	}
	return rows, nil
}

func openRows(rows []model.StoredKey, masters []sealer) ([]stored, error) {
	all := make([]stored, len(rows))
	for i, row := range rows {
		key, by, err := openRow(row, masters)
		if err != nil {
			return nil, fmt.Errorf("the stored key %q: %w", row.Name, err)
		}
		all[i] = stored{row, key, by}
	}
	return all, nil
}

func openRow(row model.StoredKey, masters []sealer) (key []byte, by int, err error) {
	for i, s := range masters {
		if s.sealed(row.Sealed) {
			key, err = s.open(row.Sealed)
			return key, i, err
		}
	}
	return nil, 0, ErrOtherMaster
}

// set is the data keys at a moment. It is never changed.
type set struct {
	seals   sealer
	opens   map[id]sealer
	earlier map[id]bool // opened only, and have sealed once
	stage   Stage
	other   id // Announced: of the next key; Switched: of the leaving one
}

// setOf sorts the stored keys.
func setOf(all []stored) (data *set, lookup []byte, err error) {
	data = &set{opens: map[id]sealer{}, earlier: map[id]bool{}}
	sealing := false
	for _, k := range all {
		if k.row.Name == lookupKey {
			lookup = k.key
			continue
		}
		s, err := newSealer(k.key)
		if err != nil {
			return nil, nil, fmt.Errorf("the stored key %q: %w", k.row.Name, err)
		}
		data.opens[s.id] = s
		switch {
		case k.row.Name == dataKey:
			data.seals, sealing = s, true
		case k.row.Name == nextKey:
			data.stage, data.other = Announced, s.id
		case k.row.Name == leavingKey:
			data.stage, data.other = Switched, s.id
			data.earlier[s.id] = true
		case strings.HasPrefix(k.row.Name, oldKey):
			data.earlier[s.id] = true
		}
	}
	if !sealing || len(lookup) != Size {
		return nil, nil, errors.New("the stored keys are not whole")
	}
	return data, lookup, nil
}
