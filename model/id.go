package model

import (
	"hash/fnv"
	"time"

	"github.com/google/uuid"
)

// NewID returns a fresh UUIDv7 in text form. Within one process later ids sort after earlier ones.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// ValidID reports whether s has the form of an id. What has not, cannot exist.
func ValidID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return false
		}
	}
	return true
}

// ASCIIKey returns s when it may stand in a key column of the given width (printable ASCII), else "".
// What is no such text cannot be a key of ours or of WeChat.
func ASCIIKey(s string, width int) string {
	if len(s) > width {
		return ""
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return ""
		}
	}
	return s
}

// Millis turns a time into the stored form.
func Millis(t time.Time) int64 { return t.UnixMilli() }

// Time turns the stored form back, in UTC; 0 gives the zero time.
func Time(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Shards is how many parts the largest tables are spread over; a power of two.
const Shards = 64

// Shard is the part that the rows of one owner (conversation, openid) live in.
func Shard(owner string) int {
	h := fnv.New32a()
	h.Write([]byte(owner))
	return int(h.Sum32() % Shards)
}
