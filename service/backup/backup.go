// Package backup copies everything that must not be lost into one file and brings it back (N4).
//
//	liuke.json            the manifest as far as it is known at the start
//	media/KEY             a picture, voice or video, before the rows that point at it
//	media.sums/000001     the checksums of the files before it
//	tables/NAME/000001    rows, one JSON object a line
//	manifest.json         the counts and checksums of all of it; without it the file is cut off
//
// It is a gzipped tar stream. What is read and written at a time is bounded, so memory does not grow with the data. All
// rows come from one moment, also beside a running server. The rows say nothing about the kind of database, so a backup
// of SQLite can be restored into MySQL and back.
//
// What is sealed stays sealed: the master key is not in the file, only its id. Sign-ins, their throttles, leases, journals,
// answers kept for repeated calls and live events are left out: after a restore everybody signs in again, and every
// screen reads anew.
package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"time"
)

// Format is the version of the file's form.
const Format = 1

// ErrDamaged says that a file is not what was once written: changed, cut off, or no backup at all.
var ErrDamaged = errors.New("the backup is damaged")

// Store keeps the bytes of pictures, voices and videos.
type Store interface {
	// Put keeps what r gives under the key, all or nothing, in place of what was there.
	Put(ctx context.Context, key string, r io.Reader, size int64) error
	// Open gives what is kept; a key that is not there is an error that wraps fs.ErrNotExist.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)
}

// Progress is told how far a copy has come: what is being copied ("files" or the name of a table) and how many files or
// rows of it are done. It must not block.
type Progress func(what string, done int64)

func (p Progress) tell(what string, done int64) {
	if p != nil {
		p(what, done)
	}
}

// Manifest says what a backup holds.
type Manifest struct {
	Format    int        `json:"format"`
	Program   string     `json:"program"` // version of the program that wrote it
	Schema    int64      `json:"schema"`  // version of the schema of the rows
	Database  string     `json:"database"`
	CreatedAt time.Time  `json:"created_at"`
	KeyIDs    []string   `json:"key_ids"` // of the master keys that seal the data; see KeyID
	Tables    []TableSum `json:"tables,omitempty"`
	Media     MediaSum   `json:"media,omitzero"`
}

// TableSum counts and sums up the rows of one table.
type TableSum struct {
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
}

// MediaSum counts and sums up the files. SHA256 is of their list of checksums.
type MediaSum struct {
	Files   int64  `json:"files"`
	Bytes   int64  `json:"bytes"`
	Missing int64  `json:"missing"` // rows whose file was not there
	SHA256  string `json:"sha256"`
}

// Rows is how many rows there are in all tables.
func (m Manifest) Rows() int64 {
	n := int64(0)
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

// OpenedBy reports whether the master keys open what is sealed in the backup. One without sealed rows needs none.
func (m Manifest) OpenedBy(masters [][]byte) bool {
	var have []string
	for _, k := range masters {
		have = append(have, KeyID(k))
	}
	return !slices.ContainsFunc(m.KeyIDs, func(id string) bool { return !slices.Contains(have, id) })
}

// keyIDSize is how many bytes of a key's SHA-256 stand before what it sealed (model/keys).
const keyIDSize = 4

// KeyID names a master key without telling it: the first bytes of its SHA-256, in hex.
func KeyID(master []byte) string {
	sum := sha256.Sum256(master)
	return hex.EncodeToString(sum[:keyIDSize])
}

// Names in the archive.
const (
	nameHead   = "liuke.json"
	nameEnd    = "manifest.json"
	mediaPart  = "media/"
	sumsPart   = "media.sums/"
	tablesPart = "tables/"
)

// Bounds of what is held in memory.
const (
	chunkBytes = 1 << 20  // a chunk of rows is closed when it has reached this
	entryBytes = 64 << 20 // no chunk, list of sums or manifest is longer
	pageRows   = 1000     // read by one query
	sumsFiles  = 1000     // files summed up in one list
)
