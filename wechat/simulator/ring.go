package simulator

import "slices"

// ring keeps the newest entries, bounded by number and by bytes.
type ring[T any] struct {
	entries []T
	sizes   []int
	bytes   int
}

func (r *ring[T]) add(v T, size int) {
	r.entries = append(r.entries, v)
	r.sizes = append(r.sizes, size)
	r.bytes += size
	drop, left := 0, r.bytes
	for len(r.entries)-drop > maxKept || (left > maxKeptBytes && drop < len(r.entries)-1) {
		left -= r.sizes[drop]
		drop++
	}
	// Dropped in lumps, so that adding stays cheap.
	if drop > maxKept/10 || left < r.bytes/2 {
		r.entries = slices.Clone(r.entries[drop:])
		r.sizes = slices.Clone(r.sizes[drop:])
		r.bytes = left
	}
}

// newest returns at most maxKept entries, oldest first.
func (r *ring[T]) newest() []T {
	if n := len(r.entries); n > maxKept {
		return r.entries[n-maxKept:]
	}
	return r.entries
}
