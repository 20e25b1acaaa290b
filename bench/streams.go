package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// How the streams are measured.
const (
	membersOfAClerk = 10
	streamsToWarm   = 20
	streamsFor      = time.Minute
	settleFor       = 10 * time.Second // until what connecting took has gone back
)

// streamed is what many open streams cost, and how soon events come to them.
type streamed struct {
	before, connected, after int // KiB resident: without any, with all of them, and after the pushes
	answer, event            delay
	busy                     float64 // cores of the machine, during the pushes
}

// onStreams measures how soon pushes come to one of many connected clerks, and what a connected clerk costs.
func (b *bench) onStreams(ctx context.Context) error {
	for name := range strings.SplitSeq(b.on, ",") {
		s, err := b.streams(ctx, name)
		if err != nil {
			return fmt.Errorf("streams on %s: %w", name, err)
		}
		b.printStreams(name, s)
	}
	return nil
}

func (b *bench) streams(ctx context.Context, on string) (s streamed, err error) {
	db, err := b.emptyDatabase(ctx, on, "streams")
	if err != nil {
		return s, err
	}
	o, err := b.startOurs(ctx, b.liuke, db)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, o.stop()) }()
	began := time.Now()
	clerks, err := o.crowd(ctx, b.clerks, membersOfAClerk, func(int) int64 { return 0 })
	if err != nil {
		return s, fmt.Errorf("fill: %w", err)
	}
	b.tell("%d clerks with %d members each made in %s", b.clerks, membersOfAClerk, time.Since(began).Round(time.Second))
	// Anew: signing in above took memory that hides what a stream costs.
	if err := o.restart(ctx); err != nil {
		return s, err
	}
	if _, err := b.hold(ctx, o, clerks[:min(len(clerks), streamsToWarm)], 4*b.rate); err != nil {
		return s, fmt.Errorf("warm up: %w", err)
	}
	return b.hold(ctx, o, clerks, b.rate*int(b.streamsFor.Seconds()))
}

// restart ends the program and starts it on what it left.
func (o *ours) restart(ctx context.Context) error {
	if err := o.process.stop(); err != nil {
		return err
	}
	if err := o.start(); err != nil {
		return err
	}
	return o.process.healthy(ctx, o.host)
}

// hold lets a process of its own hold the streams and push, and looks at the program's memory before, meanwhile and after.
func (b *bench) hold(ctx context.Context, o *ours, clerks []serving, pushes int) (s streamed, err error) {
	if s.before, err = o.residentLater(ctx, b.settleFor); err != nil {
		return s, err
	}
	helper, err := converse(ctx, b.dir, "clerks")
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, helper.end()) }()
	c := clerksOrder{Host: o.host, Account: b.account, Clerks: clerks, First: b.reserve(), Rate: b.rate, Pushes: pushes}
	var connected int
	if err := helper.ask(c, &connected); err != nil {
		return s, err
	}
	if s.connected, err = o.residentLater(ctx, b.settleFor); err != nil {
		return s, err
	}
	if held, err := o.metric(ctx, "liuke_feed_clients"); err != nil || int(held) != connected {
		return s, fmt.Errorf("of %d streams %.0f are open: %w", connected, held, err)
	}
	before, err := readCores()
	if err != nil {
		return s, err
	}
	began := time.Now()
	var out clerksOutcome
	if err := helper.ask(true, &out); err != nil {
		return s, err
	}
	now, err := readCores()
	if err != nil {
		return s, err
	}
	s.busy = (now.busy - before.busy).Seconds() / time.Since(began).Seconds()
	s.answer, s.event = delayOf(out.Answered), delayOf(out.Arrived)
	s.after, err = o.process.memory("VmRSS")
	return s, err
}

// residentLater is what the program has resident after a while without a call, in KiB.
func (o *ours) residentLater(ctx context.Context, d time.Duration) (int, error) {
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(d):
		return o.process.memory("VmRSS")
	}
}

// conversation is a process of this program that is spoken with in JSON.
type conversation struct {
	cmd  *exec.Cmd
	in   *json.Encoder
	out  *json.Decoder
	errs *strings.Builder
	stop func() error
}

// converse starts this program as one of its other processes.
func converse(ctx context.Context, dir, name string) (*conversation, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	c := &conversation{cmd: exec.CommandContext(ctx, self, name), errs: &strings.Builder{}} //nolint:gosec // this program
	c.cmd.Dir, c.cmd.Env, c.cmd.Stderr = dir, withPath(nil), c.errs
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	c.in, c.out, c.stop = json.NewEncoder(in), json.NewDecoder(out), in.Close
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return c, nil
}

// ask says one thing and waits for the answer.
func (c *conversation) ask(say, answer any) error {
	if err := c.in.Encode(say); err != nil {
		return errors.Join(err, c.end())
	}
	if err := c.out.Decode(answer); err != nil {
		return errors.Join(err, c.end())
	}
	return nil
}

// end waits until the process has ended, which it does when it has nothing more to say. It may be called twice.
func (c *conversation) end() error {
	if c.cmd.ProcessState != nil {
		return nil
	}
	_ = c.stop() // it reads no more
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, c.errs.String())
	}
	return nil
}

func (b *bench) printStreams(on string, s streamed) {
	say(b.out, "\nPush to one of %d connected clerks on %s, %d pushes a second for %s\n", b.clerks, on, b.rate, b.streamsFor)
	say(b.out, "  from the time that it was to be sent: answered after median %s, p99 %s, at most %s\n", round(s.answer.p50), round(s.answer.p99), round(s.answer.most))
	say(b.out, "  at the clerk's feed after median %s, p99 %s, at most %s\n", round(s.event.p50), round(s.event.p99), round(s.event.most))
	each := func(kib int) float64 { return float64(kib-s.before) / float64(b.clerks) }
	say(b.out, "  a connected clerk costs %.1f KiB (%d KiB resident before, %d with all), %.1f KiB after the pushes (%d)\n",
		each(s.connected), s.before, s.connected, each(s.after), s.after)
	say(b.out, "  %.2f cores of the machine were busy\n", s.busy)
}
