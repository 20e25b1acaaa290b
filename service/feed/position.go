package feed

import (
	"strconv"

	"liuke/model"
)

// An event id is shared << ownBits | own: how far the reader has come in the shared stream and in his own. Each item
// moves one of the two on, so ids grow, and an id says exactly where to resume in both.
//
// The shared part does not count from the stream's beginning but along the reader's mapping (model.FeedReader), so that
// it keeps growing when he comes to read another stream. 32 and 31 bits last for 2 billion events of one's own and
// 4 billion shared ones.
const ownBits = 31

const ownMask = 1<<ownBits - 1

// A reader's first mapping begins above zero, so that no valid id is 0. Each further one begins a step above all that
// the one before could give: subscriptions of the old one may live on for seconds elsewhere and count on.
const (
	firstBase = 1
	baseStep  = 1 << 16
)

// position is how far a reader has come, as numbers of his two streams.
type position struct{ own, shared int64 }

// id is the position as an event id under a mapping.
func (p position) id(m model.FeedReader) int64 {
	return (m.BaseID+p.shared-m.BaseSeq)<<ownBits | p.own&ownMask
}

func formatID(id int64) string { return strconv.FormatInt(id, 10) }

// resume is the position of an id, if one can go on from there to the end: it must be of this mapping, not ahead of
// the end, and nothing after it may have been pruned.
func resume(lastEventID string, m model.FeedReader, end, pruned position) (position, bool) {
	id, err := strconv.ParseInt(lastEventID, 10, 64)
	if err != nil || id <= 0 {
		return position{}, false
	}
	p := position{own: id & ownMask, shared: id>>ownBits - m.BaseID + m.BaseSeq}
	ok := p.shared >= m.BaseSeq &&
		p.own <= end.own && p.shared <= end.shared &&
		p.own >= pruned.own && p.shared >= pruned.shared
	return p, ok
}

// remap is the mapping of a reader who comes to read another stream: old is the one he had (nil for none), oldEnd where
// its stream stands, and seq where the new one stands.
func remap(staffID, stream string, seq int64, old *model.FeedReader, oldEnd int64) model.FeedReader {
	m := model.FeedReader{StaffID: staffID, Stream: stream, BaseSeq: seq, BaseID: firstBase}
	if old != nil {
		m.BaseID = old.BaseID + oldEnd - old.BaseSeq + baseStep
	}
	return m
}
