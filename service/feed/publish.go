package feed

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"liuke/model"
	"liuke/model/database"
)

// PublishTx gives the event to the readers of the streams once the transaction has committed. Streams without an id
// are left out; the same event for the same stream counts once in a transaction. Rows are written as the last work of
// the transaction, because the streams' locks are wanted by many.
func (s *Service) PublishTx(tx *database.Tx, e Event, streams ...string) {
	b, ok := tx.Local(batchKey{}, func() any { return &batch{seen: map[model.FeedEvent]bool{}} }).(*batch)
	if !ok || b.written {
		panic("feed: published after the events of the transaction were written")
	}
	if !b.hooked {
		b.hooked = true
		tx.BeforeCommit(b.write)
		tx.AfterCommit(func(context.Context) {
			if len(b.ends) > 0 {
				s.bus.Publish(topicFeed, b.hint())
			}
		})
	}
	data, err := e.json()
	if err != nil {
		panic("feed: a map of strings has no JSON") // cannot happen
	}
	for _, stream := range streams {
		row := model.FeedEvent{Stream: stream, AccountID: e.AccountID, Kind: e.Kind, MemberID: e.MemberID, Data: data, At: tx.Millis()}
		if nameless(stream) || b.seen[row] {
			continue
		}
		b.seen[row] = true
		b.rows = append(b.rows, row)
	}
}

// batchKey is where a transaction keeps its batch.
type batchKey struct{}

// batch is what one transaction publishes.
type batch struct {
	hooked, written bool
	seen            map[model.FeedEvent]bool
	rows            []model.FeedEvent
	ends            []model.FeedStream // the streams' last numbers, once written
}

// namesAtOnce is how many streams one statement names: SQLite allows 32,766 parameters.
const namesAtOnce = 500

// write numbers the events and stores them.
func (b *batch) write(tx *database.Tx) error {
	b.written = true
	counts := map[string]int64{}
	for _, r := range b.rows {
		counts[r.Stream]++
	}
	if len(counts) == 0 {
		return nil
	}
	ends, err := advance(tx, counts)
	if err != nil {
		return err
	}
	b.ends = ends
	next := make(map[string]int64, len(ends))
	for _, end := range ends {
		next[end.Stream] = end.Seq - counts[end.Stream]
	}
	for i := range b.rows {
		next[b.rows[i].Stream]++
		b.rows[i].Seq = next[b.rows[i].Stream]
	}
	if err := tx.InsertEvents(b.rows); err != nil {
		return fmt.Errorf("store events: %w", err)
	}
	return nil
}

// advance moves the streams' numbers on by the counts, making new streams, and returns where they stand. The row locks are
// taken in the order of the names, so that two transactions never wait for each other crosswise.
func advance(tx *database.Tx, counts map[string]int64) ([]model.FeedStream, error) {
	names := slices.Sorted(maps.Keys(counts))
	rows := make([]model.FeedStream, len(names))
	for i, name := range names {
		rows[i] = model.FeedStream{Stream: name, Seq: counts[name]}
	}
	if err := tx.AdvanceStreams(rows); err != nil {
		return nil, fmt.Errorf("number events: %w", err)
	}
	ends := make([]model.FeedStream, 0, len(names))
	for part := range slices.Chunk(names, namesAtOnce) {
		var found []model.FeedStream
		if err := tx.Where("stream IN ?", part).Find(&found).Error; err != nil {
			return nil, fmt.Errorf("read the numbers of events: %w", err)
		}
		ends = append(ends, found...)
	}
	slices.SortFunc(ends, func(a, b model.FeedStream) int { return cmp.Compare(a.Stream, b.Stream) })
	return ends, nil
}

// hint is what other instances are told: "stream number stream number …".
func (b *batch) hint() string {
	words := make([]string, 0, 2*len(b.ends))
	for _, end := range b.ends {
		words = append(words, end.Stream, strconv.FormatInt(end.Seq, 10))
	}
	return strings.Join(words, " ")
}

// readHint undoes hint; what does not parse is left out.
func readHint(payload string) map[string]int64 {
	ends := map[string]int64{}
	words := strings.Fields(payload)
	for i := 0; i+1 < len(words); i += 2 {
		if seq, err := strconv.ParseInt(words[i+1], 10, 64); err == nil {
			ends[words[i]] = seq
		}
	}
	return ends
}
