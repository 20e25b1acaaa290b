package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/cenkalti/backoff/v5"

	"liuke/config"
	"liuke/model/database"
	"liuke/model/keys"
)

// waitForDatabase is how long a start waits for a database that is still starting itself.
const waitForDatabase = 30 * time.Second

func databaseOptions(cfg config.Config, now func() time.Time, log *slog.Logger) database.Options {
	return database.Options{Kind: cfg.Database.Kind, Path: cfg.Database.Path, DSN: cfg.Database.DSN, Now: now, Log: log}
}

func openDatabase(ctx context.Context, cfg config.Config, now func() time.Time, log *slog.Logger) (*database.DB, error) {
	db, err := backoff.Retry(ctx, func() (*database.DB, error) {
		db, err := database.Open(ctx, databaseOptions(cfg, now, log))
		if err != nil && !database.IsTransient(err) {
			return nil, backoff.Permanent(err)
		}
		return db, err
	}, backoff.WithMaxElapsedTime(waitForDatabase), backoff.WithNotify(func(err error, next time.Duration) {
		log.WarnContext(ctx, "the database is not there yet", slog.String("error", database.Describe(err)), slog.Duration("next_try", next))
	}))
	if err != nil {
		return nil, errors.New(database.Describe(err))
	}
	return db, nil
}

// openReady opens a database whose schema fits, and its keys. SQLite is brought up to date on the way.
func openReady(ctx context.Context, cfg config.Config, now func() time.Time, log *slog.Logger) (*database.DB, *keys.Ring, error) {
	masters, err := masterKeys(cfg)
	if err != nil {
		return nil, nil, err
	}
	db, err := openDatabase(ctx, cfg, now, log)
	if err != nil {
		return nil, nil, err
	}
	ring, err := prepare(ctx, db, masters)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, ring, nil
}

func prepare(ctx context.Context, db *database.DB, masters config.MasterKeys) (*keys.Ring, error) {
	if db.Kind() == database.SQLite {
		if _, err := db.Migrate(ctx); err != nil {
			return nil, err
		}
	}
	if err := db.CheckSchema(ctx); err != nil {
		return nil, err
	}
	return keys.Load(ctx, db, masters)
}

// masterKeys gives those of the settings, or those of the file beside the SQLite file. The key file is made together
// with the SQLite file and never later: a fresh key could not read what is there.
func masterKeys(cfg config.Config) (config.MasterKeys, error) {
	if len(cfg.MasterKeys) > 0 {
		return cfg.MasterKeys, nil
	}
	path := config.MasterKeyFile(cfg)
	if exists(cfg.Database.Path) && !exists(path) {
		return nil, fmt.Errorf("%s is missing: without it what %s holds cannot be read; put it back from your copy, or set LIUKE_MASTER_KEY",
			path, cfg.Database.Path)
	}
	return config.EnsureMasterKey(path)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
