// Package keys seals what must not lie readable in the database and hashes what must be found without being readable.
//
// The master keys come from the settings and seal nothing but the two keys that the program makes at its first start
// and keeps in the table key_store: one seals data, one makes look-up hashes. So a change of the master key touches
// two rows, look-ups survive it, and the previous master key may be forgotten after one start.
package keys

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"liuke/model"
	"liuke/model/database"
)

// Size is the length in bytes of every key.
const Size = 32

// Names of the stored keys.
const (
	dataKey   = "data"
	lookupKey = "lookup"
)

// Ring holds the keys of a running program. It is safe for concurrent use.
type Ring struct {
	id     []byte
	data   cipher.AEAD
	lookup []byte
}

// Load opens the stored keys with the master keys, current first, and makes them at the first start; of programs that
// start at once one makes them and all use the same. Keys sealed with the previous master key are sealed anew with the
// current one. It fails if no given master key fits.
func Load(ctx context.Context, db *database.DB, masters [][]byte) (*Ring, error) {
	seals, err := newMasters(masters)
	if err != nil {
		return nil, err
	}
	data, err := loadKey(ctx, db, seals, dataKey)
	if err != nil {
		return nil, err
	}
	lookup, err := loadKey(ctx, db, seals, lookupKey)
	if err != nil {
		return nil, err
	}
	return newRing(data, lookup)
}

func newRing(data, lookup []byte) (*Ring, error) {
	sealer, err := newSealer(data)
	if err != nil {
		return nil, err
	}
	return &Ring{id: sealer.id, data: sealer.aead, lookup: lookup}, nil
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

func loadKey(ctx context.Context, db *database.DB, seals []sealer, name string) ([]byte, error) {
	row, err := findKey(ctx, db, name)
	if err == nil && row == nil {
		fresh := make([]byte, Size)
		rand.Read(fresh)
		if err := db.InsertNew(ctx, []*model.StoredKey{{Name: name, Sealed: seals[0].seal(fresh)}}); err != nil {
			return nil, fmt.Errorf("keep a new key: %w", err)
		}
		row, err = findKey(ctx, db, name) // another program may have been first: its key counts
	}
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, errors.New("keep a new key: it is not there afterwards")
	}
	key, by, err := openKey(*row, seals)
	if err != nil {
		return nil, err
	}
	if by > 0 {
		_, err = db.Exec(ctx, "UPDATE key_store SET sealed = ? WHERE name = ? AND sealed = ?", seals[0].seal(key), name, row.Sealed)
		if err != nil {
			return nil, fmt.Errorf("seal the stored key %q anew: %w", name, err)
		}
	}
	return key, nil
}

// openKey opens a stored key and tells which of the master keys did.
func openKey(row model.StoredKey, seals []sealer) (key []byte, by int, err error) {
	for i, s := range seals {
		if !s.sealed(row.Sealed) {
			continue
		}
		if key, err = s.open(row.Sealed); err != nil {
			return nil, 0, fmt.Errorf("open the stored key %q: %w", row.Name, err)
		}
		return key, i, nil
	}
	return nil, 0, fmt.Errorf("the stored key %q is sealed with another master key: give the one this database was made with as current or previous (LIUKE_MASTER_KEY)", row.Name)
}

func findKey(ctx context.Context, db *database.DB, name string) (*model.StoredKey, error) {
	var rows []model.StoredKey
	if err := db.Read(ctx).Where("name = ?", name).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the stored keys: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return &rows[0], nil
}

// Seal encrypts plain; it looks different each time. Nothing in gives nil out.
func (r *Ring) Seal(plain []byte) []byte {
	if len(plain) == 0 {
		return nil
	}
	return sealer{r.id, r.data}.seal(plain)
}

// Open decrypts what Seal made. Nothing in gives nil out; bytes that were changed or sealed elsewhere give an error.
func (r *Ring) Open(sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	return sealer{r.id, r.data}.open(sealed)
}

// SealString is Seal for text.
func (r *Ring) SealString(plain string) []byte { return r.Seal([]byte(plain)) }

// OpenString is Open for text.
func (r *Ring) OpenString(sealed []byte) (string, error) {
	plain, err := r.Open(sealed)
	return string(plain), err
}

// Hash gives the look-up form of a value: 64 hex characters, the same for the life of the database, different for
// each kind (a phone and a card of the same digits do not meet).
func (r *Ring) Hash(kind, value string) string {
	h := hmac.New(sha256.New, r.lookup)
	h.Write([]byte(kind))
	h.Write([]byte{0}) // kinds are words without NUL, so no two pairs give the same bytes
	h.Write([]byte(value))
	return hex.EncodeToString(h.Sum(nil))
}

// sealed reports whether b carries this key's id.
func (s sealer) sealed(b []byte) bool { return bytes.HasPrefix(b, s.id) }
