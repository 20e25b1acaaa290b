package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"liuke/model"
	"liuke/model/database"
)

// How large the handover is that is measured.
const (
	handoverMembers   = 20_000
	handoverReceivers = 4
)

// movers is a chain in which one clerk has all members.
type movers struct {
	o         *ours
	owner     string // token
	accountID string
	storeID   string
	from      string
	to        []string
	first     int // the number of the first of his openids
	members   int
	messages  int
	handover  string // the one at hand
}

// moving is what the handover of one clerk took, once.
type moving struct {
	bare, plan, preview, run, undo time.Duration
	// cores is how long the database and the program kept a core busy meanwhile: a busy machine blurs that least.
	bareCores, runCores time.Duration
}

// onHandovers measures what a handover costs beside the least that any handover must do, and beside the usual way of
// writing the clerk on each message.
func (b *bench) onHandovers(ctx context.Context) error {
	var short []moving
	for i, messages := range b.messages {
		rounds, pushes, naive, err := b.handovers(ctx, messages)
		if err != nil {
			return fmt.Errorf("handover with %d messages: %w", messages, err)
		}
		if i == 0 {
			short = rounds
		}
		b.printHandovers(messages, rounds, short, pushes, naive)
	}
	return nil
}

func (b *bench) handovers(ctx context.Context, messages int) (rounds []moving, pushes pushed, naive []rewriting, err error) {
	dsn, err := b.servers.database(ctx, "handover")
	if err != nil {
		return nil, pushes, nil, err
	}
	o, err := b.startOurs(ctx, b.liuke, "mysql:"+dsn)
	if err != nil {
		return nil, pushes, nil, err
	}
	defer func() {
		if e := o.stop(); err == nil {
			err = e
		}
	}()
	m, err := b.fill(ctx, o, messages)
	if err != nil {
		return nil, pushes, nil, fmt.Errorf("fill: %w", err)
	}
	for i := range b.handoverRounds + 1 {
		r, err := b.round(ctx, m)
		if err != nil {
			return nil, pushes, nil, err
		}
		if i == 0 {
			continue // caches fill
		}
		b.tell("%d messages: bare %s, plan %s, preview %s, run %s (%.1f times bare, %.1f by cores), undo %s", messages,
			round(r.bare), round(r.plan), round(r.preview), round(r.run), r.run.Seconds()/r.bare.Seconds(),
			r.runCores.Seconds()/r.bareCores.Seconds(), round(r.undo))
		rounds = append(rounds, r)
	}
	if pushes, err = b.pushesMeanwhile(ctx, m); err != nil {
		return nil, pushes, nil, fmt.Errorf("pushes meanwhile: %w", err)
	}
	if messages == b.messages[0] {
		naive, err = b.rewritings(ctx, m)
	}
	return rounds, pushes, naive, err
}

// fill gives one clerk members with files, bindings, conversations and messages. It goes past the program: written
// through it, the messages would take an hour.
func (b *bench) fill(ctx context.Context, o *ours, messages int) (*movers, error) {
	m := &movers{o: o, first: memberPool, members: handoverMembers, messages: messages}
	var err error
	if m.owner, err = o.signIn(ctx, ownerPhone); err != nil {
		return nil, err
	}
	var store struct{ ID string }
	if err := o.post(ctx, "/api/stores", m.owner, map[string]any{"name": "Big", "code": "BIG"}, &store); err != nil {
		return nil, err
	}
	m.storeID = store.ID
	for i := range handoverReceivers + 1 {
		var clerk struct{ ID string }
		err := o.post(ctx, "/api/staff", m.owner, map[string]any{
			"name": "Clerk", "phone": strconv.Itoa(13800000001 + i), "password": password, "role": model.RoleClerk, "store_id": m.storeID,
		}, &clerk)
		if err != nil {
			return nil, err
		}
		m.to = append(m.to, clerk.ID)
	}
	m.from, m.to = m.to[0], m.to[1:]
	if m.accountID, err = o.accountID(ctx); err != nil {
		return nil, err
	}
	b.tell("filling %d members and %d messages", m.members, m.messages)
	began := time.Now()
	ids := openIDs(m.first + m.members)[m.first:]
	var talks []string
	for part := range slices.Chunk(ids, 1000) {
		some, err := m.people(ctx, part)
		if err != nil {
			return nil, err
		}
		talks = append(talks, some...)
	}
	if err := o.talk(ctx, talks, m.messages/m.members); err != nil {
		return nil, err
	}
	b.tell("filled in %s", time.Since(began).Round(time.Second))
	return m, nil
}

// people writes members that follow, and gives their conversations.
func (m *movers) people(ctx context.Context, openIDs []string) ([]string, error) {
	levels := []string{"A", "B", "B", "C", "C", "C", ""}
	at := time.Now().Add(-24 * time.Hour).UnixMilli()
	var p people
	ids := make([]string, len(openIDs))
	for i, openID := range openIDs {
		p.add(m.accountID, m.storeID, m.from, openID, at, int64(m.messages/m.members))
		p.members[i].Level = levels[i%len(levels)]
		ids[i] = p.conversations[i].ID
	}
	return ids, p.write(ctx, m.o.db)
}

// round does the bare update, and then plans, looks, runs and takes back the handover. Each begins when the database has
// cleaned up after the one before.
func (b *bench) round(ctx context.Context, m *movers) (r moving, err error) {
	for _, part := range []struct {
		do    func() (time.Duration, error)
		took  *time.Duration
		cores *time.Duration
	}{
		{func() (time.Duration, error) { return m.bare(ctx) }, &r.bare, &r.bareCores},
		{func() (time.Duration, error) { return 0, m.plan(ctx, &r) }, new(time.Duration), new(time.Duration)},
		{func() (time.Duration, error) { return m.step(ctx, "run", model.HandoverDone) }, &r.run, &r.runCores},
		{func() (time.Duration, error) { return m.step(ctx, "undo", model.HandoverUndone) }, &r.undo, new(time.Duration)},
	} {
		if err := b.servers.clean(ctx); err != nil {
			return r, err
		}
		before, err := b.busy(m)
		if err != nil {
			return r, err
		}
		if *part.took, err = part.do(); err != nil {
			return r, err
		}
		after, err := b.busy(m)
		if err != nil {
			return r, err
		}
		*part.cores = after - before
	}
	r.bareCores /= 2 // there and back
	return r, nil
}

// busy is how long the database and the program have kept a core busy.
func (b *bench) busy(m *movers) (time.Duration, error) {
	times, err := b.cpuTimes(&subject{process: m.o.process})
	return times["program"] + times["MariaDB"], err
}

// bare is the least that a handover must do: another clerk on each member row, in one transaction. There and back, the
// mean of both.
func (m *movers) bare(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	for _, way := range [][2]string{{m.to[0], m.from}, {m.from, m.to[0]}} {
		err := m.o.db.InTx(ctx, func(tx *database.Tx) error {
			r := tx.Exec("UPDATE members SET clerk_id = ? WHERE account_id = ? AND clerk_id = ?", way[0], m.accountID, way[1])
			if r.Error == nil && r.RowsAffected != int64(m.members) {
				return fmt.Errorf("the bare update met %d members", r.RowsAffected)
			}
			return r.Error
		})
		if err != nil {
			return 0, err
		}
	}
	return time.Since(began) / 2, nil
}

// plan plans for all members and looks at the first page of who gets whom.
func (m *movers) plan(ctx context.Context, r *moving) error {
	var h struct{ ID string }
	began := time.Now()
	err := m.o.post(ctx, "/api/handovers", m.owner, map[string]any{
		"from_clerk_id": m.from, "rule": map[string]any{"kind": "balanced", "to": m.to, "same_store_first": true, "served_before": true},
	}, &h)
	if err != nil {
		return err
	}
	r.plan, m.handover = time.Since(began), h.ID
	began = time.Now()
	for _, path := range []string{"", "/moves"} {
		if _, err := fetch(ctx, http.MethodGet, "http://"+m.o.host+"/api/handovers/"+h.ID+path, m.owner, nil); err != nil {
			return err
		}
	}
	r.preview = time.Since(began)
	return nil
}

// step asks for a run or an undo and waits for its end, as the rows tell it.
func (m *movers) step(ctx context.Context, verb, end string) (time.Duration, error) {
	began := time.Now()
	if _, err := fetch(ctx, http.MethodPost, "http://"+m.o.host+"/api/handovers/"+m.handover+"/"+verb, m.owner, nil); err != nil {
		return 0, err
	}
	for {
		var h model.Handover
		if err := m.o.db.Read(ctx).Select("state", "reason", "moved", "undone").First(&h, "id = ?", m.handover).Error; err != nil {
			return 0, err
		}
		switch {
		case h.State == end:
			if max(h.Moved, h.Undone) != int64(m.members) {
				return 0, fmt.Errorf("%s: %d moved, %d undone", verb, h.Moved, h.Undone)
			}
			return time.Since(began), nil
		case h.State == model.HandoverFailed, h.Reason != "":
			return 0, fmt.Errorf("%s: %s %s", verb, h.State, h.Reason)
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// pushed is how long pushes of the moved members took to be accepted while the handover ran.
type pushed struct {
	delay

	n   int
	run time.Duration
}

// pushConnections is how many of the members write at once during a run.
const pushConnections = 8

// pushesMeanwhile lets members write without a pause and runs a handover of them all.
func (b *bench) pushesMeanwhile(ctx context.Context, m *movers) (pushed, error) {
	s, err := newSealer(b.account)
	if err != nil {
		return pushed{}, err
	}
	if err := m.plan(ctx, &moving{}); err != nil {
		return pushed{}, err
	}
	ids := openIDs(m.first + m.members)[m.first:]
	var mutex sync.Mutex
	var all []sending
	var failed error
	stop := make(chan struct{})
	var group sync.WaitGroup
	for c := range pushConnections {
		w, err := dial(ctx, m.o.host)
		if err != nil {
			return pushed{}, err
		}
		defer w.close()
		group.Go(func() {
			mine, err := b.writeOn(w, s, m.o.host, ids, c, stop)
			mutex.Lock()
			defer mutex.Unlock()
			all = append(all, mine...)
			if failed == nil {
				failed = err
			}
		})
	}
	time.Sleep(time.Second) // the pushes are in full flow
	began := time.Now()
	took, err := m.step(ctx, "run", model.HandoverDone)
	ended := time.Now()
	close(stop)
	group.Wait()
	if err != nil {
		return pushed{}, err
	}
	if failed != nil {
		return pushed{}, failed
	}
	var during []time.Duration
	for _, p := range all {
		if p.at.Before(ended) && p.at.Add(p.took).After(began) {
			during = append(during, p.took)
		}
	}
	if _, err := m.o.drained(ctx); err != nil {
		return pushed{}, err
	}
	stray, err := m.o.count(ctx, "SELECT COUNT(*) FROM conversations JOIN members ON members.id = conversations.member_id WHERE conversations.clerk_id <> members.clerk_id")
	if err != nil || stray > 0 {
		return pushed{}, fmt.Errorf("%d conversations are not with their member's clerk: %w", stray, err)
	}
	_, err = m.step(ctx, "undo", model.HandoverUndone)
	return pushed{delay: delayOf(during), n: len(during), run: took}, err
}

// sending is one push and how long it took to be accepted.
type sending struct {
	at   time.Time
	took time.Duration
}

// writeOn sends one push after the other until it is told to stop.
func (b *bench) writeOn(w *wire, s *sealer, host string, ids []string, lane int, stop <-chan struct{}) ([]sending, error) {
	var all []sending
	first := b.reserve()
	for i := lane; ; i += pushConnections {
		select {
		case <-stop:
			return all, nil
		default:
		}
		id, at := ids[i*7919%len(ids)], time.Now()
		request := s.request(host, id, textMessage(id, int64(first+i), at.Unix()), at.Unix())
		sent := time.Now()
		status, body, err := w.send(request)
		if err != nil || status != http.StatusOK || body != "success" {
			return all, fmt.Errorf("push: %d %q %w", status, body, err)
		}
		all = append(all, sending{sent, time.Since(sent)})
	}
}

// rewriting is what it took to write another clerk on each message, and how long cores were busy with it.
type rewriting struct{ took, cores time.Duration }

// naiveRounds is how often the messages are rewritten.
const naiveRounds = 3

// rewritings write another clerk on each message, there and back: what a handover costs where messages belong to a
// clerk. The table is the one of the messages, with the clerk and the index that his list of messages needs.
func (b *bench) rewritings(ctx context.Context, m *movers) ([]rewriting, error) {
	for _, statement := range []string{
		"CREATE TABLE naive_messages LIKE messages",
		"ALTER TABLE naive_messages ADD COLUMN clerk_id CHAR(36) NOT NULL DEFAULT '', ADD KEY naive_clerk (clerk_id, at)",
		"INSERT INTO naive_messages SELECT messages.*, conversations.clerk_id FROM messages JOIN conversations ON conversations.id = messages.conversation_id" +
			" WHERE conversations.clerk_id = '" + m.from + "' ORDER BY messages.shard, messages.conversation_id, messages.seq",
	} {
		if _, err := m.o.db.Exec(ctx, statement); err != nil {
			return nil, err
		}
	}
	var all []rewriting
	for i := range naiveRounds {
		if err := b.servers.clean(ctx); err != nil {
			return nil, err
		}
		before, err := b.busy(m)
		if err != nil {
			return nil, err
		}
		took, err := m.rewrite(ctx, i%2 == 1)
		if err != nil {
			return nil, err
		}
		after, err := b.busy(m)
		if err != nil {
			return nil, err
		}
		all = append(all, rewriting{took, after - before})
	}
	return all, nil
}

func (m *movers) rewrite(ctx context.Context, back bool) (time.Duration, error) {
	from, to := m.from, m.to[0]
	if back {
		from, to = to, from
	}
	began := time.Now()
	err := m.o.db.InTx(ctx, func(tx *database.Tx) error {
		r := tx.Exec("UPDATE naive_messages SET clerk_id = ? WHERE clerk_id = ?", to, from)
		if r.Error == nil && r.RowsAffected < int64(m.messages) {
			return fmt.Errorf("the naive update met %d messages", r.RowsAffected)
		}
		return r.Error
	})
	return time.Since(began), err
}
