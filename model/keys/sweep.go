package keys

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"liuke/model/database"
)

// Bounds of what is read and written at once.
const (
	pageValues  = 1000      // looked at by one query, which reads no more of them than whose they are
	batchValues = 100       // sealed anew in one transaction
	batchBytes  = 512 << 10 // of them, unless a single one is larger; a statement has each three times
	// longestRest bounds the pause after a transaction, which is as long as that took: half of the time is for the servers.
	longestRest = time.Second
)

// mostNamed is how many values that cannot be opened are named.
const mostNamed = 20

// Swept says what one round over all sealed values found.
type Swept struct {
	Values int64 // how many there are
	Old    int64 // of them sealed by an earlier key when they were met
	Anew   int64 // of those sealed anew; the others were changed by somebody else at that moment
	Lost   int64 // of all those that no key opens
	Named  []string
}

// Sweep goes over all sealed values, in the order of their keys, and seals anew what an earlier data key sealed. A value
// is replaced only while it is what was read. It may run beside servers and be broken off at any place: what is done is
// passed by the next time. progress is told how many values of a column have been looked at; it must not block.
func (r *Ring) Sweep(ctx context.Context, progress func(column string, done int64)) (Swept, error) {
	columns, err := Columns()
	if err != nil {
		return Swept{}, err
	}
	s := &sweep{ring: r, now: r.data.Load()}
	for _, c := range columns {
		if err := s.column(ctx, c, progress); err != nil {
			return s.swept, fmt.Errorf("seal %s anew: %w", c, err)
		}
	}
	return s.swept, nil
}

type sweep struct {
	ring  *Ring
	now   *set // at the beginning: what a later change has made since is none of this one's business
	swept Swept
}

// place is the key of a row, and how long its value is.
type place struct {
	key  []any
	size int64
}

func (s *sweep) column(ctx context.Context, c Column, progress func(string, int64)) error {
	done := int64(0)
	for after := []any(nil); ; {
		n, last, stale, err := s.page(ctx, c, after)
		if err != nil {
			return err
		}
		for len(stale) > 0 {
			end, size := 1, stale[0].size
			for end < min(len(stale), batchValues) && size+stale[end].size <= batchBytes {
				size += stale[end].size
				end++
			}
			if err := s.batch(ctx, c, stale[:end]); err != nil {
				return err
			}
			stale = stale[end:]
		}
		done += int64(n)
		progress(c.String(), done)
		if n < pageValues {
			return nil
		}
		after = last
	}
}

// page looks at the next rows and gives those whose value is not of the key that seals.
func (s *sweep) page(ctx context.Context, c Column, after []any) (n int, last []any, stale []place, err error) {
	rows, err := s.ring.db.Read(ctx).Raw(c.pageQuery(after != nil), widen(after)...).Rows()
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var first []byte
		p := place{}
		if p.key, err = c.scan(rows, &first, &p.size); err != nil {
			return 0, nil, nil, err
		}
		n, last = n+1, p.key
		if p.size == 0 {
			continue
		}
		s.swept.Values++
		if !s.now.seals.sealed(first) {
			stale = append(stale, p)
		}
	}
	return n, last, stale, rows.Err()
}

// batch seals the values of some rows anew.
func (s *sweep) batch(ctx context.Context, c Column, places []place) error {
	began := s.ring.db.Now()
	values, err := s.values(ctx, c, places)
	if err != nil || len(values) == 0 {
		return err
	}
	statement, args := c.replace(values)
	var n int64
	err = s.ring.db.InTx(ctx, func(tx *database.Tx) error {
		r := tx.Exec(statement, args...)
		n = r.RowsAffected
		return r.Error
	})
	if err != nil {
		return err
	}
	s.swept.Anew += n
	return rest(ctx, min(max(s.ring.db.Now().Sub(began), 0), longestRest))
}

// value is what stands in a row, and what shall stand there.
type value struct {
	key      []any
	old, new []byte
}

// values reads the rows of a batch and seals what an earlier key sealed.
func (s *sweep) values(ctx context.Context, c Column, places []place) (values []value, err error) {
	var args []any
	for _, p := range places {
		args = append(args, p.key...)
	}
	one := "(" + strings.Join(c.equal(), " AND ") + ")"
	query := "SELECT " + c.names() + ", " + c.Name + " FROM " + c.Table + " WHERE " + repeat(one, " OR ", len(places))
	rows, err := s.ring.db.Read(ctx).Raw(query, args...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		v := value{}
		if v.key, err = c.scan(rows, &v.old); err != nil {
			return nil, err
		}
		wanted, err := s.anew(c, &v)
		if err != nil {
			return nil, err
		}
		if wanted {
			values = append(values, v)
		}
	}
	return values, rows.Err()
}

// anew seals a value with the present key if an earlier one sealed it.
func (s *sweep) anew(c Column, v *value) (bool, error) {
	if len(v.old) == 0 || s.now.seals.sealed(v.old) { // changed since its page was read
		return false, nil
	}
	plain, err := s.ring.Open(v.old)
	switch {
	case database.IsTransient(err):
		return false, err
	case err != nil:
		s.swept.Lost++
		if len(s.swept.Named) < mostNamed {
			s.swept.Named = append(s.swept.Named, fmt.Sprintf("%s of %v", c, v.key))
		}
		return false, nil
	case !s.now.earlier[id(v.old[:idSize])]: // of a change that has begun since
		return false, nil
	}
	s.swept.Old++
	v.new = s.now.seals.seal(plain)
	return true, nil
}

func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
