package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// What a demo keeps in its folder.
const (
	demoMark     = "liuke-demo"
	demoDatabase = "liuke.db"
	demoMedia    = "media"
	demoJournal  = "journal"
)

// demoFilled stands in the mark once the sample is complete: one that was interrupted is made anew.
const demoFilled = "filled\n"

// demoFolder is the folder of a demo. A mark tells it from folders of other data, which no demo touches.
type demoFolder struct {
	path   string
	filled bool
}

// openDemoFolder makes the folder ready: empty, or with what a complete demo has left when that shall be kept.
func openDemoFolder(path string, keep bool) (*demoFolder, error) {
	f := &demoFolder{path: path}
	mark, err := os.ReadFile(f.mark())
	if errors.Is(err, fs.ErrNotExist) {
		return f, f.found()
	}
	if err != nil {
		return nil, fmt.Errorf("open the folder of the demo: %w", err)
	}
	if f.filled = keep && string(mark) == demoFilled; f.filled {
		return f, nil
	}
	return f, f.clear()
}

func (f *demoFolder) mark() string { return filepath.Join(f.path, demoMark) }

// found begins a folder that is no demo's yet.
func (f *demoFolder) found() error {
	const ownerOnly = 0o700
	if err := os.MkdirAll(f.path, ownerOnly); err != nil {
		return fmt.Errorf("make the folder of the demo: %w", err)
	}
	entries, err := os.ReadDir(f.path)
	if err != nil {
		return fmt.Errorf("open the folder of the demo: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s holds other things than a demo: name an empty folder with --data", f.path)
	}
	return f.write("")
}

// clear deletes what a demo has left, and nothing else.
func (f *demoFolder) clear() error {
	if err := f.write(""); err != nil {
		return err
	}
	for _, name := range []string{demoDatabase, demoDatabase + "-wal", demoDatabase + "-shm", "liuke.key", demoMedia, demoJournal} {
		if err := os.RemoveAll(filepath.Join(f.path, name)); err != nil {
			return fmt.Errorf("clear the folder of the demo: %w", err)
		}
	}
	return nil
}

// markFilled notes that the sample is complete.
func (f *demoFolder) markFilled() error { return f.write(demoFilled) }

func (f *demoFolder) write(text string) error {
	const ownerOnly = 0o600
	if err := os.WriteFile(f.mark(), []byte(text), ownerOnly); err != nil {
		return fmt.Errorf("mark the folder of the demo: %w", err)
	}
	return nil
}
