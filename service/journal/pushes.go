package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/keys"
)

// errNotReady says that the journal has no folder or no keys.
var errNotReady = errors.New("the journal cannot be written")

// Append keeps pushes: all of them, durable when it returns, or none.
func (j *Journal) Append(ctx context.Context, rows []*model.Push) error {
	j.mu.Lock()
	own, ring, before := j.own, j.ring, j.status()
	j.mu.Unlock()
	if own == nil || ring == nil {
		return errNotReady
	}
	lines := make([]line, len(rows))
	size := int64(0)
	for i, r := range rows {
		plain, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("write a push down: %w", err)
		}
		lines[i] = line{ID: r.ID, Sealed: ring.Seal(plain)}
		size += int64(len(lines[i].Sealed))
	}
	if before.Pushes+int64(len(rows)) > j.options.MaxPushes || before.Bytes+size > j.options.MaxBytes {
		return ErrFull
	}
	err := own.append(ctx, lines)
	j.mu.Lock()
	j.broken = err
	j.mu.Unlock()
	return err
}

// Part is some of the oldest pushes.
type Part struct {
	Pushes []*model.Push

	book  *book
	lines []line
}

// Next gives the oldest pushes, of adopted folders first; none when nothing is kept. What cannot be opened with the
// present keys is set aside: it stays on the disk and is tried again when the folder is next opened.
func (j *Journal) Next(ctx context.Context) (Part, error) {
	for {
		j.mu.Lock()
		books, ring := j.books(), j.ring
		j.mu.Unlock()
		at := slices.IndexFunc(books, func(b *book) bool { return b.pushes.Load() > 0 })
		if at < 0 {
			return Part{}, nil
		}
		if ring == nil {
			return Part{}, errNotReady
		}
		part, err := j.read(ctx, books[at], ring)
		if err != nil || len(part.Pushes) > 0 {
			return part, err
		}
	}
}

func (j *Journal) read(ctx context.Context, b *book, ring *keys.Ring) (Part, error) {
	lines, err := b.first(ctx)
	if err != nil {
		return Part{}, err
	}
	part := Part{book: b}
	for _, l := range lines {
		row, err := open(ring, l)
		if database.IsTransient(err) { // its key is not known here, and the database cannot be asked
			return Part{}, err
		}
		if err != nil {
			if err := j.aside(ctx, b, l, err); err != nil {
				return Part{}, err
			}
			continue
		}
		part.Pushes, part.lines = append(part.Pushes, row), append(part.lines, l)
	}
	return part, nil
}

func open(ring *keys.Ring, l line) (*model.Push, error) {
	plain, err := ring.Open(l.Sealed)
	if err != nil {
		return nil, err
	}
	row := new(model.Push)
	if err := json.Unmarshal(plain, row); err != nil {
		return nil, errors.New("a push of the journal is damaged") // the cause would quote it
	}
	return row, nil
}

func (j *Journal) aside(ctx context.Context, b *book, l line, cause error) error {
	j.options.Log.ErrorContext(ctx, "a push of the journal was set aside", slog.String("push_id", l.ID), slog.Any("error", cause))
	return b.setAside(ctx, l)
}

// SetAside keeps one push of a part, by its place, out of the way: it cannot be handed on, and the others shall.
func (j *Journal) SetAside(ctx context.Context, p *Part, at int, cause error) error {
	if err := j.aside(ctx, p.book, p.lines[at], cause); err != nil {
		return err
	}
	p.Pushes, p.lines = slices.Delete(p.Pushes, at, at+1), slices.Delete(p.lines, at, at+1)
	return nil
}

// Remove forgets a part that lies elsewhere now. An adopted folder that is empty goes.
func (j *Journal) Remove(ctx context.Context, p Part) error {
	if err := p.book.remove(ctx, p.lines); err != nil {
		return err
	}
	if !p.book.empty() {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if p.book == j.own {
		return nil
	}
	j.adopted = slices.DeleteFunc(j.adopted, func(b *book) bool { return b == p.book })
	return p.book.discard()
}

// Oldest gives the id of the oldest push, "" when nothing is kept.
func (j *Journal) Oldest(ctx context.Context) (string, error) {
	j.mu.Lock()
	books := j.books()
	j.mu.Unlock()
	oldest := ""
	for _, b := range books {
		id, err := b.oldest(ctx)
		if err != nil {
			return "", err
		}
		if id != "" && (oldest == "" || id < oldest) {
			oldest = id
		}
	}
	return oldest, nil
}

// Shrink gives the space of what was handed on back to the disk.
func (j *Journal) Shrink(ctx context.Context) error {
	j.mu.Lock()
	own := j.own
	j.mu.Unlock()
	if own == nil || !own.empty() {
		return nil
	}
	return own.shrink(ctx)
}
