package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"liuke/model"
	"liuke/model/database"
)

// ErrLeaseLost says that another instance may be doing the work by now; the transaction must not commit.
var ErrLeaseLost = errors.New("the lease is lost")

// clocksAgree is by how much the instances' clocks may differ before a lease is taken for one that was written before all of
// them were put back. Whoever still holds it learns that as ever, by Renew or HeldTx.
const clocksAgree = time.Minute

// Lapsed tells of a lease in a row of its own, taken for d each time and written as Unix milliseconds: it has ended if it is
// below the first figure or above the second. One that lasts longer than any is from a clock that has since been put back, and
// nobody waits for that to end.
func Lapsed(now time.Time, d time.Duration) (below, above int64) {
	return model.Millis(now), model.Millis(now.Add(d + clocksAgree))
}

// Leases takes and frees the named leases of one owner. The instances' clocks must agree to within a few seconds.
type Leases struct {
	db    *database.DB
	owner string
}

// NewLeases makes the leases of an owner, a random id of this process (model.NewID), up to 64 ASCII letters.
func NewLeases(db *database.DB, owner string) *Leases { return &Leases{db, owner} }

// Acquire takes the lease for d, or prolongs one's own, and tells whether it is held now. A lease of a name is always taken
// for the same time: one that lasts longer is from a clock that has since been put back, and nobody waits for that to end.
func (l *Leases) Acquire(ctx context.Context, name string, d time.Duration) (bool, error) {
	for try := 1; ; try++ {
		now := l.db.Now()
		until := model.Millis(now.Add(d))
		n, err := l.db.Exec(ctx,
			"UPDATE leases SET owner = ?, until_at = ? WHERE name = ? AND (owner = ? OR until_at <= ? OR until_at > ?)",
			l.owner, until, name, l.owner, model.Millis(now), model.Millis(now.Add(d+clocksAgree)))
		if err != nil {
			return false, fmt.Errorf("take a lease: %w", err)
		}
		if n > 0 {
			return true, nil
		}
		var others int64
		if err := l.db.Read(ctx).Model(&model.Lease{}).Where("name = ?", name).Count(&others).Error; err != nil {
			return false, fmt.Errorf("look for a lease: %w", err)
		}
		if others > 0 || try == 2 {
			return false, nil
		}
		if err := l.db.InsertNew(ctx, &model.Lease{Name: name}); err != nil { // free, for the next round to take
			return false, fmt.Errorf("make a lease: %w", err)
		}
	}
}

// Renew prolongs a lease that is still held and tells whether it was.
func (l *Leases) Renew(ctx context.Context, name string, d time.Duration) (bool, error) {
	now := l.db.Now()
	n, err := l.db.Exec(ctx, "UPDATE leases SET until_at = ? WHERE name = ? AND owner = ? AND until_at > ?",
		model.Millis(now.Add(d)), name, l.owner, model.Millis(now))
	if err != nil {
		return false, fmt.Errorf("renew a lease: %w", err)
	}
	return n > 0, nil
}

// Release frees the lease if it is held, so that another instance may take it at once.
func (l *Leases) Release(ctx context.Context, name string) error {
	if _, err := l.db.Exec(ctx, "UPDATE leases SET until_at = 0 WHERE name = ? AND owner = ?", name, l.owner); err != nil {
		return fmt.Errorf("free a lease: %w", err)
	}
	return nil
}

// HeldTx makes sure that the lease is held and stays so until the transaction ends; otherwise it returns ErrLeaseLost.
func (l *Leases) HeldTx(tx *database.Tx, name string) error {
	r := tx.Exec("UPDATE leases SET owner = owner WHERE name = ? AND owner = ? AND until_at > ?", name, l.owner, tx.Millis())
	if r.Error != nil {
		return fmt.Errorf("check a lease: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return ErrLeaseLost
	}
	return nil
}

// ReleaseAll gives every lease of this process back, so that the others need not wait for them to run out.
func (l *Leases) ReleaseAll(ctx context.Context) error {
	_, err := l.db.Exec(ctx, "UPDATE leases SET until_at = 0 WHERE owner = ?", l.owner)
	if err != nil {
		return fmt.Errorf("give leases back: %w", err)
	}
	return nil
}

// Clear frees all leases. Only for the start on SQLite, where this process is the only one: whoever held them is gone.
func (l *Leases) Clear(ctx context.Context) error {
	if _, err := l.db.Exec(ctx, "DELETE FROM leases"); err != nil {
		return fmt.Errorf("free all leases: %w", err)
	}
	return nil
}
