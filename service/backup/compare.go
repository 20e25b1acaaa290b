package backup

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"

	"liuke/model"
)

// TableCheck sets one table of a backup beside the same of a copy of what it was restored into.
type TableCheck struct {
	Name         string
	Rows, Copied int64
	SHA256       string // of the rows as a restore should have written them
	Same         bool
}

// Comparison is what a restore drill found.
type Comparison struct {
	Tables       []TableCheck
	Files, Bytes int64 // media files of the backup
	// Differing are the keys of files that are missing, too many or of other content.
	Differing []string
}

// Same reports whether nothing differs.
func (c Comparison) Same() bool {
	return len(c.Differing) == 0 && !slices.ContainsFunc(c.Tables, func(t TableCheck) bool { return !t.Same })
}

// Compare checks two whole backups against each other, table by table and file by file: one that was restored, and one
// made of the restored database before a server ran on it. What a restore settles (messages that were on their way, the
// numbers of live events) is expected to be settled. It holds the checksum of every file in memory.
func Compare(ctx context.Context, before, after io.ReadSeeker) (Comparison, error) {
	unsure := &onTheirWay{messages: map[string]bool{}}
	if _, err := walk(ctx, before, unsure); err != nil {
		return Comparison{}, fmt.Errorf("the first: %w", err)
	}
	want := &restoring{messages: unsure.messages, sums: map[string]hash.Hash{}, files: map[string]string{}}
	first, err := verifyAgain(ctx, before, want)
	if err != nil {
		return Comparison{}, fmt.Errorf("the first: %w", err)
	}
	got := &filing{files: map[string]string{}}
	second, err := walk(ctx, after, got)
	if err != nil {
		return Comparison{}, fmt.Errorf("the second: %w", err)
	}
	c := Comparison{Files: first.Media.Files, Bytes: first.Media.Bytes}
	for i, t := range first.Tables {
		sum := hexOf(want.sum(t.Name))
		copied := second.Tables[i]
		c.Tables = append(c.Tables, TableCheck{
			Name: t.Name, Rows: t.Rows, Copied: copied.Rows, SHA256: sum, Same: t.Rows == copied.Rows && sum == copied.SHA256,
		})
	}
	for key, sum := range want.files {
		if got.files[key] != sum {
			c.Differing = append(c.Differing, key)
		}
		delete(got.files, key)
	}
	c.Differing = slices.Sorted(slices.Values(slices.Concat(c.Differing, slices.Collect(maps.Keys(got.files)))))
	return c, nil
}

// onTheirWay notes the messages that a restore marks as unknown. They stand in a table that comes before the one that
// tells.
type onTheirWay struct {
	nothing

	loader   loader
	messages map[string]bool
}

func (o *onTheirWay) rows(_ *table, rows []any, _ [][]any) error {
	for _, row := range rows {
		if id := o.loader.settle(row); id != "" {
			o.messages[id] = true
		}
	}
	return nil
}

// restoring sums up rows as a restore writes them, and files as they are.
type restoring struct {
	loader   loader
	messages map[string]bool
	sums     map[string]hash.Hash
	files    map[string]string
}

func (r *restoring) sum(table string) hash.Hash {
	if r.sums[table] == nil {
		r.sums[table] = sha256.New()
	}
	return r.sums[table]
}

func (r *restoring) rows(t *table, rows []any, fields [][]any) error {
	for i, row := range rows {
		r.loader.settle(row)
		if m, ok := row.(*model.Message); ok && r.messages[m.ID] {
			m.State, m.Reason = model.StateUnknown, interrupted
		}
		line, err := t.appendLine(nil, fields[i])
		if err != nil {
			return err
		}
		r.sum(t.name).Write(line)
	}
	return nil
}

func (r *restoring) file(_ context.Context, key string, content io.Reader, _ int64) (err error) {
	r.files[key], err = sumOf(content)
	return err
}

// filing sums up files.
type filing struct {
	nothing

	files map[string]string
}

func (f *filing) file(_ context.Context, key string, content io.Reader, _ int64) (err error) {
	f.files[key], err = sumOf(content)
	return err
}

func sumOf(content io.Reader) (string, error) {
	digest := sha256.New()
	_, err := io.Copy(digest, content)
	return hexOf(digest), err
}
