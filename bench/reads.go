package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
	"time"
)

// How reading is measured.
const (
	talksOfAClerk = 100
	leastTalks    = 10 * talksOfAClerk
	readRounds    = 5
	// Of each clerk every fiftieth conversation is long, and all those hold a quarter of the messages. Their pages are
	// read: they are full with few messages as with many. The others share the rest.
	longEvery = 50
	longPart  = 4
	waitEvery = 10 // of the others every tenth waits for an answer
)

// reading is what one round of one page by so many readers took, and the bare rows beside it.
type reading struct {
	server, reader, bare delay // as the program's own log says, and as the readers saw
	perSecond            float64
	busy, ours, disk     float64 // cores: of the machine, those busy with this, those idle for the disk
}

// pages are the rounds of one page with one number of readers.
type pages struct {
	page    string
	readers int
	rounds  []reading
}

// lengthOf says how many messages the n-th of so many conversations has, of all together.
func lengthOf(n, talks, messages int) int64 {
	long := talks / longEvery
	if n%longEvery == 0 {
		return int64(messages/longPart/long) / 2 * 2
	}
	half := (messages - messages/longPart) / 2 // the others share these pairs of message and answer as evenly as whole numbers go
	length := int64(2 * ((n+1)*half/(talks-long) - n*half/(talks-long)))
	if n%waitEvery == 1 {
		length++
	}
	return length
}

// onReads measures how long pages take beside the bare rows, with few messages and with many.
func (b *bench) onReads(ctx context.Context) error {
	var first []pages
	for i, messages := range b.history {
		all, err := b.reads(ctx, messages)
		if err != nil {
			return fmt.Errorf("reads of %d messages: %w", messages, err)
		}
		b.printReads(messages, all)
		if i == 0 {
			first = all
			continue
		}
		b.printGrowth(b.history[0], messages, first, all)
	}
	return nil
}

func (b *bench) reads(ctx context.Context, messages int) (all []pages, err error) {
	dsn, err := b.servers.database(ctx, "reads")
	if err != nil {
		return nil, err
	}
	b.logLevel = "info" // the default: the program says how long each call took
	defer func() { b.logLevel = "" }()
	o, err := b.startOurs(ctx, b.liuke, "mysql:"+dsn)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.stop()) }()
	order, err := b.library(ctx, o, messages)
	if err != nil {
		return nil, fmt.Errorf("fill: %w", err)
	}
	if err := b.noCounting(ctx, o, order); err != nil {
		return nil, err
	}
	order.Milliseconds = int(b.seconds.Milliseconds())
	for _, order.Readers = range b.readers {
		for _, order.Page = range []string{"feed", "history"} {
			p := pages{page: order.Page, readers: order.Readers}
			for i := range b.roundsOfReads() + 1 {
				r, err := b.read(ctx, o, order, dsn)
				if err != nil {
					return nil, err
				}
				if i == 0 {
					continue // caches fill
				}
				b.tell("%d messages, %d readers, %s: %.2f ms, bare %.2f ms", messages, order.Readers, order.Page, millis(r.server.p50), millis(r.bare.p50))
				p.rounds = append(p.rounds, r)
			}
			all = append(all, p)
		}
	}
	return all, nil
}

func (b *bench) roundsOfReads() int {
	if b.pairs > 0 {
		return b.pairs
	}
	return readRounds
}

// library fills the database, past the program: through it the messages would take hours.
func (b *bench) library(ctx context.Context, o *ours, messages int) (order readersOrder, err error) {
	b.tell("filling %d messages in %d conversations", messages, b.talks)
	began := time.Now()
	length := func(n int) int64 { return lengthOf(n, b.talks, messages) }
	order.Host = o.host
	if order.Account, err = o.accountID(ctx); err != nil {
		return order, err
	}
	if order.Clerks, err = o.crowd(ctx, b.talks/talksOfAClerk, talksOfAClerk, length); err != nil {
		return order, err
	}
	var talks []string
	for i, c := range order.Clerks {
		talks = append(talks, c.Talks...)
		order.Clerks[i].OpenIDs, order.Clerks[i].Members = nil, nil
		order.Clerks[i].Talks = nil
		for k := 0; k < talksOfAClerk; k += longEvery {
			order.Clerks[i].Talks = append(order.Clerks[i].Talks, c.Talks[k])
		}
	}
	if err := o.talk(ctx, talks, int(length(0))); err != nil {
		return order, err
	}
	for _, table := range []string{"messages", "conversations", "members", "followers", "allowances", "staff", "sessions"} {
		if _, err := o.db.Exec(ctx, "ANALYZE TABLE "+table); err != nil {
			return order, err
		}
	}
	b.tell("filled in %s", time.Since(began).Round(time.Second))
	return order, b.servers.clean(ctx)
}

// read lets readers read from the program and then the same rows bare.
func (b *bench) read(ctx context.Context, o *ours, order readersOrder, dsn string) (r reading, err error) {
	place, err := o.process.written()
	if err != nil {
		return r, err
	}
	s := o.subject("")
	before, err := b.cpuTimes(s)
	if err != nil {
		return r, err
	}
	theirs, err := b.readPages(ctx, order)
	if err != nil {
		return r, err
	}
	after, err := b.cpuTimes(s)
	if err != nil {
		return r, err
	}
	ours := theirs.CPU
	for name, used := range after {
		ours += (used - before[name]).Seconds() / theirs.Seconds
	}
	took, err := o.process.calls(place, map[string]string{"feed": "/api/conversations", "history": "/api/conversations/:id/messages"}[order.Page])
	if err != nil {
		return r, err
	}
	if len(took) < len(theirs.Took)*9/10 { // the last lines may still be on their way
		return r, fmt.Errorf("the log tells of %d calls, %d were made", len(took), len(theirs.Took))
	}
	order.DSN = dsn
	bare, err := b.readPages(ctx, order)
	if err != nil {
		return r, err
	}
	return reading{
		server: delayOf(took), reader: delayOf(theirs.Took), bare: delayOf(bare.Took),
		perSecond: float64(len(theirs.Took)) / theirs.Seconds, busy: theirs.Busy, ours: ours, disk: theirs.Disk,
	}, nil
}

// readPages runs a process of readers to its end.
func (b *bench) readPages(ctx context.Context, order readersOrder) (result readersOutcome, err error) {
	helper, err := converse(ctx, b.dir, "readers")
	if err != nil {
		return result, err
	}
	if err := helper.ask(order, &result); err != nil {
		return result, err
	}
	return result, helper.end()
}

// written is how long the log of a program is.
func (p *process) written() (int64, error) {
	info, err := os.Stat(p.log)
	if err != nil {
		return 0, fmt.Errorf("look at the log: %w", err)
	}
	return info.Size(), nil
}

// calls reads from a place of the log on how long the calls of a route took.
func (p *process) calls(place int64, route string) ([]time.Duration, error) {
	log, err := os.Open(p.log)
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	defer func() { _ = log.Close() }() // it was only read
	if _, err := log.Seek(place, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	return callsOf(log, route)
}

func callsOf(log io.Reader, route string) (took []time.Duration, err error) {
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		var line struct {
			Message string `json:"msg"`
			Route   string `json:"route"`
			Took    int64  `json:"took_us"`
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Message == "request" && line.Route == route {
			took = append(took, time.Duration(line.Took)*time.Microsecond)
		}
	}
	return took, lines.Err()
}

func (b *bench) printReads(messages int, all []pages) {
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	say(w, "\nPages on MariaDB with %d messages in %d conversations: %d conversations of a clerk, the newest %d messages of one\n", messages, b.talks, feedPage, historyPage)
	say(w, "readers\tpage\tserver, median ms\tp99\tbare rows, median\tp99\tmedian is\tp99 is\tat the reader\tpages/s\tlimited by\n")
	for _, p := range all {
		show := func(of func(reading) float64) string { return spreadOf(figures(p.rounds, of), "%.2f") }
		say(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s times\t%s times\t%s\t%s\t%s\n", p.readers, p.page,
			show(func(r reading) float64 { return millis(r.server.p50) }), show(func(r reading) float64 { return millis(r.server.p99) }),
			show(func(r reading) float64 { return millis(r.bare.p50) }), show(func(r reading) float64 { return millis(r.bare.p99) }),
			show(func(r reading) float64 { return r.server.p50.Seconds() / r.bare.p50.Seconds() }),
			show(func(r reading) float64 { return r.server.p99.Seconds() / r.bare.p99.Seconds() }),
			show(func(r reading) float64 { return millis(r.reader.p50) }),
			spreadOf(figures(p.rounds, func(r reading) float64 { return r.perSecond }), "%.0f"),
			limitOf(middle(p.rounds, func(r reading) float64 { return r.busy }), middle(p.rounds, func(r reading) float64 { return r.ours }),
				middle(p.rounds, func(r reading) float64 { return r.disk }), cores()))
	}
	_ = w.Flush() // standard output
}

// printGrowth says how much longer the medians are with many messages than with few.
func (b *bench) printGrowth(few, many int, first, last []pages) {
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	say(w, "\nFrom %d to %d messages\nreaders\tpage\tserver takes\tbare rows take\n", few, many)
	for i, p := range last {
		grown := func(of func(reading) float64) float64 { return middle(p.rounds, of) / middle(first[i].rounds, of) }
		say(w, "%d\t%s\t%.2f times\t%.2f times\n", p.readers, p.page,
			grown(func(r reading) float64 { return r.server.p50.Seconds() }), grown(func(r reading) float64 { return r.bare.p50.Seconds() }))
	}
	_ = w.Flush() // standard output
}

func figures[T any](rounds []T, of func(T) float64) []float64 {
	all := make([]float64, len(rounds))
	for i, r := range rounds {
		all[i] = of(r)
	}
	return all
}

// middle is the median of one figure of all rounds.
func middle[T any](rounds []T, of func(T) float64) float64 {
	all := figures(rounds, of)
	slices.Sort(all)
	return quantile(all, .5)
}
