package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"liuke/config"
)

// Store keeps the bytes under keys such as account/2006/01/id. A key is lower-case letters, digits and dashes in parts
// joined by slashes; any other is refused. All methods may be called at once, also for the same key and by several
// instances.
type Store interface {
	// Put reads r to its end and keeps it under the key in place of what was there: all of it, or nothing if r or the
	// store fails. size is -1 if it is not known; a wrong one is an error.
	Put(ctx context.Context, key string, r io.Reader, size int64) error
	// Open gives what is kept. A key that is not there is an error that wraps fs.ErrNotExist. ctx must last as long as
	// the reading.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)
	// Delete removes what is kept, if it is there.
	Delete(ctx context.Context, key string) error
	// List calls f for everything kept, in no set order, until f fails; then it returns an error that wraps that one.
	List(ctx context.Context, f func(key string, size int64) error) error
}

// OpenStore gives the store that the settings name. A folder is made and tried; an S3 service is not asked anything, so
// that members' messages are taken in while it is away.
func OpenStore(_ context.Context, c config.Media) (Store, error) {
	switch c.Kind {
	case config.File:
		return openFolder(c.Dir)
	case config.S3:
		return openS3(c)
	default:
		return nil, fmt.Errorf("unknown kind of media store %q", c.Kind)
	}
}

// maxKey is the width of the column.
const maxKey = 128

var errBadKey = errors.New("not a key of the media store")

func checkKey(key string) error {
	if !validKey(key) {
		return errBadKey
	}
	return nil
}

// validKey lets through only what has one meaning on every file system and no way out of the folder.
func validKey(key string) bool {
	if len(key) > maxKey || !fs.ValidPath(key) || key == "." {
		return false
	}
	for i := range len(key) {
		if c := key[i]; c != '/' && c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
