package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

// How the program itself is measured.
const (
	starts    = 5
	idleAfter = 10 * time.Second
)

// started is one start of the program on a database that is up to date and holds an account and no members.
type started struct {
	took           time.Duration // until /readyz says that it serves
	resident, anon int           // KiB after idleAfter without a call: all of it, and without the pages of its file
}

// onProgram measures how soon the program is ready, what it keeps resident when nothing happens, and its size.
func (b *bench) onProgram(ctx context.Context) error {
	file, err := os.Stat(b.liuke)
	if err != nil {
		return fmt.Errorf("look at the program: %w", err)
	}
	for name := range strings.SplitSeq(b.on, ",") {
		all, screens, err := b.startings(ctx, name)
		if err != nil {
			return fmt.Errorf("starts on %s: %w", name, err)
		}
		b.printStarts(name, all)
		if name == strings.Split(b.on, ",")[0] {
			b.printSize(file.Size(), screens)
		}
	}
	return nil
}

// startings starts and stops the program several times, and says whether it carries the screens.
func (b *bench) startings(ctx context.Context, on string) (all []started, screens bool, err error) {
	db, err := b.emptyDatabase(ctx, on, "program")
	if err != nil {
		return nil, false, err
	}
	o, err := b.setUp(ctx, b.liuke, db)
	if err != nil {
		return nil, false, err
	}
	defer o.close()
	for range b.starts {
		s, err := o.startOnce(ctx)
		if err != nil {
			return nil, false, err
		}
		page, err := fetch(ctx, http.MethodGet, "http://"+o.host+"/app", "", nil)
		screens = bytes.Contains(page, []byte("/app/assets/"))
		if err = errors.Join(err, o.process.stop()); err != nil {
			return nil, false, err
		}
		b.tell("ready after %s on %s, then %d KiB resident", round(s.took), on, s.resident)
		all = append(all, s)
	}
	return all, screens, nil
}

// startOnce starts the program, waits until it is ready and then leaves it alone for a while.
func (o *ours) startOnce(ctx context.Context) (s started, err error) {
	began := time.Now()
	if err := o.start(); err != nil {
		return s, err
	}
	if err := o.process.answers(ctx, "http://"+o.host+"/readyz", time.Millisecond); err != nil {
		return s, err
	}
	s.took = time.Since(began)
	select {
	case <-ctx.Done():
		return s, ctx.Err()
	case <-time.After(idleAfter):
	}
	if s.resident, err = o.process.memory("VmRSS"); err != nil {
		return s, err
	}
	s.anon, err = o.process.memory("RssAnon")
	return s, err
}

func (b *bench) printStarts(on string, all []started) {
	took, resident, anon := make([]float64, len(all)), make([]float64, len(all)), make([]float64, len(all))
	for i, s := range all {
		took[i], resident[i], anon[i] = millis(s.took), float64(s.resident)/1024, float64(s.anon)/1024
	}
	say(b.out, "\nStarting on %s, %d times\n", on, len(all))
	say(b.out, "  ready after %s ms; %s MiB resident after %s without a call, %s of it not shared with its file\n",
		spreadOf(took, "%.0f"), spreadOf(resident, "%.1f"), idleAfter, spreadOf(anon, "%.1f"))
}

func (b *bench) printSize(bytes int64, screens bool) {
	with := "with"
	if !screens {
		with = "WITHOUT"
	}
	say(b.out, "  the program has %.1f MB, stripped, %s the screens\n", float64(bytes)/1e6, with)
}
