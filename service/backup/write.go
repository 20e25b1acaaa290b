package backup

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"gorm.io/gorm"

	"liuke/model/database"
)

// Source is what is copied.
type Source struct {
	DB       *database.DB
	Media    Store
	Program  string // version of this program
	Progress Progress
}

// Summary says what came of a copy.
type Summary struct {
	Manifest Manifest
	// Missing and Damaged are keys of files that rows point at and that are not there, or are not what was once put
	// there; the first namedKeys of each. The damaged are in the backup as they are.
	Missing, Damaged []string
	// DamagedFiles counts them all; those missing are counted in the manifest.
	DamagedFiles int64
}

// namedKeys is how many files a summary names.
const namedKeys = 20

// Write copies rows and files to w. It holds one reading transaction open until it has ended. The caller decides what
// missing or damaged files mean; after an error what was written is worth nothing.
func Write(ctx context.Context, s Source, w io.Writer) (Summary, error) {
	if err := s.DB.CheckSchema(ctx); err != nil {
		return Summary{}, err
	}
	have, want, err := s.DB.SchemaVersion(ctx)
	if err != nil {
		return Summary{}, err
	}
	if have != want {
		return Summary{}, fmt.Errorf("the schema is at version %d, this program knows %d: what is newer would be lost; back up with the newer liuke", have, want)
	}
	kept, err := tables()
	if err != nil {
		return Summary{}, err
	}
	a, err := newArchive(w, s.DB.Now())
	if err != nil {
		return Summary{}, err
	}
	out := &writer{Source: s, a: a}
	out.sum.Manifest = Manifest{
		Format: Format, Program: s.Program, Schema: database.WantedSchema(), Database: s.DB.Kind(), CreatedAt: s.DB.Now(),
	}
	err = snapshot(ctx, s.DB, func(g *gorm.DB) error {
		if out.sum.Manifest.KeyIDs, err = keyIDs(g); err != nil {
			return err
		}
		if err := a.json(nameHead, out.sum.Manifest); err != nil {
			return err
		}
		if err := out.files(ctx, g); err != nil {
			return err
		}
		for _, t := range kept {
			if err := out.rows(ctx, g, t); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return out.sum, err
	}
	if err := a.json(nameEnd, out.sum.Manifest); err != nil {
		return out.sum, err
	}
	return out.sum, a.close()
}

// writer is one copy under way.
type writer struct {
	Source

	a   *archive
	sum Summary
}

// rows copies one table.
func (w *writer) rows(ctx context.Context, g *gorm.DB, t *table) error {
	sum := TableSum{Name: t.name}
	digest := sha256.New()
	var chunk []byte
	part := 0
	flush := func() error {
		if len(chunk) == 0 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		part++
		digest.Write(chunk)
		err := w.a.bytes(fmt.Sprintf("%s%s/%06d", tablesPart, t.name, part), chunk)
		chunk = chunk[:0]
		w.Progress.tell(t.name, sum.Rows)
		return err
	}
	err := t.each(g, func(fields []any) error {
		var err error
		if chunk, err = t.appendLine(chunk, fields); err != nil {
			return err
		}
		sum.Rows++
		if len(chunk) < chunkBytes {
			return nil
		}
		return flush()
	})
	if err = errors.Join(err, flush()); err != nil {
		return err
	}
	sum.SHA256 = hexOf(digest)
	w.sum.Manifest.Tables = append(w.sum.Manifest.Tables, sum)
	return nil
}

func hexOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// archive is the stream of a backup.
type archive struct {
	zip *gzip.Writer
	tar *tar.Writer
	at  time.Time
}

func newArchive(w io.Writer, at time.Time) (*archive, error) {
	zip, err := gzip.NewWriterLevel(w, gzip.BestSpeed) // most of the bytes are pictures, which grow no smaller
	if err != nil {
		return nil, fmt.Errorf("begin the backup: %w", err)
	}
	return &archive{zip, tar.NewWriter(zip), at}, nil
}

func (a *archive) begin(name string, size int64) error {
	const ownerOnly = 0o600
	err := a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: ownerOnly, ModTime: a.at})
	if err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	return nil
}

func (a *archive) bytes(name string, b []byte) error {
	if err := a.begin(name, int64(len(b))); err != nil {
		return err
	}
	if _, err := a.tar.Write(b); err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	return nil
}

func (a *archive) json(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	return a.bytes(name, append(b, '\n'))
}

func (a *archive) close() error {
	if err := errors.Join(a.tar.Close(), a.zip.Close()); err != nil {
		return fmt.Errorf("end the backup: %w", err)
	}
	return nil
}
