package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"liuke/model/database"
	"liuke/service/backup"
	"liuke/service/media"
)

type backupCommand struct {
	File         string `arg:"" help:"File to make; it must not be there yet."`
	AllowMissing bool   `help:"Also when pictures, voices or videos are missing or damaged."`
}

// Run copies database and media into one file. A server may run meanwhile.
func (c backupCommand) Run(w *world) (err error) {
	cfg, log, err := w.settings()
	if err != nil {
		return err
	}
	if err := mayMake(c.File); err != nil {
		return err
	}
	if cfg.Database.Kind == database.SQLite && !exists(cfg.Database.Path) { // opening would make one
		return fmt.Errorf("there is no database at %s", cfg.Database.Path)
	}
	db, err := openDatabase(w.ctx, cfg, time.Now, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	store, err := media.OpenStore(w.ctx, cfg.Media)
	if err != nil {
		return err
	}
	var sum backup.Summary
	size, err := makeFile(c.File, func(to io.Writer) error {
		source := backup.Source{DB: db, Media: store, Program: version, Progress: progressOn(w.stderr)}
		var err error
		if sum, err = backup.Write(w.ctx, source, to); err != nil {
			return interruptedOr(w.ctx, err)
		}
		return c.judge(w.stderr, sum)
	})
	if err != nil {
		return err
	}
	m := sum.Manifest
	w.print("%s: %d rows, %d files, %s\n", c.File, m.Rows(), m.Media.Files, megabytes(size))
	for _, id := range m.KeyIDs {
		w.print("it can be read only with the master key %s, which is not in it: keep a copy of that key elsewhere\n", id)
	}
	return nil
}

// judge says what files missing or damaged mean.
func (c backupCommand) judge(stderr io.Writer, sum backup.Summary) error {
	missing, damaged := sum.Manifest.Media.Missing, sum.DamagedFiles
	if missing == 0 && damaged == 0 {
		return nil
	}
	for _, key := range sum.Missing {
		tell(stderr, "missing: %s\n", key)
	}
	for _, key := range sum.Damaged {
		tell(stderr, "damaged: %s\n", key)
	}
	if c.AllowMissing {
		return nil
	}
	return fmt.Errorf("media is not whole: %d files missing, %d damaged; nothing was written (--allow-missing makes the backup all the same)", missing, damaged)
}

func mayMake(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = fs.ErrExist
		}
		return fmt.Errorf("make %s: %w", path, err)
	}
	return nil
}

// makeFile writes a file that is there whole or not at all, readable by the owner only. It gives its size.
func makeFile(path string, write func(io.Writer) error) (size int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".part-*") // made with 0600
	if err != nil {
		return 0, fmt.Errorf("make %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	const buffer = 1 << 20
	b := bufio.NewWriterSize(f, buffer)
	err = write(b)
	if err == nil {
		err = b.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		size, err = f.Seek(0, io.SeekEnd)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	if err := mayMake(path); err != nil { // made by somebody else meanwhile
		return 0, err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return 0, fmt.Errorf("make %s: %w", path, err)
	}
	return size, syncFolder(filepath.Dir(path))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("make the backup last: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// tell writes a remark. That it cannot be written is no reason to fail.
func tell(stderr io.Writer, format string, values ...any) {
	_, _ = fmt.Fprintf(stderr, format, values...)
}

// progressOn tells how far a copy has come, at most once a second.
func progressOn(stderr io.Writer) backup.Progress {
	const every = time.Second
	last := time.Now()
	return func(what string, done int64) {
		if now := time.Now(); now.Sub(last) >= every {
			last = now
			tell(stderr, "%s: %d\n", what, done)
		}
	}
}

// errInterrupted is what is left to say after Ctrl-C.
var errInterrupted = errors.New("interrupted")

func interruptedOr(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errInterrupted
	}
	return err
}

func megabytes(n int64) string {
	const million = 1e6
	return fmt.Sprintf("%.1f MB", float64(n)/million)
}
