// Command plan works out what a chain takes (processors, memory, disk) from what one machine was measured to need:
//
//	go run ./tools/plan -members 50000000 -clerks 100000 -peak 2000
//
// It prints its inputs with where they come from; each may be given otherwise. docs/SCALING.md explains them.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
)

// input is one number that goes in.
type input struct {
	name, unit string
	value      float64
	origin     string
}

// Where inputs come from.
const (
	asked    = "asked"
	chosen   = "chosen"
	measured = "measured"
	bound    = "upper bound, not measured"
)

func inputs() []input {
	return []input{
		{"members", "members", 50e6, asked},
		{"clerks", "clerks", 100e3, asked},
		{"peak", "pushes a second", 2000, asked},
		{"peak-to-mean", "times the mean of a day", 10, chosen},
		{"replies", "answers a message", 0.5, chosen},
		{"years", "years that messages stay", 3, chosen},
		{"headroom", "times the peak", 3, chosen},
		{"online", "of the clerks at once", 0.5, chosen},
		{"copies", "copies of a row in the database", 3, chosen},
		{"cpu", "microseconds of processor a push, program and database", 372, measured},
		{"distributed", "times MariaDB's processor time in a distributed database", 5, chosen},
		{"member-bytes", "bytes on disk a member", memberBytes, measured},
		{"message-bytes", "bytes on disk a message, that stay", messageBytes, measured},
		{"passing-bytes", "bytes on disk a message, gone within a week", passingBytes, measured},
		{"clerk-kib", "KiB of memory a connected clerk", 40, bound},
	}
}

// What one machine was measured to need; docs/SCALING.md says how.
const (
	memberBytes  = 7_345
	messageBytes = 848
	passingBytes = 1_572
)

// output is one number that comes out.
type output struct {
	what  string
	value float64
	unit  string
}

// plan works out what it takes. in holds every input by name.
func plan(in map[string]float64) []output {
	const (
		secondsADay, daysAYear, daysThatPass = 86_400, 365, 7
		micro, giga, kibAGiB                 = 1e-6, 1e9, 1 << 20
		half                                 = 0.5 // program and database share the processor time of a push about evenly
	)
	day := in["peak"] / in["peak-to-mean"] * secondsADay * (1 + in["replies"])
	cores := in["peak"] * (1 + in["replies"]) * in["cpu"] * micro * in["headroom"]
	stay := in["members"]*in["member-bytes"] + day*daysAYear*in["years"]*in["message-bytes"]
	pass := day * daysThatPass * in["passing-bytes"]
	return []output{
		{"messages a day, both ways", day, ""},
		{"cores for the program, all instances", math.Ceil(cores * half), ""},
		{"cores for the database", math.Ceil(cores * half * in["distributed"]), ""},
		{"members on disk, one copy", in["members"] * in["member-bytes"] / giga, "GB"},
		{"messages on disk, one copy", (stay - in["members"]*in["member-bytes"]) / giga, "GB"},
		{"pushes and events of a week, one copy", pass / giga, "GB"},
		{"the database's disks, all copies", (stay + pass) * in["copies"] / giga, "GB"},
		{"memory for connected clerks, all instances", in["clerks"] * in["online"] * in["clerk-kib"] / kibAGiB, "GiB"},
		{"connected clerks an instance, of 10 instances", in["clerks"] * in["online"] / 10, ""},
	}
}

func run(args []string, out, problems io.Writer) int {
	flags := flag.NewFlagSet("plan", flag.ContinueOnError)
	flags.SetOutput(problems)
	all := inputs()
	for i := range all {
		flags.Float64Var(&all[i].value, all[i].name, all[i].value, all[i].unit)
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	in := map[string]float64{}
	say := func(format string, values ...any) { _, _ = fmt.Fprintf(out, format+"\n", values...) }
	say("| input | | | from |\n|---|---|---|---|")
	for _, i := range all {
		if given[i.name] {
			i.origin = "given"
		}
		if i.value < 0 || (i.name == "peak-to-mean" && i.value == 0) {
			_, _ = fmt.Fprintf(problems, "plan: -%s must be above 0\n", i.name)
			return 2
		}
		in[i.name] = i.value
		say("| %s | %.10g | %s | %s |", i.name, i.value, i.unit, i.origin)
	}
	say("\n| it takes | |\n|---|---|")
	for _, o := range plan(in) {
		say("| %s | %.0f %s |", o.what, o.value, o.unit)
	}
	return 0
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }
