package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"liuke/config"
	"liuke/model/database"
	"liuke/model/keys"
)

const (
	// allFollow is how long it takes until every server has called keys.Follow once more.
	allFollow = 2 * keys.FollowEvery
	// mostRounds is how often all values are gone over. Two are the rule: one that works and one that finds nothing.
	mostRounds = 10
)

// rotateData changes the data key while servers run. It goes on with a change that was interrupted, wherever that was: how
// far it came stands in the database (keys.Stage), and what is sealed anew is passed by. No wait is left out then, since
// nobody knows how long the one before has waited.
func rotateData(w *world) (err error) {
	cfg, log, err := w.settings()
	if err != nil {
		return err
	}
	if cfg.Database.Kind == config.SQLite && !exists(cfg.Database.Path) { // opening would make one
		return fmt.Errorf("there is no database at %s", cfg.Database.Path)
	}
	masters, err := masterKeys(cfg)
	if err != nil {
		return err
	}
	if len(masters) > 1 { // a server that has the previous one alone could not open the new data key
		return errors.New("two master keys are given: end that change first, start every server with the new one alone, and give only that one here")
	}
	db, err := openDatabase(w.ctx, cfg, time.Now, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	ring, err := prepare(w.ctx, db, masters)
	if err != nil {
		return err
	}
	if err := changeData(w, ring); err != nil {
		if w.ctx.Err() != nil {
			return errors.New("interrupted; nothing is lost, and the same command goes on with the change")
		}
		return errors.New(database.Describe(err))
	}
	return nil
}

func changeData(w *world, ring *keys.Ring) error {
	if ring.Stage() == keys.Settled {
		if err := ring.Announce(w.ctx); err != nil {
			return err
		}
		w.print("made a new data key; it only opens for now\n")
	} else {
		w.print("going on with a change of the data key that was interrupted\n")
	}
	if ring.Stage() == keys.Announced {
		if err := w.wait(allFollow, "until every server has read the new key"); err != nil {
			return err
		}
		if err := ring.Switch(w.ctx); err != nil {
			return err
		}
		w.print("the new data key %s seals from now on\n", ring.DataKey())
	}
	if err := w.wait(allFollow, "until no server seals with the old key any more"); err != nil {
		return err
	}
	swept, err := sealAnew(w, ring)
	if err != nil {
		return err
	}
	if err := ring.Settle(w.ctx); err != nil {
		return err
	}
	if swept.Lost > 0 {
		tell(w.stderr, "warning: no key opens %d values; they could not be read before either and stay as they are:\n", swept.Lost)
		for _, name := range swept.Named {
			tell(w.stderr, "  %s\n", name)
		}
	}
	w.print("no value in the database is sealed with the old data key any more; the key %s seals\n", ring.DataKey())
	w.print("the old one stays in the database and only opens: pushes in journals on servers' disks may need it\n")
	return nil
}

// sealAnew goes over all values until a round has found none that an earlier key sealed: a server may have written one
// behind a round's back, such as a file that it began to read before the change.
func sealAnew(w *world, ring *keys.Ring) (keys.Swept, error) {
	progress := progressOn(w.stderr)
	for round := 1; round <= mostRounds; round++ {
		w.print("sealing anew, round %d\n", round)
		swept, err := ring.Sweep(w.ctx, progress)
		w.print("round %d: %d values, %d sealed with an earlier key, %d of them sealed anew\n", round, swept.Values, swept.Old, swept.Anew)
		if err != nil || swept.Old == 0 {
			return swept, err
		}
		if round > 1 {
			if err := w.wait(keys.FollowEvery, "for what is still being written"); err != nil {
				return swept, err
			}
		}
	}
	return keys.Swept{}, errors.New("values are still being sealed with the old data key: start every server anew, then run the same command again")
}

// wait waits, and says for what.
func (w *world) wait(d time.Duration, what string) error {
	w.print("waiting %s %s\n", d, what)
	ctx, cancel := context.WithTimeout(w.ctx, d)
	defer cancel()
	<-ctx.Done()
	return w.ctx.Err()
}
