package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Nobody but the program's user reads the journal.
const (
	folderMode = 0o700
	fileMode   = 0o600
)

// errTaken says that another process uses the folder.
var errTaken = errors.New("another instance holds the folder")

// lockFolder takes the folder for this process. The lock ends with the process, however that ends.
func lockFolder(dir string) (_ *os.File, err error) {
	path := filepath.Join(dir, "lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, fileMode)
	if errors.Is(err, os.ErrNotExist) { // removed meanwhile by whoever had adopted it
		return nil, errTaken
	}
	if err != nil {
		return nil, fmt.Errorf("lock a folder of the journal: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
		}
	}()
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errTaken
	}
	if err != nil {
		return nil, fmt.Errorf("lock a folder of the journal: %w", err)
	}
	mine, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("lock a folder of the journal: %w", err)
	}
	if there, err := os.Stat(path); err != nil || !os.SameFile(mine, there) {
		return nil, errTaken // what was locked is a folder that another one has just removed
	}
	return f, nil
}
