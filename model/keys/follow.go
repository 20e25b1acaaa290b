package keys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"liuke/model"
	"liuke/model/database"
)

// FollowEvery is how often a running program calls Follow.
const FollowEvery = 5 * time.Second

const (
	// lookPause is how long nobody reads the stored keys again after one has looked for a key: damaged bytes must not
	// become work for the database.
	lookPause = time.Second
	// lookPatience bounds such a look. Somebody waits for it.
	lookPatience = 2 * time.Second
)

// ReadFrom tells a ring that was made from a copy where the stored keys can be read again. It comes before any other use.
func (r *Ring) ReadFrom(ctx context.Context, db *database.DB) {
	ctx = context.WithoutCancel(ctx)
	r.db = db
	r.read = func() ([]model.StoredKey, error) {
		ctx, cancel := context.WithTimeout(ctx, lookPatience)
		defer cancel()
		return readRows(ctx, db)
	}
}

// Follow reads the stored keys and seals from then on with the one that does so now. keep, if not nil, is given a copy
// of them for FromCopy before that, so that a start without the database opens whatever this program has sealed; its
// error is returned at the end. It wraps ErrOtherMaster when the master key was changed since this program was started.
func (r *Ring) Follow(ctx context.Context, keep func(copied []byte) error) error {
	rows, err := readRows(ctx, r.db)
	if err != nil {
		return err
	}
	var kept error
	if keep != nil {
		copied, err := json.Marshal(rows)
		if err != nil {
			return fmt.Errorf("copy the stored keys: %w", err)
		}
		kept = keep(copied)
	}
	return errors.Join(r.take(rows, true), kept)
}

// take replaces the keys in use by those of the table. What could be opened once can be opened ever after. Without
// alsoSeal only keys that open are added.
func (r *Ring) take(rows []model.StoredKey, alsoSeal bool) error {
	all, err := openRows(rows, r.masters)
	if err != nil {
		return err
	}
	fresh, _, err := setOf(all)
	if err != nil {
		return err
	}
	r.taking.Lock()
	defer r.taking.Unlock()
	before := r.data.Load()
	opens := maps.Clone(before.opens)
	maps.Copy(opens, fresh.opens)
	if !alsoSeal { // Follow keeps a copy first
		same := *before
		fresh = &same
	}
	fresh.opens = opens
	r.data.Store(fresh)
	return nil
}

// look reads the stored keys because something was sealed with a key that is not known here. It tells why that could not
// be done; whether the key is known afterwards the caller sees for himself.
func (r *Ring) look(wanted id) error {
	if r.read == nil {
		return nil
	}
	r.looking.Lock()
	defer r.looking.Unlock()
	if _, known := r.data.Load().opens[wanted]; known { // another call has found it
		return nil
	}
	now := r.db.Now()
	if ago := now.Sub(r.looked); ago >= 0 && ago < lookPause {
		return r.found
	}
	rows, err := r.read()
	if err == nil {
		err = r.take(rows, false)
	}
	if errors.Is(err, ErrOtherMaster) {
		err = nil // what Follow tells
	}
	r.looked, r.found = r.db.Now(), err
	return err
}
