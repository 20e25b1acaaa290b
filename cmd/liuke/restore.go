package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"liuke/config"
	"liuke/model/database"
	"liuke/service/backup"
	"liuke/service/media"
)

type restoreCommand struct {
	File string `arg:"" help:"A file that liuke backup made."`
}

// Run verifies a backup and brings it into an empty database, which is made if need be. No server may run on it.
func (c restoreCommand) Run(w *world) error {
	cfg, log, err := w.settings()
	if err != nil {
		return err
	}
	f, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("open the backup: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	m, err := backup.Verify(w.ctx, f)
	if err != nil {
		return interruptedOr(w.ctx, err)
	}
	masters, err := presentKeys(cfg)
	if err != nil {
		return err
	}
	made := cfg.Database.Kind == database.SQLite && !exists(cfg.Database.Path)
	done, err := c.restore(w, cfg, log, f)
	if err != nil {
		if made { // an empty database without a key would only be in the way
			err = errors.Join(err, removeDatabase(cfg.Database.Path))
		}
		return interruptedOr(w.ctx, err)
	}
	w.print("restored %d rows and %d files of %s; everybody signs in again\n",
		m.Rows(), m.Media.Files, m.CreatedAt.Format("2006-01-02 15:04:05 UTC"))
	if done.Interrupted > 0 {
		w.print("%d messages were on their way then; they show as unknown and are not sent again\n", done.Interrupted)
	}
	if m.Media.Missing > 0 {
		tell(w.stderr, "warning: %d files were missing when the backup was made\n", m.Media.Missing)
	}
	if !m.OpenedBy(masters) {
		tell(w.stderr, "warning: %s\n", keyAdvice(cfg, m))
	}
	return nil
}

func (c restoreCommand) restore(w *world, cfg config.Config, log *slog.Logger, f *os.File) (done backup.Restored, err error) {
	db, err := openDatabase(w.ctx, cfg, time.Now, log)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := makeSchema(w.ctx, db); err != nil {
		return done, err
	}
	store, err := media.OpenStore(w.ctx, cfg.Media)
	if err != nil {
		return done, err
	}
	return backup.Restore(w.ctx, backup.Target{DB: db, Media: store, Progress: progressOn(w.stderr)}, f)
}

// makeSchema makes the schema in a database that has none. One with an older schema is left as it is.
func makeSchema(ctx context.Context, db *database.DB) error {
	have, _, err := db.SchemaVersion(ctx)
	if err != nil || have > 0 {
		return err
	}
	_, err = db.Migrate(ctx)
	return err
}

// presentKeys gives the master keys that a server with these settings would use; it makes none.
func presentKeys(cfg config.Config) (config.MasterKeys, error) {
	path := config.MasterKeyFile(cfg)
	if len(cfg.MasterKeys) > 0 || path == "" {
		return cfg.MasterKeys, nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return config.EnsureMasterKey(path)
}

// keyAdvice says which key is needed and where it belongs.
func keyAdvice(cfg config.Config, m backup.Manifest) string {
	where := "set LIUKE_MASTER_KEY to it"
	if path := config.MasterKeyFile(cfg); path != "" {
		where = "put it into " + path + " or set LIUKE_MASTER_KEY"
	}
	return "the present master key does not open this data; it was sealed with key " + strings.Join(m.KeyIDs, ", ") +
		". Before the first start " + where
}

// removeDatabase removes a SQLite file and what stands beside it.
func removeDatabase(path string) error {
	var all error
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, err)
		}
	}
	return all
}
