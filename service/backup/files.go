package backup

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"

	"gorm.io/gorm"

	"liuke/model"
)

// sums lists the checksums of files in parts.
type sums struct {
	list   []byte
	files  int
	part   int
	digest hash.Hash
}

func newSums() *sums { return &sums{digest: sha256.New()} }

func (s *sums) add(key, sum string) {
	s.list = append(s.list, sum+"  "+key+"\n"...)
	s.files++
}

// next ends a part and gives its list.
func (s *sums) next() (name string, list []byte) {
	s.part++
	s.digest.Write(s.list)
	list, s.list, s.files = s.list, nil, 0
	return fmt.Sprintf("%s%06d", sumsPart, s.part), list
}

// files copies every file that a row says is there.
func (w *writer) files(ctx context.Context, g *gorm.DB) error {
	listed := newSums()
	flush := func() error {
		if listed.files == 0 {
			return nil
		}
		name, list := listed.next()
		return w.a.bytes(name, list)
	}
	after := ""
	for {
		var page []model.Media
		err := g.Select("id", "blob_key", "sha256").Where("state = ? AND blob_key <> '' AND id > ?", model.MediaReady, after).
			Order("id").Limit(pageRows).Find(&page).Error
		if err != nil {
			return fmt.Errorf("read media: %w", err)
		}
		for _, m := range page {
			if err := w.file(ctx, m, listed); err != nil {
				return err
			}
			if listed.files == sumsFiles {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		if len(page) < pageRows {
			break
		}
		after = page[len(page)-1].ID
	}
	if err := flush(); err != nil {
		return err
	}
	w.sum.Manifest.Media.SHA256 = hexOf(listed.digest)
	return nil
}

// file copies one file; one that is not there is noted.
func (w *writer) file(ctx context.Context, m model.Media, listed *sums) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	total := &w.sum.Manifest.Media
	f, size, err := openSized(ctx, w.Media, m.BlobKey)
	if errors.Is(err, fs.ErrNotExist) {
		total.Missing++
		if len(w.sum.Missing) < namedKeys {
			w.sum.Missing = append(w.sum.Missing, m.BlobKey)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("open media %s: %w", m.ID, err)
	}
	digest := sha256.New()
	err = w.a.begin(mediaPart+m.BlobKey, size)
	if err == nil {
		_, err = io.CopyN(io.MultiWriter(w.a.tar, digest), f, size)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("copy media %s: %w", m.ID, err)
	}
	sum := hexOf(digest)
	if m.SHA256 != "" && m.SHA256 != sum {
		w.sum.DamagedFiles++
		if len(w.sum.Damaged) < namedKeys {
			w.sum.Damaged = append(w.sum.Damaged, m.BlobKey)
		}
	}
	listed.add(m.BlobKey, sum)
	total.Files++
	total.Bytes += size
	w.Progress.tell("files", total.Files)
	return nil
}

func openSized(ctx context.Context, s Store, key string) (io.ReadSeekCloser, int64, error) {
	f, err := s.Open(ctx, key)
	if err != nil {
		return nil, 0, err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, size, nil
}
