package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"liuke/model"
)

// unfinished is where files lie while they are written; no key begins with a dot.
const unfinished = ".unfinished"

// abandonedAfter is how old an unfinished file is that nobody writes any more.
const abandonedAfter = time.Hour

// folder keeps each key as a file. os.Root keeps even a link laid inside it from leading out.
type folder struct{ root *os.Root }

// openFolder makes the folder if needed, writes and removes one file to see that it can, and removes what crashes left.
func openFolder(dir string) (*folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the media folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the media folder: %w", err)
	}
	f := &folder{root}
	if err := f.prepare(); err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("try the media folder: %w", err)
	}
	return f, nil
}

func (f *folder) prepare() error {
	if err := f.root.MkdirAll(unfinished, 0o700); err != nil {
		return err
	}
	probe, err := f.create()
	if err != nil {
		return err
	}
	defer func() { _ = f.root.Remove(probe.path) }()
	defer func() { _ = probe.Close() }()
	now, err := probe.Stat() // the folder's own clock: other programs may write into it over a network
	if err != nil {
		return err
	}
	entries, err := fs.ReadDir(f.root.FS(), unfinished)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && now.ModTime().Sub(info.ModTime()) > abandonedAfter {
			_ = f.root.Remove(path.Join(unfinished, e.Name())) // the next start tries again
		}
	}
	return nil
}

// part is a file that is being written.
type part struct {
	*os.File
	path string
}

func (f *folder) create() (part, error) {
	name := path.Join(unfinished, model.NewID())
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	return part{file, name}, err
}

// Put writes beside, brings the bytes to disk and then gives them their name.
func (f *folder) Put(ctx context.Context, key string, r io.Reader, size int64) (err error) {
	if err := checkKey(key); err != nil {
		return err
	}
	file, err := f.create()
	if err != nil {
		return fmt.Errorf("start a media file: %w", err)
	}
	defer func() {
		if err != nil {
			_ = file.Close()
			_ = f.root.Remove(file.path)
		}
	}()
	n, err := io.Copy(file, contextReader{ctx, r})
	if err != nil {
		return fmt.Errorf("write a media file: %w", err)
	}
	if size >= 0 && n != size {
		return fmt.Errorf("write a media file: %d bytes instead of %d", n, size)
	}
	if err := file.Sync(); err != nil {
		return fmt.Errorf("write a media file to disk: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("close a media file: %w", err)
	}
	if err := f.makeFolders(path.Dir(key)); err != nil {
		return fmt.Errorf("make a folder for media: %w", err)
	}
	if err := f.root.Rename(file.path, key); err != nil {
		return fmt.Errorf("name a media file: %w", err)
	}
	if err := f.sync(path.Dir(key)); err != nil {
		return fmt.Errorf("write the name of a media file to disk: %w", err)
	}
	return nil
}

// makeFolders makes a new folder and brings its name, and those of the folders above it, to disk.
func (f *folder) makeFolders(dir string) error {
	if _, err := f.root.Stat(dir); err == nil {
		return nil
	}
	if err := f.root.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for dir != "." {
		dir = path.Dir(dir)
		if err := f.sync(dir); err != nil {
			return err
		}
	}
	return nil
}

func (f *folder) sync(dir string) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Open opens the file.
func (f *folder) Open(_ context.Context, key string) (io.ReadSeekCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	file, err := f.root.Open(key)
	if err != nil {
		return nil, fmt.Errorf("open a media file: %w", err)
	}
	return file, nil
}

// Delete removes the file.
func (f *folder) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := f.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a media file: %w", err)
	}
	return nil
}

// List walks the folder.
func (f *folder) List(ctx context.Context, each func(key string, size int64) error) error {
	err := fs.WalkDir(f.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case d.IsDir() && name != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.Type().IsRegular() || !validKey(name):
			return nil
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed meanwhile
		}
		if err != nil {
			return err
		}
		return each(name, info.Size())
	})
	if err != nil {
		return fmt.Errorf("list media files: %w", err)
	}
	return nil
}

// contextReader ends a copy when its caller has gone.
type contextReader struct {
	ctx context.Context //nolint:containedctx // lives within one call
	r   io.Reader
}

// Read reads on unless the caller has gone.
func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
