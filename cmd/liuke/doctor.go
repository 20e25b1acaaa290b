package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"liuke/config"
	"liuke/model/database"
	"liuke/model/keys"
)

type doctorCommand struct{}

// doctorPatience bounds each look at something outside.
const doctorPatience = 10 * time.Second

// doctor looks at what the program stands on and says in words what to mend. It changes nothing that a start of the
// program would not change; the files that it tries the disks with are deleted again.
type doctor struct {
	*world

	cfg  config.Config
	db   *database.DB // nil: it cannot be reached
	keys *keys.Ring   // nil: they cannot be opened
	ills int
}

// Run examines everything, also behind a first fault. It fails when something has to be mended.
func (doctorCommand) Run(w *world) (err error) {
	d := &doctor{world: w}
	if d.cfg, err = config.Load(w.environ); err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			d.ill("settings", line, "config/example.env explains every setting")
		}
		return d.verdict()
	}
	d.well("settings", "complete")
	d.address()
	d.disk()
	d.redis()
	d.database()
	if d.db != nil {
		defer func() { err = errors.Join(err, d.db.Close()) }()
		d.wechat()
	}
	return d.verdict()
}

func (d *doctor) well(what, words string) { d.print("ok    %-12s %s\n", what, words) }

func (d *doctor) ill(what, words, mend string) {
	d.ills++
	d.print("MEND  %-12s %s: %s\n", what, words, mend)
}

// note tells what may be meant so.
func (d *doctor) note(what, words string) { d.print("note  %-12s %s\n", what, words) }

func (d *doctor) verdict() error {
	switch d.ills {
	case 0:
		return nil
	case 1:
		return errors.New("one thing has to be mended")
	}
	return fmt.Errorf("%d things have to be mended", d.ills)
}

// bounded is the context of one look.
func (d *doctor) bounded() (context.Context, context.CancelFunc) {
	return context.WithTimeout(d.ctx, doctorPatience)
}

// quiet is the log of rooms that are only asked.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
