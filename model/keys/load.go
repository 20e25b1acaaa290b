package keys

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"liuke/model"
	"liuke/model/database"
)

// severalKeys is the first generation of the program (database.ProgramVersion) that knows more than one data key.
const severalKeys = 2

// Load opens the stored keys with the master keys, current first, and makes them at the first start; of programs that
// start at once one makes them and all use the same. Keys sealed with the previous master key are sealed anew with the
// current one. It fails if no given master key fits.
func Load(ctx context.Context, db *database.DB, masters [][]byte) (*Ring, error) {
	seals, err := newMasters(masters)
	if err != nil {
		return nil, err
	}
	rows, err := rowsOrNew(ctx, db, seals[0])
	if err != nil {
		return nil, err
	}
	all, err := openRows(rows, seals)
	if err != nil {
		return nil, err
	}
	data, lookup, err := setOf(all)
	if err != nil {
		return nil, err
	}
	if len(data.opens) > 1 { // a backup, which does not tell that, may have brought them
		if err := db.InTx(ctx, func(tx *database.Tx) error { return tx.RequireProgram(severalKeys) }); err != nil {
			return nil, err
		}
	}
	for _, k := range all {
		if k.by == 0 {
			continue
		}
		// By what it is and not by its name, which a change of the data key may be changing.
		if _, err := db.Exec(ctx, "UPDATE key_store SET sealed = ? WHERE sealed = ?", seals[0].seal(k.key), k.row.Sealed); err != nil {
			return nil, fmt.Errorf("seal the stored key %q anew: %w", k.row.Name, err)
		}
	}
	r := newRing(data, lookup, seals)
	r.ReadFrom(ctx, db)
	return r, nil
}

func newRing(data *set, lookup []byte, masters []sealer) *Ring {
	r := &Ring{lookup: lookup, masters: masters}
	r.data.Store(data)
	return r
}

func newMasters(masters [][]byte) ([]sealer, error) {
	if len(masters) == 0 {
		return nil, errors.New("master key: none given")
	}
	var seals []sealer
	for _, m := range masters {
		s, err := newSealer(m)
		if err != nil {
			return nil, fmt.Errorf("master key: %w", err)
		}
		seals = append(seals, s)
	}
	return seals, nil
}

// rowsOrNew reads the stored keys, of which the first start makes two.
func rowsOrNew(ctx context.Context, db *database.DB, master sealer) ([]model.StoredKey, error) {
	rows, err := readRows(ctx, db)
	if err != nil {
		return nil, err
	}
	var missing []*model.StoredKey
	for _, name := range []string{dataKey, lookupKey} {
		if !slices.ContainsFunc(rows, func(row model.StoredKey) bool { return strings.HasPrefix(row.Name, name) }) {
			fresh := make([]byte, Size)
			rand.Read(fresh)
			missing = append(missing, &model.StoredKey{Name: name, Sealed: master.seal(fresh)})
		}
	}
	if len(missing) == 0 {
		return rows, nil
	}
	if err := db.InsertNew(ctx, missing); err != nil {
		return nil, fmt.Errorf("keep a new key: %w", err)
	}
	return readRows(ctx, db) // another program may have been first: its keys count
}
