package main

import (
	"context"
	"errors"
	"log/slog"

	"liuke/model/keys"
	"liuke/service/journal"
)

// startKeys adds the loop that takes up what others do with the stored keys. It also brings the copies for a start without
// the database up to date: the accounts come after the keys that sealed them.
func (a *App) startKeys() {
	a.group.Go("keys.follow", keys.FollowEvery, a.followKeys)
}

func (a *App) followKeys(ctx context.Context) error {
	if a.journal == nil {
		return a.tellMaster(ctx, a.keys.Follow(ctx, nil))
	}
	err := a.tellMaster(ctx, a.keys.Follow(ctx, func(copied []byte) error { return a.journal.Keep(journal.KeptKeys, copied) }))
	if err != nil {
		return err
	}
	return a.accounts.Shelve(ctx)
}

// tellMaster says once that this server was started before the master key was changed. It goes on with the keys it has.
func (a *App) tellMaster(ctx context.Context, err error) error {
	if !errors.Is(err, keys.ErrOtherMaster) {
		return err
	}
	a.masterTold.Do(func() {
		a.log.WarnContext(ctx, "the master key was changed since this server was started: start it with the new one", slog.Any("error", err))
	})
	return nil
}
