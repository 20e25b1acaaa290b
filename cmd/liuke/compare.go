package main

import (
	"errors"
	"fmt"
	"os"

	"liuke/service/backup"
)

type compareCommand struct {
	Before string `arg:"" help:"A backup that was restored."`
	After  string `arg:"" help:"A backup made of the restored database, before a server ran on it."`
}

// Run is the end of a restore drill: it tells, by checksum, whether every table and file came back.
func (c compareCommand) Run(w *world) error {
	before, err := os.Open(c.Before)
	if err != nil {
		return fmt.Errorf("open the first backup: %w", err)
	}
	defer func() { _ = before.Close() }() // only read
	after, err := os.Open(c.After)
	if err != nil {
		return fmt.Errorf("open the second backup: %w", err)
	}
	defer func() { _ = after.Close() }() // only read
	found, err := backup.Compare(w.ctx, before, after)
	if err != nil {
		return interruptedOr(w.ctx, err)
	}
	c.print(w, found)
	if !found.Same() {
		return errors.New("the restored database is not what the backup holds")
	}
	return nil
}

// shownSum is how much of a checksum is printed.
const shownSum = 16

func (c compareCommand) print(w *world, found backup.Comparison) {
	w.print("%-28s %12s %12s  %-*s  \n", "table", "rows", "restored", shownSum, "sha256")
	empty := 0
	for _, t := range found.Tables {
		if t.Same && t.Rows == 0 {
			empty++
			continue
		}
		w.print("%-28s %12d %12d  %s  %s\n", t.Name, t.Rows, t.Copied, t.SHA256[:shownSum], verdictOn(t.Same))
	}
	w.print("%d more tables are empty in both\n", empty)
	w.print("%d files, %s: %s\n", found.Files, megabytes(found.Bytes), verdictOn(len(found.Differing) == 0))
	for _, key := range found.Differing {
		w.print("differs: %s\n", key)
	}
}

func verdictOn(same bool) string {
	if same {
		return "same"
	}
	return "DIFFERS"
}
