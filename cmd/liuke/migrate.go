package main

import (
	"errors"
	"time"
)

type migrateCommand struct{}

// Run brings the schema up to date.
func (migrateCommand) Run(w *world) (err error) {
	cfg, log, err := w.settings()
	if err != nil {
		return err
	}
	if _, err := masterKeys(cfg); err != nil { // a SQLite file without its key would be of no use
		return err
	}
	db, err := openDatabase(w.ctx, cfg, time.Now, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	steps, err := db.Migrate(w.ctx)
	if err != nil {
		return err
	}
	for _, step := range steps {
		w.print("applied %s\n", step)
	}
	have, _, err := db.SchemaVersion(w.ctx)
	if err != nil {
		return err
	}
	w.print("the schema is at version %d\n", have)
	return db.CheckSchema(w.ctx)
}
