// Package keys seals what must not lie readable in the database and hashes what must be found without being readable.
//
// The master keys come from the settings and seal nothing but the keys that the program makes for itself and keeps in the
// table key_store: data keys and one that makes look-up hashes. So a change of the master key touches a few rows, look-ups
// survive it, and the previous master key may be forgotten after one start.
//
// One data key seals; those before it, and the one that comes next, only open. What a key sealed begins with its id, so
// servers may seal with different keys while the data key is changed (see Stage), and each opens what another has sealed.
package keys

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"liuke/model"
	"liuke/model/database"
)

// Size is the length in bytes of every key.
const Size = 32

// Ring holds the keys of a running program. It is safe for concurrent use; sealing and opening take no lock.
type Ring struct {
	lookup  []byte
	masters []sealer // the current one first
	data    atomic.Pointer[set]
	taking  sync.Mutex // held while data is replaced

	db      *database.DB // nil: the stored keys cannot be read again
	read    func() ([]model.StoredKey, error)
	looking sync.Mutex // held by the one call that looks for a key
	looked  time.Time  // when one looked last
	found   error      // what came of it
}

// Seal encrypts plain; it looks different each time. Nothing in gives nil out.
func (r *Ring) Seal(plain []byte) []byte {
	if len(plain) == 0 {
		return nil
	}
	return r.data.Load().seals.seal(plain)
}

// Open decrypts what Seal made, here or on another server. Nothing in gives nil out; bytes that were changed or sealed
// elsewhere give an error. Bytes of a key that is not known yet make it read the stored keys again, at most once a second;
// if the database does not answer then, the error is the database's.
func (r *Ring) Open(sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	if len(sealed) < idSize {
		return nil, errDamaged
	}
	name := id(sealed[:idSize])
	s, known := r.data.Load().opens[name]
	if !known {
		if err := r.look(name); err != nil {
			return nil, err
		}
		if s, known = r.data.Load().opens[name]; !known {
			return nil, errors.New("sealed with another key")
		}
	}
	return s.open(sealed)
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
