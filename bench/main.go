// Command bench measures the figures we quote, as ratios within one run:
//
//	make bench
//	make bench ARGS='--short'
//
// It starts Liuke and the naive peer as processes of their own on private durable servers, sends both the same load in
// turn, checks that every push answered with success is stored, and prints a table. docs/PERFORMANCE.md tells more.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := start(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench: "+err.Error())
		stop()
		os.Exit(1) //nolint:gocritic // stop has been called
	}
}

// start is the program: the bench itself, or one of its other processes.
func start(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) error {
	if len(args) == 1 {
		switch args[0] {
		case "load":
			return runLoad(ctx, in, out)
		case "peer":
			return runPeer(ctx, in)
		case "clerks":
			return runClerks(ctx, in, out)
		case "readers":
			return runReaders(ctx, in, out)
		}
	}
	b, err := newBench(args, out, errs)
	if err != nil {
		return err
	}
	return b.run(ctx)
}

// bench is one run of the whole.
type bench struct {
	pairs       int // 0: five at 64 connections, else three
	seconds     time.Duration
	connections []int
	pushes      int // for push to screen
	starts      int // of the program
	short       bool
	on          string // the databases
	what        string // see the flag
	messages    []int  // how many the clerk of a handover has
	// handoverRounds is how often a handover is measured.
	handoverRounds int
	members        int // of whom a campaign chooses half
	clerks         int // how many have a stream open
	rate           int // pushes a second to them
	streamsFor     time.Duration
	settleFor      time.Duration
	sustained      time.Duration
	history        []int
	talks          int // how many conversations there are
	readers        []int
	logLevel       string // of the program; empty: warn
	// standIn, if there is one, stands before the simulator.
	standIn   func(http.Handler) http.Handler
	liuke     string // the program; empty: it is built
	against   string // another build of it, to stand in the peer's place
	out, errs io.Writer

	dir       string
	folders   int
	account   account
	servers   *servers
	mutex     sync.Mutex
	nextMsgID int
}

func newBench(args []string, out, errs io.Writer) (*bench, error) {
	b := &bench{
		out: out, errs: errs, nextMsgID: 23_000_000_000_000_000, pushes: 200, starts: starts, streamsFor: streamsFor, settleFor: settleFor,
		account: account{AppID: "wx" + letters(16), Secret: letters(32), Token: letters(16), AESKey: letters(42) + "A"},
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.IntVar(&b.pairs, "pairs", 0, "loads on each program in a row of the table (0: 5 at 64 connections, else 3)")
	seconds := flags.Float64("seconds", 5, "length of a load")
	flags.BoolVar(&b.short, "short", false, "a quick look: 1 pair of 2 s at 64 connections")
	connections := flags.String("connections", "16,64,256", "rows of the table")
	flags.StringVar(&b.on, "on", "mariadb,sqlite", "databases to measure pushes and purchases on")
	flags.StringVar(&b.what, "what", "program,pushes,sustained,streams,reads,handovers,campaigns,purchases", "what to measure")
	messages := flags.String("messages", "1000000,3000000", "how many messages the clerk of a handover has; ratios are to the first")
	flags.IntVar(&b.handoverRounds, "rounds", 5, "how often a handover is run and taken back")
	flags.IntVar(&b.members, "members", 1_000_000, "of how many members a campaign chooses half")
	flags.IntVar(&b.clerks, "clerks", 1000, "how many clerks have a stream open")
	flags.IntVar(&b.rate, "rate", 50, "pushes a second to their members, for a minute")
	flags.DurationVar(&b.sustained, "sustained", sustainedFor, "length of the load that effects must keep up with")
	history := flags.String("history", "500000,5000000", "how many messages there are when pages are read")
	flags.IntVar(&b.talks, "talks", 100_000, "in how many conversations they are")
	readers := flags.String("readers", "1,16,64", "how many read pages at once")
	flags.StringVar(&b.liuke, "liuke", "", "the program to measure (empty: it is built)")
	flags.StringVar(&b.against, "against", "", "another build of liuke, to compare with instead of the naive peer")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if b.short {
		b.pairs, *seconds, *connections, b.pushes, b.starts = 1, 2, "64", 50, 1
		*messages, b.handoverRounds, b.members = "200000", 2, rowsOfSmall
		b.streamsFor, b.settleFor, b.sustained = 4*time.Second, 2*time.Second, 6*time.Second
		b.clerks, *history, b.talks, *readers = 100, "20000,100000", 4_000, "1,16"
	}
	b.seconds = time.Duration(*seconds * float64(time.Second))
	var err error
	if b.connections, err = numbers(*connections, 1); err != nil {
		return nil, fmt.Errorf("connections: %w", err)
	}
	if b.messages, err = numbers(*messages, handoverMembers); err != nil {
		return nil, fmt.Errorf("messages: %w", err)
	}
	if b.readers, err = numbers(*readers, 1); err != nil {
		return nil, fmt.Errorf("readers: %w", err)
	}
	if b.talks < leastTalks || b.clerks < 1 || b.rate < 1 {
		return nil, fmt.Errorf("talks must be %d at least, clerks and rate 1", leastTalks)
	}
	if b.history, err = numbers(*history, 4*b.talks); err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	return b, nil
}

// numbers reads a list of whole numbers.
func numbers(list string, least int) ([]int, error) {
	var all []int
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < least {
			return nil, fmt.Errorf("%q is no number from %d up", text, least)
		}
		all = append(all, n)
	}
	return all, nil
}

// run measures and prints.
func (b *bench) run(ctx context.Context) (err error) {
	if b.dir, err = os.MkdirTemp("", "liuke-bench-"); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if b.servers, err = findServers(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.servers.close(context.WithoutCancel(ctx))) }()
	if err := b.build(ctx); err != nil {
		return err
	}
	if err := b.printMachine(); err != nil {
		return err
	}
	for name := range strings.SplitSeq(b.what, ",") {
		measure := map[string]func(context.Context) error{
			"program": b.onProgram, "pushes": b.onPushes, "sustained": b.onSustained, "streams": b.onStreams, "reads": b.onReads, "handovers": b.onHandovers,
			"campaigns": b.onCampaigns, "purchases": b.onPurchases,
		}[name]
		if measure == nil {
			return fmt.Errorf("%q is nothing to measure", name)
		}
		if err := measure(ctx); err != nil {
			return err
		}
	}
	return nil
}

// onPushes measures how fast pushes are accepted.
func (b *bench) onPushes(ctx context.Context) error {
	for name := range strings.SplitSeq(b.on, ",") {
		measure := map[string]func(context.Context) error{"mariadb": b.onMariaDB, "sqlite": b.onSQLite}[name]
		if measure == nil {
			return fmt.Errorf("%q is no database", name)
		}
		if err := measure(ctx); err != nil {
			return fmt.Errorf("on %s: %w", name, err)
		}
	}
	return nil
}

func (b *bench) build(ctx context.Context) error {
	for _, path := range []*string{&b.liuke, &b.against} {
		if *path == "" {
			continue
		}
		var err error
		if *path, err = filepath.Abs(*path); err != nil { // it runs in a folder of its own
			return err
		}
	}
	if b.liuke != "" {
		return nil
	}
	b.liuke = filepath.Join(b.dir, "liuke")
	// Stripped, as make build makes it.
	out, err := exec.CommandContext(ctx, "go", "build", "-ldflags", "-s -w", "-o", b.liuke, "./cmd/liuke").CombinedOutput() //nolint:gosec // fixed but for our folder
	if err != nil {
		return fmt.Errorf("build liuke: %w: %s", err, out)
	}
	return nil
}

// subfolder makes a folder for one process.
func (b *bench) subfolder() string {
	b.folders++
	dir := filepath.Join(b.dir, "p"+strconv.Itoa(b.folders))
	_ = os.Mkdir(dir, 0o700) // the first file in it fails otherwise
	return dir
}

// reserve gives the first of a million MsgIds that nobody else uses.
func (b *bench) reserve() int {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	first := b.nextMsgID
	b.nextMsgID += 1_000_000
	return first
}

// tell shows how far it is.
func (b *bench) tell(format string, args ...any) { say(b.errs, format+"\n", args...) }
