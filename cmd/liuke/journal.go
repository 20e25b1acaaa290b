package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"liuke/api"
	callbackapi "liuke/api/callback"
	"liuke/config"
	"liuke/model/database"
	"liuke/model/keys"
	"liuke/service/account"
	"liuke/service/audit"
	"liuke/service/journal"
)

const (
	// patienceAtStart is how long a start waits for the database when it could go on without it.
	patienceAtStart = 3 * time.Second
	// lookAgain is how often a program that started without its database asks for it.
	lookAgain = 250 * time.Millisecond
)

// open opens database and keys and, beside a database that can be away on its own, the journal. A SQLite file lies on
// the same disk as a journal would: it has no outage that one could bridge.
//
// Where the journal has a copy of the keys the program starts without its database: it takes pushes and nothing else
// until that is there.
func (a *App) open(ctx context.Context, o options) (err error) {
	if o.Config.Database.Kind == database.SQLite {
		a.db, a.keys, err = openReady(ctx, o.Config, o.Now, o.Log)
		return err
	}
	a.journal = journal.Open(ctx, journal.Options{Dir: o.Config.JournalDir, Now: o.Now, Log: o.Log})
	if ring := a.keptKeys(ctx, o.Config.MasterKeys); ring != nil {
		db, err := database.Prepare(databaseOptions(o.Config, o.Now, o.Log))
		if err != nil {
			return errors.New(database.Describe(err))
		}
		if err := within(ctx, patienceAtStart, db.Ping); database.IsTransient(err) && ctx.Err() == nil {
			a.log.WarnContext(ctx, "the database is not there: pushes go into the journal until it is", slog.String("error", database.Describe(err)))
			ring.ReadFrom(ctx, db)
			a.db, a.keys, a.late = db, ring, &late{masters: o.Config.MasterKeys}
			a.journal.UseKeys(ring)
			return nil
		}
		if err := db.Close(); err != nil {
			return errors.New(database.Describe(err))
		}
	}
	if a.db, a.keys, err = openReady(ctx, o.Config, o.Now, o.Log); err != nil {
		return err
	}
	a.journal.UseKeys(a.keys)
	return nil
}

// keptKeys opens the copy of the keys, nil if there is none that can be used.
func (a *App) keptKeys(ctx context.Context, masters config.MasterKeys) *keys.Ring {
	kept, err := a.journal.Kept(journal.KeptKeys)
	if err == nil && len(kept) == 0 {
		return nil
	}
	var ring *keys.Ring
	if err == nil {
		ring, err = keys.FromCopy(kept, masters)
	}
	if err != nil {
		a.log.WarnContext(ctx, "the journal's copy of the keys cannot be used", slog.Any("error", err))
		return nil
	}
	return ring
}

// openAccounts makes the room of the accounts, and fills it at once where pushes must be taken without the database.
func (a *App) openAccounts(ctx context.Context, records *audit.Service) error {
	d := account.Deps{DB: a.db, Keys: a.keys, Audit: records}
	if a.journal == nil {
		a.accounts = account.New(d)
		return nil
	}
	d.Shelf = a.journal
	a.accounts = account.New(d)
	if a.late != nil {
		return a.accounts.Unshelve()
	}
	if err := a.followKeys(ctx); err != nil { // a folder that cannot be written is told once, and by /readyz
		a.log.WarnContext(ctx, "no copy was kept for a start without the database", slog.Any("error", err))
	}
	return nil
}

// startJournal adds the loops of the journal and its figures.
func (a *App) startJournal() {
	if a.journal == nil {
		return
	}
	a.inbound.StartJournal(a.group)
	if a.late != nil {
		a.inbound.Divert()
	}
	a.metrics.Watch("liuke_journal_pushes", "Pushes that wait in this instance's journal for the database.", func() float64 {
		return float64(a.journal.Status().Pushes)
	})
	a.metrics.Watch("liuke_journal_bytes", "Their size.", func() float64 { return float64(a.journal.Status().Bytes) })
	a.metrics.Watch("liuke_journal_full", "1 while the journal can take no push: full, or its folder cannot be written.", func() float64 {
		if a.journal.Status().Refuses {
			return 1
		}
		return 0
	})
}

func (a *App) journalHealth() api.JournalHealth {
	diverted, s := a.inbound.JournalState()
	return api.JournalHealth{Diverted: diverted, Pushes: s.Pushes, Refuses: s.Refuses}
}

// journalCheck lets the check of an account tell about this instance's journal; nil when there is none.
func (a *App) journalCheck() func() (pushes int64, refuses bool) {
	if a.journal == nil {
		return nil
	}
	return func() (int64, bool) {
		s := a.journal.Status()
		return s.Pushes, s.Refuses
	}
}

// late is a start without the database.
type late struct {
	masters config.MasterKeys
	there   atomic.Bool
}

// gate lets only pushes, questions about the health and the web apps' files through until the database is there and its
// schema fits.
func (l *late) gate(all http.Handler) http.Handler {
	if l == nil {
		return all
	}
	open := []string{callbackapi.Prefix, "/healthz", "/readyz", "/metrics", "/app", "/console"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.there.Load() || slices.ContainsFunc(open, func(p string) bool { return strings.HasPrefix(r.URL.Path, p) }) {
			all.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Retry-After", "5")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"type":"about:blank","title":"Service Unavailable","status":503,"reason":"database_unavailable","request_id":""}`)
	})
}

// awaitDatabase waits for a database that was not there at the start, and for nothing otherwise. It fails if the program
// must not run on it.
func (a *App) awaitDatabase(ctx context.Context) error {
	if a.late == nil {
		return nil
	}
	for {
		err := within(ctx, readyIn, a.checkLate)
		if err == nil {
			a.log.InfoContext(ctx, "the database is there")
			a.late.there.Store(true)
			return nil
		}
		if !database.IsTransient(err) {
			return errors.New(database.Describe(err))
		}
		timer := time.NewTimer(lookAgain)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}

// readyIn bounds one look at the database.
const readyIn = 5 * time.Second

// checkLate does what a start does, once the database is there.
func (a *App) checkLate(ctx context.Context) error {
	if err := a.checkDatabase(ctx); err != nil {
		return err
	}
	ring, err := keys.Load(ctx, a.db, a.late.masters)
	if err != nil {
		return err
	}
	if !ring.Same(a.keys) {
		return errors.New("the folder of the journal (LIUKE_JOURNAL) belongs to another database")
	}
	return a.keys.Follow(ctx, nil) // the copy may be of before a change of the data key
}
