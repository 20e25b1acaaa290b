package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"liuke/config"
	"liuke/model/keys"
	"liuke/service/backup"
)

type keysCommand struct {
	Rotate keysRotateCommand `cmd:"" help:"Seal the program's own keys with the current master key; servers may run. With a key file beside SQLite, make a new key first."`
}

type keysRotateCommand struct {
	Data bool `help:"Change the program's own data key instead, and seal with the new one what the old one sealed."`
}

// Run changes one of the keys. It may be repeated, also after it was interrupted.
func (c keysRotateCommand) Run(w *world) error {
	if c.Data {
		return rotateData(w)
	}
	return rotateMaster(w)
}

// rotateMaster ends a change of the master key: what the previous one sealed is sealed with the current one, and nothing
// else is touched, so that servers with either key go on.
func rotateMaster(w *world) (err error) {
	cfg, log, err := w.settings()
	if err != nil {
		return err
	}
	path := ""
	if len(cfg.MasterKeys) == 0 {
		path = config.MasterKeyFile(cfg)
		if cfg.MasterKeys, err = addKey(cfg, path); err != nil {
			return err
		}
	}
	db, err := openDatabase(w.ctx, cfg, time.Now, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := prepare(w.ctx, db, cfg.MasterKeys); err != nil { // which seals with the current key
		return err
	}
	current := backup.KeyID(cfg.MasterKeys[0])
	by, err := keys.SealedBy(w.ctx, db)
	if err != nil {
		return err
	}
	if !slices.Equal(by, []string{current}) {
		return fmt.Errorf("keys %s seal the data, not %s alone: another program changes them; try again", strings.Join(by, ", "), current)
	}
	w.print("everything is sealed with the master key %s\n", current)
	if len(cfg.MasterKeys) == 1 {
		w.print("no other key was given: nothing had to be done (to change it: LIUKE_MASTER_KEY=new,old)\n")
		return nil
	}
	previous := backup.KeyID(cfg.MasterKeys[1])
	if path != "" {
		old := path + "." + previous
		if err := config.WriteMasterKeys(old, cfg.MasterKeys[1:]); err != nil {
			return err
		}
		if err := config.WriteMasterKeys(path, cfg.MasterKeys[:1]); err != nil {
			return err
		}
		w.print("%s holds the new key alone; the previous one was put aside in %s: move it to where your backups' keys are\n", path, old)
		return nil
	}
	w.print("the previous key %s may go from the settings once every server has been started with the new one; keep it for backups made until now\n", previous)
	return nil
}

// addKey puts a new key before the one in the file, unless the file has two: then a change was interrupted and goes on.
func addKey(cfg config.Config, path string) (config.MasterKeys, error) {
	if !exists(cfg.Database.Path) || !exists(path) {
		return nil, fmt.Errorf("there is no database at %s with its key beside it", cfg.Database.Path)
	}
	have, err := config.EnsureMasterKey(path)
	if err != nil || len(have) == 2 {
		return have, err
	}
	both := config.MasterKeys{config.NewMasterKey(), have[0]}
	return both, config.WriteMasterKeys(path, both)
}
