package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Names of what is kept for a start without the database.
const (
	KeptKeys     = "keys"
	KeptAccounts = "accounts"
)

// Keep writes a copy that is there whole or not at all; nothing if it lies there already. The caller has sealed it.
func (j *Journal) Keep(name string, sealed []byte) (err error) {
	if kept, err := j.Kept(name); err == nil && len(kept) > 0 && bytes.Equal(kept, sealed) {
		return nil
	}
	if err := os.MkdirAll(j.options.Dir, folderMode); err != nil {
		return fmt.Errorf("make the folder of the journal: %w", err)
	}
	f, err := os.CreateTemp(j.options.Dir, "part-"+name+"-*") // made with 0600
	if err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(sealed)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(j.options.Dir, name))
	}
	if err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	return syncFolder(j.options.Dir)
}

// Kept gives the copy, nothing if there is none.
func (j *Journal) Kept(name string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(j.options.Dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the kept %s: %w", name, err)
	}
	return b, nil
}
