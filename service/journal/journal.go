// Package journal keeps pushes on the disk of this machine while the database is away, and what is needed to take them.
//
//	DIR/keys, DIR/accounts   copies for a start without the database, sealed; shared by all instances on this disk
//	DIR/ID/lock              held by the one process that uses the folder; it is freed when that process dies
//	DIR/ID/pushes.db         its pushes in the order of their arrival, sealed (SQLite, synchronous=FULL)
//
// An instance takes a folder that nobody holds, or makes one, and writes there. Folders that dead instances left it
// adopts: their pushes are handed on like its own, then the folder is removed.
package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"liuke/model"
	"liuke/model/keys"
)

// Limits of what an instance keeps, the folders that it adopted included.
const (
	MaxPushes = 1_000_000
	MaxBytes  = 1 << 30 // sealed
)

// Limits of what is handed on at once.
const (
	PartPushes = 512
	partBytes  = 4 << 20 // a database refuses statements that are too long
)

// ErrFull says that the journal takes no more.
var ErrFull = errors.New("the journal is full")

// Options say where the journal is.
type Options struct {
	Dir string
	Now func() time.Time
	Log *slog.Logger
	// Limits; zero is MaxPushes and MaxBytes.
	MaxPushes, MaxBytes int64
}

// Journal is one instance's journal. It is safe for concurrent use.
type Journal struct {
	options Options
	id      string

	mu      sync.Mutex
	ring    *keys.Ring
	own     *book           // nil while no folder can be used
	adopted []*book         // of dead instances
	broken  error           // why nothing could be written last; nil = it could
	damaged map[string]bool // folders that could not be opened, told once
}

// Open takes a folder. One that cannot be used is no error: a program without a journal still takes pushes while its
// database answers. Tend tries again.
func Open(ctx context.Context, o Options) *Journal {
	if o.MaxPushes == 0 {
		o.MaxPushes = MaxPushes
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = MaxBytes
	}
	j := &Journal{options: o, id: model.NewID(), damaged: map[string]bool{}}
	j.begin(ctx)
	return j
}

// begin takes a folder to write in: one with pushes of a dead instance goes before a new one.
func (j *Journal) begin(ctx context.Context) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.own != nil {
		return
	}
	b, err := j.free(ctx)
	for err == nil && b == nil || errors.Is(err, errTaken) { // a new one may be seen by another start before it is locked
		b, err = openBook(ctx, filepath.Join(j.options.Dir, model.NewID()), j.options)
	}
	if err != nil {
		if j.broken == nil {
			j.options.Log.ErrorContext(ctx, "the journal cannot be used: while the database is away pushes will be refused",
				slog.String("folder", j.options.Dir), slog.Any("error", err))
		}
		j.broken = err
		return
	}
	j.own, j.broken = b, nil
}

// free opens the first folder that nobody holds, nil if there is none.
func (j *Journal) free(ctx context.Context) (*book, error) {
	if err := os.MkdirAll(j.options.Dir, folderMode); err != nil {
		return nil, fmt.Errorf("make the folder of the journal: %w", err)
	}
	folders, err := j.folders()
	if err != nil {
		return nil, err
	}
	for _, dir := range folders {
		b, err := openBook(ctx, dir, j.options)
		if errors.Is(err, errTaken) {
			continue
		}
		if err != nil {
			j.tellDamaged(ctx, dir, err)
			continue
		}
		return b, nil
	}
	return nil, nil
}

func (j *Journal) tellDamaged(ctx context.Context, dir string, err error) {
	if j.damaged[dir] {
		return
	}
	j.damaged[dir] = true
	j.options.Log.ErrorContext(ctx, "a folder of the journal cannot be opened", slog.String("folder", dir), slog.Any("error", err))
}

// folders lists those of all instances on this disk.
func (j *Journal) folders() ([]string, error) {
	entries, err := os.ReadDir(j.options.Dir)
	if err != nil {
		return nil, fmt.Errorf("look into the folder of the journal: %w", err)
	}
	var all []string
	for _, e := range entries {
		if e.IsDir() && model.ValidID(e.Name()) {
			all = append(all, filepath.Join(j.options.Dir, e.Name()))
		}
	}
	return all, nil
}

// UseKeys tells the keys that seal and open what is kept. Nothing is written or read before.
func (j *Journal) UseKeys(ring *keys.Ring) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ring = ring
}

// ID names this instance's journal to the other instances.
func (j *Journal) ID() string { return j.id }

// Tend looks after the folders: it tries again to begin one or to write, and adopts those of instances that died.
func (j *Journal) Tend(ctx context.Context) error {
	j.begin(ctx)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.own == nil {
		return nil
	}
	if j.broken != nil {
		j.broken = j.own.probe(ctx)
	}
	folders, err := j.folders()
	if err != nil {
		return err
	}
	for _, dir := range folders {
		if j.holds(dir) {
			continue
		}
		b, err := openBook(ctx, dir, j.options)
		if errors.Is(err, errTaken) {
			continue
		}
		if err != nil {
			j.tellDamaged(ctx, dir, err)
			continue
		}
		if b.empty() {
			if err := b.discard(); err != nil {
				return err
			}
			continue
		}
		j.adopted = append(j.adopted, b)
		j.options.Log.InfoContext(ctx, "adopted the journal of an instance that ended", slog.Int64("pushes", b.pushes.Load()))
	}
	return nil
}

func (j *Journal) holds(dir string) bool {
	for _, b := range j.books() {
		if b.dir == dir {
			return true
		}
	}
	return false
}

// books are those that are held, adopted ones first: what they hold is older.
func (j *Journal) books() []*book {
	if j.own == nil {
		return j.adopted
	}
	return append(append(make([]*book, 0, len(j.adopted)+1), j.adopted...), j.own)
}

// Status says what is kept.
type Status struct {
	Pushes, Bytes int64
	// Refuses says that the journal could take nothing: it is full or cannot be written.
	Refuses bool
}

// Status says what is kept.
func (j *Journal) Status() Status {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.status()
}

func (j *Journal) status() Status {
	s := Status{Refuses: j.own == nil || j.broken != nil}
	kept := int64(0)
	for _, b := range j.books() {
		s.Pushes += b.pushes.Load()
		s.Bytes += b.bytes.Load()
		kept += b.pushes.Load() + b.aside.Load()
	}
	if kept >= j.options.MaxPushes || s.Bytes >= j.options.MaxBytes {
		s.Refuses = true
	}
	return s
}

// Close frees the folders. What they hold stays.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	var all error
	for _, b := range j.books() {
		all = errors.Join(all, b.close())
	}
	j.own, j.adopted = nil, nil
	return all
}
