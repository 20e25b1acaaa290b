package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// idSize is how many bytes of a key's SHA-256 stand before what it sealed, to tell which key opens it.
const idSize = 4

// id names a key by the first bytes of its SHA-256.
type id [idSize]byte

func (i id) String() string { return hex.EncodeToString(i[:]) }

var errDamaged = errors.New("sealed bytes are damaged")

// sealer is AES-256-GCM under one key: id, nonce, ciphertext.
type sealer struct {
	id   id
	aead cipher.AEAD
}

func newSealer(key []byte) (sealer, error) {
	if len(key) != Size {
		return sealer{}, fmt.Errorf("a key has %d bytes, this one %d", Size, len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return sealer{}, fmt.Errorf("make the cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return sealer{}, fmt.Errorf("make the cipher: %w", err)
	}
	sum := sha256.Sum256(key)
	return sealer{id(sum[:idSize]), aead}, nil
}

func (s sealer) seal(plain []byte) []byte {
	out := make([]byte, idSize, idSize+len(plain)+s.aead.Overhead())
	copy(out, s.id[:])
	return s.aead.Seal(out, nil, plain, nil)
}

// sealed reports whether b carries this key's id.
func (s sealer) sealed(b []byte) bool { return len(b) >= idSize && id(b[:idSize]) == s.id }

// open decrypts what carries this key's id.
func (s sealer) open(sealed []byte) ([]byte, error) {
	plain, err := s.aead.Open(nil, nil, sealed[idSize:], nil)
	if err != nil {
		return nil, errDamaged
	}
	return plain, nil
}
