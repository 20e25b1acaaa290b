package databasetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"liuke/model/database"
)

// migratedLite is the file of a migrated SQLite database without rows. It is made once per process and panics if it cannot be.
var migratedLite = sync.OnceValue(func() []byte { //nolint:gochecknoglobals // made for all tests of a package
	file, err := migrateLite()
	if err != nil {
		panic(err)
	}
	return file
})

func migrateLite() (file []byte, err error) {
	dir, err := os.MkdirTemp("", "liuke-migrated")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	path := filepath.Join(dir, "liuke.db")
	db, err := database.Open(ctx, database.Options{Kind: database.SQLite, Path: path, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	_, err = db.Migrate(ctx)
	if err := errors.Join(err, db.Close()); err != nil { // the last one out writes everything into the file
		return nil, err
	}
	return os.ReadFile(path)
}
