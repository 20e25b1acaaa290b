package keys

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"liuke/model"
	"liuke/model/database"
)

// Stage says how far a change of the data key has come. It stands in the names of the stored keys, so a change goes on
// after a crash at any place.
//
//	Settled    --Announce-->  Announced  --Switch-->  Switched  --Sweep, Settle-->  Settled
//
// Between two steps every server must have called Follow: before Switch, so that each opens what another seals with the
// new key (one that has not still finds it by itself, at the price of a look); before Sweep, so that none seals with the
// old one any more (what one does all the same is found by the next round). The old key stays and opens.
type Stage int

// Stages of a change.
const (
	Settled   Stage = iota // no change is under way
	Announced              // there is a new key, which opens
	Switched               // the new key seals; what the old one sealed is being sealed anew
)

// ErrOtherChange says that another command has gone on with the change of the data key.
var ErrOtherChange = errors.New("another program is changing the data key too: try again")

// ErrMasterChange says that the master key is being changed.
var ErrMasterChange = errors.New("the master key is being changed: end that first")

// Stage tells how far a change has come, as of the last Follow or step.
func (r *Ring) Stage() Stage { return r.data.Load().stage }

// DataKey names the key that seals, as of the last Follow or step.
func (r *Ring) DataKey() string { return r.data.Load().seals.id.String() }

// Announce makes a new data key, which opens and does not seal yet, unless a change is under way already. Programs that
// know one data key only can use the database no more.
func (r *Ring) Announce(ctx context.Context) error {
	return r.step(ctx, func(tx *database.Tx, now *set) error {
		if now.stage != Settled {
			return nil
		}
		fresh := make([]byte, Size)
		for taken := true; taken; { // ids are short
			rand.Read(fresh)
			s, err := newSealer(fresh)
			if err != nil {
				return err
			}
			_, taken = now.opens[s.id]
		}
		if err := tx.RequireProgram(severalKeys); err != nil {
			return err
		}
		if err := tx.Create(&model.StoredKey{Name: nextKey, Sealed: r.masters[0].seal(fresh)}).Error; err != nil {
			return fmt.Errorf("keep a new key: %w", err)
		}
		return nil
	})
}

// Switch lets the new key seal from now on.
func (r *Ring) Switch(ctx context.Context) error {
	seen := r.data.Load()
	return r.step(ctx, func(tx *database.Tx, now *set) error {
		switch {
		case now.stage == Switched && now.seals.id == seen.other && now.other == seen.seals.id: // by another command
			return nil
		case seen.stage != Announced || !now.like(seen):
			return ErrOtherChange
		}
		if err := rename(tx, dataKey, leavingKey); err != nil {
			return err
		}
		return rename(tx, nextKey, dataKey)
	})
}

// Settle ends a change: a Sweep has found nothing that the old key had sealed.
func (r *Ring) Settle(ctx context.Context) error {
	seen := r.data.Load()
	return r.step(ctx, func(tx *database.Tx, now *set) error {
		switch {
		case now.stage == Settled && now.seals.id == seen.seals.id: // by another command
			return nil
		case seen.stage != Switched || !now.like(seen):
			return ErrOtherChange
		}
		return rename(tx, leavingKey, oldKey+seen.other.String())
	})
}

// step changes the stored keys in one transaction, then follows.
func (r *Ring) step(ctx context.Context, f func(tx *database.Tx, now *set) error) error {
	err := r.db.InTx(ctx, func(tx *database.Tx) error {
		var rows []model.StoredKey
		if err := tx.Lock().Order("name").Find(&rows).Error; err != nil {
			return fmt.Errorf("read the stored keys: %w", err)
		}
		all, err := openRows(rows, r.masters)
		if err != nil {
			return err
		}
		for _, k := range all {
			if k.by != 0 { // a key made now would be sealed with the master key that goes
				return ErrMasterChange
			}
		}
		now, _, err := setOf(all)
		if err != nil {
			return err
		}
		return f(tx, now)
	})
	if err != nil {
		return err
	}
	return r.Follow(ctx, nil)
}

// like reports whether a change is at the same place in both.
func (s *set) like(other *set) bool {
	return s.seals.id == other.seals.id && s.stage == other.stage && s.other == other.other
}

func rename(tx *database.Tx, from, to string) error {
	r := tx.Exec("UPDATE key_store SET name = ? WHERE name = ?", to, from)
	if r.Error != nil || r.RowsAffected != 1 {
		return fmt.Errorf("rename the stored key %q (%d rows): %w", from, r.RowsAffected, r.Error)
	}
	return nil
}
