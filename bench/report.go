package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// printMachine says where and with what was measured.
func (b *bench) printMachine() error {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return fmt.Errorf("read the CPU's name: %w", err)
	}
	_, model, _ := strings.Cut(string(info), "model name\t: ")
	model, _, _ = strings.Cut(model, "\n")
	commit, err := exec.Command("git", "describe", "--always", "--dirty").Output() //nolint:noctx // a moment
	if err != nil {
		commit = []byte("unknown") // not a checkout
	}
	say(b.out, "%d cores of %s, shared by load, program and database; %s; %s; liuke %s\n",
		runtime.NumCPU(), model, runtime.Version(), strings.Join(b.servers.versions, "; "), strings.TrimSpace(string(commit)))
	say(b.out, "Each load lasts %s; %d openids; medians, and the lowest and highest in brackets.\n", b.seconds, memberPool)
	return nil
}

func (b *bench) printLatency(on string, answer, event delay) {
	say(b.out, "\nPush to screen on %s, %d pushes one at a time:\n", on, b.pushes)
	say(b.out, "  answered after median %s, p99 %s, at most %s\n", round(answer.p50), round(answer.p99), round(answer.most))
	say(b.out, "  at the clerk's feed after median %s, p99 %s, at most %s\n", round(event.p50), round(event.p99), round(event.most))
}

// say writes to the person in front of it, who may have gone.
func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

// printTable prints what was reached, the ratios to the first subject, and what was busy.
func (b *bench) printTable(on string, subjects []*subject, all [][][]run) {
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	say(w, "\nPushes accepted on %s\n", on)
	say(w, "connections\tprogram\tpushes/s\tliuke's rate is\tp50 ms\tp99 ms\tliuke's p99 is\tlog syncs/s\tpushes a commit\twith all effects/s\n")
	for i, connections := range b.connections {
		for j, s := range subjects {
			ours, runs := all[i][0], all[i][j]
			rate, tail := "", ""
			if j > 0 {
				rate = over(ours, runs, func(r run) float64 { return r.Rate }) + " times"
				tail = over(ours, runs, func(r run) float64 { return r.P99 }) + " times"
			}
			batch, effects := "", ""
			if s.ours != nil {
				batch = spread(runs, "%.1f", func(r run) float64 { return r.batch })
				effects = spread(runs, "%.0f", func(r run) float64 { return float64(r.Success) / (r.Seconds + r.drained.Seconds()) })
			}
			say(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", connections, s.name,
				spread(runs, "%.0f", func(r run) float64 { return r.Rate }), rate,
				spread(runs, "%.1f", func(r run) float64 { return r.P50 }), spread(runs, "%.1f", func(r run) float64 { return r.P99 }), tail,
				spread(runs, "%.0f", func(r run) float64 { return r.syncs }), batch, effects)
		}
	}
	say(w, "\nCores kept busy meanwhile (of %d)\n", runtime.NumCPU())
	say(w, "connections\tunder load\tprogram\tMariaDB\tRedis\tload\ttogether\twhole machine\tidle for the disk\tlimited by\tCPU µs a push, effects included\n")
	for i, connections := range b.connections {
		for j, s := range subjects {
			say(w, "%d\t%s", connections, s.name)
			for _, name := range []string{"program", "MariaDB", "Redis", "load"} {
				say(w, "\t%s", spread(all[i][j], "%.2f", func(r run) float64 { return r.cores[name] }))
			}
			busy, disk := func(r run) float64 { return r.Busy }, func(r run) float64 { return r.Disk }
			say(w, "\t%s\t%s\t%s\t%s\t%s\n", spread(all[i][j], "%.2f", together), spread(all[i][j], "%.2f", busy), spread(all[i][j], "%.2f", disk),
				limitOf(middle(all[i][j], busy), middle(all[i][j], together), middle(all[i][j], disk), cores()),
				spread(all[i][j], "%.0f", func(r run) float64 { return r.cost }))
		}
	}
	_ = w.Flush() // standard output
}

// cores is how many there are.
func cores() float64 { return float64(runtime.NumCPU()) }

func together(r run) (sum float64) {
	for _, cores := range r.cores {
		sum += cores
	}
	return sum
}

// over gives the ratio of two subjects' figures, pair by pair.
func over(ours, theirs []run, figure func(run) float64) string {
	ratios := make([]float64, len(ours))
	for i := range ours {
		ratios[i] = figure(ours[i]) / figure(theirs[i])
	}
	return spreadOf(ratios, "%.2f")
}

func spread(runs []run, format string, figure func(run) float64) string {
	return spreadOf(figures(runs, figure), format)
}

// spreadOf gives the median, and the lowest and highest if there are several.
func spreadOf(values []float64, format string) string {
	slices.SortFunc(values, cmp.Compare)
	text := fmt.Sprintf(format, quantile(values, .5))
	if low, high := fmt.Sprintf(format, values[0]), fmt.Sprintf(format, values[len(values)-1]); low != high {
		text += " [" + low + "–" + high + "]"
	}
	return text
}

// printHandovers prints what a handover took, as ratios to the bare update of the same run; short are the rounds with
// the least messages.
func (b *bench) printHandovers(messages int, rounds, short []moving, pushes pushed, naive []rewriting) {
	say(b.out, "\nHandover of %d members with %d messages to %d clerks on MariaDB\n", handoverMembers, messages, handoverReceivers)
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	part := func(name string, f func(moving) time.Duration) {
		values, ratios := make([]float64, len(rounds)), make([]float64, len(rounds))
		for i, r := range rounds {
			values[i] = millis(f(r))
			ratios[i] = f(r).Seconds() / r.bare.Seconds()
		}
		say(w, "%s\t%s ms\t%s times the bare update\n", name, spreadOf(values, "%.0f"), spreadOf(ratios, "%.2f"))
	}
	part("bare update of the member rows", func(r moving) time.Duration { return r.bare })
	part("plan", func(r moving) time.Duration { return r.plan })
	part("preview and first page", func(r moving) time.Duration { return r.preview })
	part("run", func(r moving) time.Duration { return r.run })
	part("undo", func(r moving) time.Duration { return r.undo })
	cores := make([]float64, len(rounds))
	for i, r := range rounds {
		cores[i] = r.runCores.Seconds() / r.bareCores.Seconds()
	}
	say(w, "run, by the time that cores were busy\t\t%s times the bare update\n", spreadOf(cores, "%.2f"))
	_ = w.Flush() // standard output
	run := medianOf(rounds, func(r moving) time.Duration { return r.run })
	if len(naive) > 0 {
		took := medianOf(naive, func(r rewriting) time.Duration { return r.took })
		busy := medianOf(naive, func(r rewriting) time.Duration { return r.cores })
		say(b.out, "  rewriting the clerk on the messages: %s, %.1f times the run, %.1f times by the time that cores were busy\n",
			took.Round(time.Millisecond), took.Seconds()/run.Seconds(),
			busy.Seconds()/medianOf(rounds, func(r moving) time.Duration { return r.runCores }).Seconds())
	} else {
		least := medianOf(short, func(r moving) time.Duration { return r.run })
		say(b.out, "  the run took %.2f times that with the least messages\n", run.Seconds()/least.Seconds())
	}
	say(b.out, "  %d pushes while a run took %s: accepted after median %s, p99 %s, at most %s\n",
		pushes.n, pushes.run.Round(time.Millisecond), round(pushes.p50), round(pushes.p99), round(pushes.most))
}

// printChoosings prints how long it took to fix an audience.
func (b *bench) printChoosings(all []choosing) {
	values, files, memory := make([]float64, len(all)), make([]float64, len(all)), make([]float64, len(all))
	for i, c := range all {
		values[i], files[i], memory[i] = c.took.Seconds(), c.exported.Seconds(), float64(c.memory)/1024
	}
	say(b.out, "\nA campaign on MariaDB chooses and queues %d recipients of %d members with %d purchases\n", all[0].audience, b.members, b.members*purchasesEach)
	say(b.out, "  in %s s; all of them as a file in %s s; the program had at most %s MiB resident\n",
		spreadOf(values, "%.1f"), spreadOf(files, "%.1f"), spreadOf(memory, "%.0f"))
}

// printSendings prints how fast a campaign sends beside WeChat's client alone.
func (b *bench) printSendings(all []sent) {
	rates, alone, parts, pauses := make([]float64, len(all)), make([]float64, len(all)), make([]float64, len(all)), make([]float64, len(all))
	for i, s := range all {
		rates[i], alone[i], parts[i], pauses[i] = s.rate, s.alone, s.rate/s.alone, millis(s.paused)
	}
	say(b.out, "\nA campaign on MariaDB sends %d customer messages to a stand-in that answers in %s, %d at once\n", memberPool, answersIn, sendsAtOnce)
	say(b.out, "  %s/s; WeChat's client alone %s/s; %s of it\n", spreadOf(rates, "%.0f"), spreadOf(alone, "%.0f"), spreadOf(parts, "%.2f"))
	say(b.out, "  after a pause was answered, the last message of it was accepted %s ms later\n", spreadOf(pauses, "%.0f"))
}

// printImportings prints how fast purchases are taken in from a file.
func (b *bench) printImportings(on string, rows int, all []importing) {
	upload, run, again, memory := make([]float64, len(all)), make([]float64, len(all)), make([]float64, len(all)), make([]float64, len(all))
	for i, a := range all {
		upload[i], run[i], again[i], memory[i] = a.upload.Seconds(), a.run.Seconds(), a.again.Seconds(), float64(a.memory)/1024
	}
	say(b.out, "\nA CSV file of %d purchases of %d members on %s\n", rows, buyers, on)
	say(b.out, "  is read in %s s and recorded in %s s; the same file again changes nothing in %s s; the program had at most %s MiB resident\n",
		spreadOf(upload, "%.1f"), spreadOf(run, "%.1f"), spreadOf(again, "%.1f"), spreadOf(memory, "%.0f"))
}

func medianOf[T any](rounds []T, of func(T) time.Duration) time.Duration {
	all := make([]time.Duration, len(rounds))
	for i, r := range rounds {
		all[i] = of(r)
	}
	slices.Sort(all)
	return quantile(all, .5)
}
