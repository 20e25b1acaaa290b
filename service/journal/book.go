package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"liuke/model/database"
)

// book is the pushes of one folder, locked for this process.
type book struct {
	dir  string
	lock *os.File
	db   *database.DB

	pushes, bytes atomic.Int64 // that wait
	aside         atomic.Int64 // that could not be handed on
}

// line is one push as it is kept.
type line struct {
	N      int64  `gorm:"column:n"`
	ID     string `gorm:"column:id"`
	Sealed []byte `gorm:"column:sealed"`
}

// openBook locks a folder and opens what is in it; both are made if need be. What was set aside gets another chance.
func openBook(ctx context.Context, dir string, o Options) (_ *book, err error) {
	fresh := os.Mkdir(dir, folderMode)
	if fresh != nil && !errors.Is(fresh, os.ErrExist) {
		return nil, fmt.Errorf("make a folder of the journal: %w", fresh)
	}
	b := &book{dir: dir}
	if b.lock, err = lockFolder(dir); err != nil {
		return nil, err
	}
	defer func() {
		if err == nil {
			return
		}
		if fresh == nil { // the next try makes another one
			_ = os.RemoveAll(dir)
		}
		_ = b.close()
	}()
	path := filepath.Join(dir, "pushes.db")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, fileMode) // SQLite gives its other files the same mode
	if err != nil {
		return nil, fmt.Errorf("make the journal: %w", err)
	}
	if err = f.Close(); err != nil {
		return nil, fmt.Errorf("make the journal: %w", err)
	}
	if b.db, err = database.Open(ctx, database.Options{Kind: database.SQLite, Path: path, Now: o.Now, Log: o.Log}); err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	for _, statement := range []string{
		"CREATE TABLE IF NOT EXISTS pushes (n INTEGER PRIMARY KEY, id TEXT NOT NULL, aside INTEGER NOT NULL DEFAULT 0, sealed BLOB NOT NULL)",
		"CREATE INDEX IF NOT EXISTS pushes_id ON pushes (aside, id)",
		"UPDATE pushes SET aside = 0 WHERE aside = 1",
	} {
		if _, err = b.db.Exec(ctx, statement); err != nil {
			return nil, fmt.Errorf("open the journal: %w", err)
		}
	}
	if fresh == nil {
		if err = errors.Join(syncFolder(dir), syncFolder(filepath.Dir(dir))); err != nil {
			return nil, err
		}
	}
	var sum struct{ Pushes, Bytes int64 }
	err = b.db.Read(ctx).Raw("SELECT COUNT(*) AS pushes, COALESCE(SUM(LENGTH(sealed)), 0) AS bytes FROM pushes").Scan(&sum).Error
	if err != nil {
		return nil, fmt.Errorf("count the journal: %w", err)
	}
	b.pushes.Store(sum.Pushes)
	b.bytes.Store(sum.Bytes)
	return b, nil
}

// append writes lines in one transaction.
func (b *book) append(ctx context.Context, lines []line) error {
	args := make([]any, 0, 2*len(lines))
	size := int64(0)
	for _, l := range lines {
		args = append(args, l.ID, l.Sealed)
		size += int64(len(l.Sealed))
	}
	values := strings.TrimPrefix(strings.Repeat(", (?, ?)", len(lines)), ", ")
	if _, err := b.db.Exec(ctx, "INSERT INTO pushes (id, sealed) VALUES "+values, args...); err != nil {
		return fmt.Errorf("write into the journal: %w", err)
	}
	b.pushes.Add(int64(len(lines)))
	b.bytes.Add(size)
	return nil
}

// first reads the oldest lines, bounded in number and size.
func (b *book) first(ctx context.Context) ([]line, error) {
	var sizes []struct{ N, Size int64 }
	err := b.db.Read(ctx).Raw("SELECT n, LENGTH(sealed) AS size FROM pushes WHERE aside = 0 ORDER BY n LIMIT ?", PartPushes).Scan(&sizes).Error
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	last, sum := int64(0), int64(0)
	for i, s := range sizes {
		if sum += s.Size; sum > partBytes && i > 0 {
			break
		}
		last = s.N
	}
	var lines []line
	err = b.db.Read(ctx).Raw("SELECT n, id, sealed FROM pushes WHERE aside = 0 AND n <= ? ORDER BY n", last).Scan(&lines).Error
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	return lines, nil
}

// oldest gives the smallest id of the pushes that wait, "" for none.
func (b *book) oldest(ctx context.Context) (string, error) {
	var ids []string
	if err := b.db.Read(ctx).Raw("SELECT id FROM pushes WHERE aside = 0 ORDER BY id LIMIT 1").Scan(&ids).Error; err != nil {
		return "", fmt.Errorf("read the journal: %w", err)
	}
	return strings.Join(ids, ""), nil
}

// remove forgets lines that first gave and that were not set aside.
func (b *book) remove(ctx context.Context, lines []line) error {
	if len(lines) == 0 {
		return nil
	}
	if _, err := b.db.Exec(ctx, "DELETE FROM pushes WHERE aside = 0 AND n <= ?", lines[len(lines)-1].N); err != nil {
		return fmt.Errorf("remove from the journal: %w", err)
	}
	b.pushes.Add(-int64(len(lines)))
	for _, l := range lines {
		b.bytes.Add(-int64(len(l.Sealed)))
	}
	return nil
}

// setAside keeps a line that cannot be handed on, out of the way of the others.
func (b *book) setAside(ctx context.Context, l line) error {
	if _, err := b.db.Exec(ctx, "UPDATE pushes SET aside = 1 WHERE n = ?", l.N); err != nil {
		return fmt.Errorf("set a push of the journal aside: %w", err)
	}
	b.pushes.Add(-1)
	b.aside.Add(1)
	return nil
}

// empty reports whether the folder may go.
func (b *book) empty() bool { return b.pushes.Load() == 0 && b.aside.Load() == 0 }

// probe writes something, to see whether the disk takes it.
func (b *book) probe(ctx context.Context) error {
	if _, err := b.db.Exec(ctx, "PRAGMA user_version = 1"); err != nil {
		return fmt.Errorf("write into the journal: %w", err)
	}
	return nil
}

// shrink gives the space of what was removed back to the disk.
func (b *book) shrink(ctx context.Context) error {
	for _, statement := range []string{"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := b.db.Exec(ctx, statement); err != nil {
			return fmt.Errorf("shrink the journal: %w", err)
		}
	}
	return nil
}

// discard removes the folder. It gets a name first under which nobody looks for one, so that nobody begins to use it
// while its files go.
func (b *book) discard() error {
	err := b.db.Close()
	gone := filepath.Join(filepath.Dir(b.dir), "gone-"+filepath.Base(b.dir))
	if err == nil {
		err = os.Rename(b.dir, gone)
	}
	if err == nil {
		err = os.RemoveAll(gone)
	}
	if err != nil {
		err = fmt.Errorf("remove a folder of the journal: %w", err)
	}
	return errors.Join(err, b.lock.Close())
}

func (b *book) close() error {
	var err error
	if b.db != nil {
		err = b.db.Close()
	}
	if b.lock != nil {
		err = errors.Join(err, b.lock.Close()) // last: it lets others in
	}
	return err
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("make the journal last: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}
