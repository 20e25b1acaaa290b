package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/worker"
)

const (
	coalesceLease = "feed.coalesce"
	// coalesceMost is how many conversations one turn names in one stream; of more it says only that there were some.
	coalesceMost = 200
	// coalesceRead bounds what is read of one stream in one turn; of more there is no use in reading it.
	coalesceRead = 1000
)

// positionOf names the row of feed_streams that says how far a stream has been copied. It stands there, and is written
// in the transaction that publishes the copies, so that a restart or another instance goes on exactly where this one
// stopped; being no prefix of a stream's name, it is no stream to anybody else.
func positionOf(stream string) string { return "coalesced:" + stream }

// coalescer copies, about once a second, which conversations changed in the streams of stores and desks to those of
// regions and accounts, so that the many who look from above lock no row that every push wants.
type coalescer struct {
	feed   *Service
	leases *worker.Leases
	done   map[string]int64 // copied up to here at least; the row may say more
}

func newCoalescer(s *Service, l *worker.Leases) *coalescer {
	return &coalescer{feed: s, leases: l, done: map[string]int64{}}
}

func (c *coalescer) run(ctx context.Context) error {
	ends, err := sources(c.feed.db.Read(ctx))
	if err != nil {
		return err
	}
	var changed []model.FeedStream
	for _, end := range ends {
		if end.Seq > c.done[end.Stream] {
			changed = append(changed, end)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	accounts, err := routesOf(c.feed.db.Read(ctx), changed)
	if err != nil {
		return err
	}
	var all error
	for _, routes := range accounts {
		all = errors.Join(all, c.account(ctx, routes))
	}
	return all
}

// account copies what changed in the streams of one account.
func (c *coalescer) account(ctx context.Context, routes []route) error {
	err := c.feed.db.InTx(ctx, func(tx *database.Tx) error {
		if err := c.leases.HeldTx(tx, coalesceLease); err != nil {
			return err
		}
		news := map[string]*digest{}
		var positions []model.FeedStream
		for part := range chunks(routes) {
			moved, err := c.digest(tx, part, news)
			if err != nil {
				return err
			}
			positions = append(positions, moved...)
		}
		if len(positions) == 0 {
			return nil
		}
		for target, d := range news {
			d.publish(c.feed, tx, routes[0].account, target)
		}
		return tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "stream"}}, DoUpdates: clause.AssignmentColumns([]string{"seq"}),
		}).CreateInBatches(&positions, namesAtOnce).Error
	})
	if err != nil {
		return fmt.Errorf("tell accounts and regions what changed: %w", err)
	}
	for _, r := range routes {
		c.done[r.stream] = max(c.done[r.stream], r.end)
	}
	return nil
}

// digest reads on in the streams and notes for each target what changed. It returns the new positions.
func (c *coalescer) digest(tx *database.Tx, routes []route, news map[string]*digest) ([]model.FeedStream, error) {
	names := make([]string, 0, len(routes))
	for _, r := range routes {
		names = append(names, positionOf(r.stream))
	}
	positions, err := numbers(tx.DB, names)
	if err != nil {
		return nil, err
	}
	var moved []model.FeedStream
	for _, r := range routes {
		at := positions[positionOf(r.stream)].Seq
		if r.end <= at {
			continue
		}
		reached, all := r.end, r.end-at > coalesceRead
		var rows []model.FeedEvent
		if !all {
			if rows, err = eventsAfter(tx.DB, r.stream, at, coalesceRead); err != nil {
				return nil, err
			}
		}
		if len(rows) > 0 {
			reached = max(reached, rows[len(rows)-1].Seq)
		}
		for _, target := range r.targets {
			if news[target] == nil {
				news[target] = &digest{members: map[string]string{}}
			}
			news[target].add(rows, all)
		}
		moved = append(moved, model.FeedStream{Stream: positionOf(r.stream), Seq: reached})
	}
	return moved, nil
}

// digest is what changed for the readers of one stream.
type digest struct {
	order   []string          // conversations, first seen first
	members map[string]string // whose they are
	all     bool              // too many to name
}

func (d *digest) add(rows []model.FeedEvent, all bool) {
	d.all = d.all || all
	for _, r := range rows {
		var data struct {
			ConversationID string `json:"conversation_id"`
		}
		if json.Unmarshal([]byte(r.Data), &data) != nil || data.ConversationID == "" {
			continue
		}
		if _, known := d.members[data.ConversationID]; !known {
			d.order = append(d.order, data.ConversationID)
		}
		d.members[data.ConversationID] = r.MemberID
	}
	d.all = d.all || len(d.order) > coalesceMost
}

func (d *digest) publish(s *Service, tx *database.Tx, accountID, target string) {
	if d.all {
		s.PublishTx(tx, Event{AccountID: accountID, Kind: KindConversation}, target)
		return
	}
	for _, id := range d.order {
		s.PublishTx(tx, Event{AccountID: accountID, Kind: KindConversation, MemberID: d.members[id], ConversationID: id}, target)
	}
}
