package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// coreTimes is what all cores of the machine together have done since it started, whoever kept them busy.
type coreTimes struct {
	busy time.Duration // with any program, the kernel, or what runs beside this machine on the same cores (steal)
	disk time.Duration // idle while a program waited for the disk
}

// readCores reads the first line of /proc/stat, see proc_stat(5).
func readCores() (coreTimes, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return coreTimes{}, fmt.Errorf("read the cores' time: %w", err)
	}
	return coresOf(string(text))
}

func coresOf(stat string) (c coreTimes, err error) {
	line, _, _ := strings.Cut(stat, "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return c, errors.New("read the cores' time: unknown form")
	}
	for i, field := range fields[1:9] { // user, nice, system, idle, iowait, irq, softirq, steal; guests are in user
		ticks, err := strconv.Atoi(field)
		if err != nil {
			return c, fmt.Errorf("read the cores' time: %w", err)
		}
		took := time.Duration(ticks) * 10 * time.Millisecond
		switch i {
		case 3:
		case 4:
			c.disk += took
		default:
			c.busy += took
		}
	}
	return c, nil
}

// limitOf says what kept a run from being faster: the CPU where hardly a core was ever idle, the disk where the cores
// were mostly idle because of it, else the waiting of the connections for one another, as when all share a commit. Over
// loopback the network costs nothing but CPU. All are in cores: the machine's that were busy, ours among them, those idle
// for the disk, and all there are.
func limitOf(busy, ours, disk, cores float64) string {
	switch {
	case busy >= .9*cores && busy-ours >= .1*cores:
		return fmt.Sprintf("CPU, %.1f of it other work", busy-ours)
	case busy >= .9*cores:
		return "CPU"
	case disk >= (cores-busy)/2:
		return "disk"
	}
	return "waiting"
}
