package config

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// KeySize is the length of a master key in bytes (AES-256).
const KeySize = 32

// MasterKeys are the current key and, while keys are being changed, the previous one.
type MasterKeys [][]byte

// UnmarshalText reads one or two keys of 32 bytes in base64, separated by a comma, the current one first.
func (k *MasterKeys) UnmarshalText(text []byte) error {
	parts := strings.Split(strings.TrimSpace(string(text)), ",")
	if len(parts) > 2 {
		return errors.New("takes two keys at most: current,previous")
	}
	keys := make(MasterKeys, len(parts))
	for i, part := range parts {
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(part))
		if err != nil || len(key) != KeySize {
			return errors.New("must be 32 bytes in base64, or two of those as current,previous")
		}
		keys[i] = key
	}
	if len(keys) == 2 && bytes.Equal(keys[0], keys[1]) {
		return errors.New("has the same key as current and as previous")
	}
	*k = keys
	return nil
}

// String tells only how many keys there are.
func (k MasterKeys) String() string { return strconv.Itoa(len(k)) }

// GoString is String, for %#v.
func (k MasterKeys) GoString() string { return k.String() }

// MasterKeyFile is where the key lies when no setting gives one: beside the SQLite file, data/liuke.key for
// data/liuke.db. It is empty for other databases, where the setting is required.
func MasterKeyFile(cfg Config) string {
	if cfg.Database.Kind != SQLite {
		return ""
	}
	return strings.TrimSuffix(cfg.Database.Path, filepath.Ext(cfg.Database.Path)) + ".key"
}

// EnsureMasterKey reads the keys in the file at path and makes the file with a fresh key when there is none.
// Several processes at once get the same key. On return the key is on disk, readable by the owner only.
// An existing file may hold two keys, as the setting may.
func EnsureMasterKey(path string) (MasterKeys, error) {
	keys, err := readMasterKeys(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	if err := writeMasterKey(path); err != nil {
		return nil, fmt.Errorf("make master key: %w", err)
	}
	return readMasterKeys(path) // another process may have been first
}

func readMasterKeys(path string) (MasterKeys, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read master key: %w", err)
	}
	var keys MasterKeys
	if err := keys.UnmarshalText(text); err != nil {
		return nil, fmt.Errorf("read master key: %s %w", path, err)
	}
	return keys, nil
}

// NewMasterKey makes a key.
func NewMasterKey() []byte {
	key := make([]byte, KeySize)
	_, _ = rand.Read(key) // never fails: crypto/rand ends the process instead
	return key
}

// WriteMasterKeys puts keys into the file at path in place of what is there. On return they are on disk, readable by the
// owner only; whoever reads meanwhile finds the old keys or the new ones, whole.
func WriteMasterKeys(path string, keys MasterKeys) error {
	return placeKeys(path, keys, os.Rename)
}

// writeMasterKey puts a file with a fresh key in place, unless one is there.
func writeMasterKey(path string) error {
	return placeKeys(path, MasterKeys{NewMasterKey()}, func(from, to string) error {
		// A link, unlike a rename, never replaces the key of a process that was faster.
		err := errors.Join(os.Link(from, to), os.Remove(from))
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return err
	})
}

// placeKeys writes a whole, synced file and gives it its name by place, which takes the file away from its first name.
func placeKeys(path string, keys MasterKeys, place func(from, to string) error) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".key-*") // made with 0600
	if err != nil {
		return err
	}
	texts := make([]string, len(keys))
	for i, key := range keys {
		texts[i] = base64.StdEncoding.EncodeToString(key)
	}
	_, err = f.WriteString(strings.Join(texts, ",") + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := place(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
