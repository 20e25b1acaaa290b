package inbound

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"liuke/model"
	"liuke/model/database"
)

// Limits of a bundle, so that no transaction that works it off gets too large.
const (
	bundlePushes = 100
	bundleBytes  = 2 << 20
)

// bundleForm is the first byte of a bundle's body: how the rest is written.
const bundleForm = 1

// errForm says that a bundle was written by a newer version, or is damaged.
var errForm = errors.New("a bundle of pushes cannot be read by this version")

// bundles puts pushes together by lane, each lane's in the order of their ids.
func bundles(rows []*model.Push) []*model.PushBundle {
	sorted := slices.Clone(rows)
	slices.SortFunc(sorted, func(a, b *model.Push) int { return cmp.Or(cmp.Compare(a.Lane, b.Lane), cmp.Compare(a.ID, b.ID)) })
	var all []*model.PushBundle
	var last *model.PushBundle
	for _, r := range sorted {
		if last == nil || last.Lane != r.Lane || last.Pushes == bundlePushes || len(last.Body)+len(r.Body) > bundleBytes {
			last = bundle(r)
			all = append(all, last)
			continue
		}
		last.Body = appendPush(last.Body, r)
		last.Pushes++
	}
	return all
}

// bundle is one with a single push so far.
func bundle(r *model.Push) *model.PushBundle {
	body := make([]byte, 1, 1<<10)
	body[0] = bundleForm
	return &model.PushBundle{Lane: r.Lane, ID: r.ID, Pushes: 1, Body: appendPush(body, r), ReceivedAt: r.ReceivedAt}
}

func appendPush(b []byte, r *model.Push) []byte {
	for _, s := range []string{r.ID, r.AccountID, r.OpenID, r.MsgType, r.Event} {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	for _, s := range [][]byte{r.Dedupe, r.Body} {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return binary.AppendVarint(b, r.ReceivedAt)
}

// unbundle gives the pushes of a bundle. They share its memory.
func unbundle(b model.PushBundle) ([]*model.Push, error) {
	if len(b.Body) == 0 || b.Body[0] != bundleForm {
		return nil, errForm
	}
	rest := b.Body[1:]
	part := func() []byte {
		n, width := binary.Uvarint(rest)
		if width <= 0 || n > uint64(len(rest)-width) {
			rest = nil
			return nil
		}
		p := rest[width : width+int(n)] //nolint:gosec // not longer than what is left
		rest = rest[width+int(n):]      //nolint:gosec // likewise
		return p
	}
	var rows []*model.Push
	for len(rest) > 0 {
		r := &model.Push{
			Lane: b.Lane, ID: string(part()), AccountID: string(part()), OpenID: string(part()), MsgType: string(part()), Event: string(part()),
			Dedupe: part(), Body: part(),
		}
		at, width := binary.Varint(rest)
		if width <= 0 {
			return nil, errForm
		}
		r.ReceivedAt, rest = at, rest[width:]
		rows = append(rows, r)
	}
	if int64(len(rows)) != b.Pushes {
		return nil, errForm
	}
	return rows, nil
}

// write makes pushes durable. What was written before and not heard of may be written again: a bundle whose id is taken is
// there and holds the push of that id, and of the others nothing is known, so that each goes into a bundle of its own.
func (s *Service) write(ctx context.Context, rows []*model.Push) error {
	err := s.db.InsertBundles(ctx, bundles(rows))
	if !database.IsDuplicate(err) {
		return err
	}
	singles := make([]*model.PushBundle, len(rows))
	for i, r := range rows {
		singles[i] = bundle(r)
	}
	if err := s.db.InsertNew(ctx, singles); err != nil {
		return fmt.Errorf("write pushes once more: %w", err)
	}
	return nil
}
