package feed

import (
	"context"

	"liuke/model"
)

// pageRows bounds what is read of one stream at a time.
const pageRows = 200

// Read gives what has happened since the last items, in order, at most a page of each stream, as far as the reader may see
// it now. No items means that there is nothing more for him at present. It returns ErrEnded when the subscription is over;
// any other error means that the database is away, and the reader may come again.
func (s *Subscription) Read(ctx context.Context) ([]Item, error) {
	for {
		if s.over.Load() {
			return nil, ErrEnded
		}
		if s.doubt.Load() {
			if err := s.check(ctx); err != nil {
				return nil, err
			}
		}
		if s.reset {
			s.reset = false
			return []Item{{ID: s.Position(), Kind: KindReset, Data: []byte("{}")}}, nil
		}
		end := s.feed.hub.ends(s)
		if s.at.own >= end.own && s.at.shared >= end.shared {
			return nil, nil
		}
		items, err := s.page(ctx, end)
		if err != nil || len(items) > 0 {
			return items, err
		}
	}
}

// page reads on in both streams and moves the position. It may find nothing that the reader may see.
func (s *Subscription) page(ctx context.Context, end position) ([]Item, error) {
	db := s.feed.db.Read(ctx)
	var own, shared []model.FeedEvent
	var err error
	if s.at.own < end.own {
		if own, err = eventsAfter(db, s.own(), s.at.own, pageRows); err != nil {
			return nil, err
		}
	}
	if s.at.shared < end.shared {
		if shared, err = eventsAfter(db, s.mapping.Stream, s.at.shared, pageRows); err != nil {
			return nil, err
		}
	}
	// Every number has a row until it is pruned. A gap is a reader so slow that pruning has overtaken him.
	if torn(own, s.at.own, end.own) || torn(shared, s.at.shared, end.shared) {
		s.at = position{max(s.at.own, end.own), max(s.at.shared, end.shared)}
		s.reset = true
		return nil, nil
	}
	// Session and scope are asked after the rows were read: a right lost before an event never lets that event through.
	if err := s.check(ctx); err != nil {
		return nil, err
	}
	members := map[string]bool{}
	for _, r := range own {
		members[r.MemberID] = true
	}
	for _, r := range shared {
		members[r.MemberID] = true
	}
	delete(members, "")
	may, err := visible(db, s.actor, keys(members), model.Millis(s.feed.db.Now()))
	if err != nil {
		return nil, err
	}
	return s.merge(own, shared, may), nil
}

// torn reports whether rows that must be there are missing.
func torn(rows []model.FeedEvent, at, end int64) bool {
	if len(rows) == 0 {
		return at < end
	}
	return rows[0].Seq != at+1
}

// merge turns the rows of both streams into items, the older first, and moves the position on over all of them.
func (s *Subscription) merge(own, shared []model.FeedEvent, may map[string]bool) []Item {
	items := make([]Item, 0, len(own)+len(shared))
	for len(own)+len(shared) > 0 {
		var r model.FeedEvent
		if len(shared) == 0 || (len(own) > 0 && own[0].At <= shared[0].At) {
			r, own = own[0], own[1:]
			s.at.own = r.Seq
		} else {
			r, shared = shared[0], shared[1:]
			s.at.shared = r.Seq
		}
		if r.MemberID == "" || may[r.MemberID] {
			items = append(items, Item{ID: s.Position(), Kind: r.Kind, Data: []byte(r.Data)})
		}
	}
	return items
}

func keys(set map[string]bool) []string {
	all := make([]string, 0, len(set))
	for k := range set {
		all = append(all, k)
	}
	return all
}
