package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"reflect"
	"slices"
	"strings"

	"liuke/model/database"
)

// taker is given what a backup holds, in its order.
type taker interface {
	file(ctx context.Context, key string, r io.Reader, size int64) error
	rows(t *table, row []any, fields [][]any) error
}

// Verify reads a whole backup, checks every count and checksum, and gives its manifest. Whatever is wrong with the file
// is an error that wraps ErrDamaged.
func Verify(ctx context.Context, r io.Reader) (Manifest, error) { return walk(ctx, r, nothing{}) }

// nothing takes nothing.
type nothing struct{}

func (nothing) file(_ context.Context, _ string, r io.Reader, _ int64) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

func (nothing) rows(*table, []any, [][]any) error { return nil }

// walk reads a backup and hands out what it holds, while it counts and sums up. It returns nil only for a whole and
// unchanged one. A backup whose schema is not this program's is refused, because what a migration would have changed in
// its rows is not known here.
func walk(ctx context.Context, r io.Reader, to taker) (Manifest, error) {
	kept, err := tables()
	if err != nil {
		return Manifest{}, err
	}
	zip, err := gzip.NewReader(r)
	if err != nil {
		return Manifest{}, damaged("it is no backup of liuke", err)
	}
	w := &walker{tar: tar.NewReader(zip), to: to, sums: newSums()}
	for _, t := range kept {
		w.tables = append(w.tables, counted{table: t, digest: sha256.New()})
	}
	if err := w.all(ctx); err != nil {
		return Manifest{}, err
	}
	if _, err := io.Copy(io.Discard, zip); err != nil { // up to the checksum of the stream
		return Manifest{}, damaged("its end is missing or changed", err)
	}
	return w.end, nil
}

// damaged keeps what the readers say of the file; any other error comes from the place the file is read from.
func damaged(what string, err error) error {
	switch {
	case err == nil:
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrChecksum),
		errors.Is(err, gzip.ErrHeader), errors.Is(err, tar.ErrHeader), strings.HasPrefix(err.Error(), "flate:"):
	default:
		return fmt.Errorf("read the backup: %w", err)
	}
	return fmt.Errorf("%w: %s", ErrDamaged, what)
}

type counted struct {
	*table

	rows   int64
	digest hash.Hash
}

// walker is one reading under way.
type walker struct {
	tar       *tar.Reader
	to        taker
	head, end Manifest
	tables    []counted
	current   int // tables come in their order
	sums      *sums
	media     MediaSum
}

func (w *walker) all(ctx context.Context) error {
	for n := 0; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := w.tar.Next()
		switch {
		case err != nil:
			return damaged("it is cut off or changed", err)
		case n == 0:
			if h.Name != nameHead {
				return damaged("it is no backup of liuke", nil)
			}
			if err := w.json(h, &w.head); err != nil {
				return err
			}
			if w.head.Format != Format {
				return fmt.Errorf("the backup has format %d, this program reads %d: use liuke %s, which wrote it", w.head.Format, Format, w.head.Program)
			}
			if want := database.WantedSchema(); w.head.Schema != want {
				return fmt.Errorf("the backup has schema %d, this program %d: restore it with liuke %s, then bring it up to date", w.head.Schema, want, w.head.Program)
			}
			continue
		case h.Name == nameEnd:
			return w.finish(h)
		}
		if err := w.entry(ctx, h); err != nil {
			return err
		}
	}
}

func (w *walker) entry(ctx context.Context, h *tar.Header) error {
	if key, ok := strings.CutPrefix(h.Name, mediaPart); ok {
		return w.file(ctx, key, h.Size)
	}
	content, err := w.content(h)
	if err != nil {
		return err
	}
	if strings.HasPrefix(h.Name, sumsPart) {
		name, list := w.sums.next()
		if name != h.Name || !bytes.Equal(list, content) {
			return damaged("a checksum of the media does not fit", nil)
		}
		return nil
	}
	if !strings.HasPrefix(h.Name, tablesPart) {
		return damaged("it holds what no backup holds", nil)
	}
	name := path.Base(path.Dir(h.Name))
	for ; w.current < len(w.tables); w.current++ {
		if w.tables[w.current].name == name {
			return w.chunk(&w.tables[w.current], content)
		}
	}
	return damaged("a table is not known or not in its place", nil)
}

func (w *walker) file(ctx context.Context, key string, size int64) error {
	digest := sha256.New()
	source := &noting{r: io.TeeReader(w.tar, digest)}
	if err := w.to.file(ctx, key, source, size); err != nil {
		if source.err != nil {
			return damaged("a file is cut off or changed", source.err)
		}
		return err
	}
	w.sums.add(key, hexOf(digest))
	w.media.Files++
	w.media.Bytes += size
	return nil
}

// noting remembers the error of a reader, to tell a bad file from a store that fails.
type noting struct {
	r   io.Reader
	err error
}

func (n *noting) Read(b []byte) (int, error) {
	c, err := n.r.Read(b)
	if err != nil && err != io.EOF {
		n.err = err
	}
	return c, err
}

// chunk hands out the rows of one chunk.
func (w *walker) chunk(t *counted, content []byte) error {
	t.digest.Write(content)
	var rows []any
	var fields [][]any
	for line := range bytes.Lines(content) {
		row, values, err := t.parseLine(line)
		if err != nil {
			return err
		}
		rows, fields = append(rows, row), append(fields, values)
	}
	t.rows += int64(len(rows))
	return w.to.rows(t.table, rows, fields)
}

// content reads a short entry.
func (w *walker) content(h *tar.Header) ([]byte, error) {
	if h.Size > entryBytes {
		return nil, damaged("a part is too long", nil)
	}
	b, err := io.ReadAll(w.tar)
	if err != nil {
		return nil, damaged("it is cut off or changed", err)
	}
	return b, nil
}

func (w *walker) json(h *tar.Header, to *Manifest) error {
	b, err := w.content(h)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, to); err != nil {
		return damaged("its manifest cannot be read", nil)
	}
	return nil
}

// finish compares what was read with what the last manifest says.
func (w *walker) finish(h *tar.Header) error {
	if err := w.json(h, &w.end); err != nil {
		return err
	}
	if _, err := w.tar.Next(); !errors.Is(err, io.EOF) {
		return damaged("something follows its manifest", nil)
	}
	found := w.head
	found.Media = w.media
	found.Media.SHA256, found.Media.Missing = hexOf(w.sums.digest), w.end.Media.Missing
	for _, t := range w.tables {
		found.Tables = append(found.Tables, TableSum{Name: t.name, Rows: t.rows, SHA256: hexOf(t.digest)})
	}
	for i, t := range found.Tables {
		if i >= len(w.end.Tables) || w.end.Tables[i] != t {
			return damaged("the rows of "+t.Name+" are not what its manifest says", nil)
		}
	}
	if w.sums.files > 0 || !slices.Equal(found.Tables, w.end.Tables) || !reflect.DeepEqual(found, w.end) {
		return damaged("it is not what its manifest says", nil)
	}
	return nil
}
