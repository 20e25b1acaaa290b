package main

import (
	"fmt"
	"time"

	"liuke/config"
	"liuke/model/database"
	"liuke/model/keys"
)

// Bounds of a database that is well.
const (
	slowAnswer = 50 * time.Millisecond
	clockApart = 2 * time.Second
)

// database opens it and asks it about itself. Nothing is migrated.
func (d *doctor) database() {
	if d.cfg.Database.Kind == config.SQLite && !exists(d.cfg.Database.Path) {
		d.note("database", d.cfg.Database.Path+" is made at the first start")
		return
	}
	ctx, cancel := d.bounded()
	defer cancel()
	db, err := database.Open(ctx, database.Options{
		Kind: d.cfg.Database.Kind, Path: d.cfg.Database.Path, DSN: d.cfg.Database.DSN, Now: time.Now, Log: quiet(),
	})
	if err != nil {
		d.ill("database", d.cfg.Database.String()+" cannot be opened ("+database.Describe(err)+")", "start it, or correct LIUKE_DATABASE")
		return
	}
	d.db = db
	facts, err := db.Inspect(ctx)
	if err != nil {
		d.ill("database", "does not answer ("+database.Describe(err)+")", "look at its log")
		return
	}
	d.facts(facts)
	if err := db.CheckSchema(ctx); err != nil {
		d.ill("schema", database.Describe(err), "until then `liuke serve` refuses to start")
		return
	}
	d.well("schema", fmt.Sprintf("version %d", database.WantedSchema()))
	d.masterKey()
}

func (d *doctor) facts(f database.Facts) {
	words := fmt.Sprintf("%s answers in %d ms", f.Server, f.Took.Milliseconds())
	switch {
	case !f.Durable:
		d.ill("database", words+", but a commit is not on the disk when it is told",
			"set innodb_flush_log_at_trx_commit=1: a crash would lose messages that WeChat believes taken")
	case f.Took > slowAnswer:
		d.ill("database", words, "that is slow for one small question: look at its load and at the network")
	default:
		d.well("database", words)
	}
	if f.Ahead.Abs() > clockApart {
		d.ill("clock", fmt.Sprintf("the database's clock is %s apart from this machine's", f.Ahead.Round(time.Second)), "let both be set by NTP")
	}
}

// masterKey tries whether what is sealed can be opened.
func (d *doctor) masterKey() {
	ctx, cancel := d.bounded()
	defer cancel()
	masters, err := masterKeys(d.cfg)
	if err == nil {
		d.keys, err = keys.Load(ctx, d.db, masters)
	}
	if err != nil {
		d.ill("master key", database.Describe(err), "without the right one neither AppSecrets nor phones can be read: put it back from your copy")
		return
	}
	d.well("master key", "opens what is sealed")
	if d.keys.Stage() != keys.Settled {
		d.note("data key", "is being changed: `liuke keys rotate --data` goes on with it if it was interrupted")
	}
}
