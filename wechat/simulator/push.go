package simulator

import (
	"context"
	"slices"
	"strconv"
	"time"
)

// lane is the queue of pushes about one person of one account. First tries go out in order, one after the other;
// repeats run beside them.
type lane struct {
	queue []*job
	held  []*job
	runs  bool
}

// job is a push on its way.
type job struct {
	push       *Push
	rel        *relation // nil = not about a follower
	replies    bool      // the answer may carry a passive reply, and a failure shows on the phone
	duplicate  bool
	concurrent bool
	skew       time.Duration
}

func (s *Simulator) full() error {
	if s.pending >= maxPending {
		return errFull
	}
	if s.closed {
		return errClosed
	}
	return nil
}

// pushMessage sends what the person wrote; fields begin with MsgType. It returns the MsgId.
func (s *Simulator) pushMessage(r *relation, fields ...Field) int64 {
	id := s.number()
	fields = append(fields, number("MsgId", id))
	s.enqueue(r.acc, r, r.openid, id, true, fields)
	return id
}

// pushEvent sends what the person did; fields begin with Event.
func (s *Simulator) pushEvent(r *relation, fields ...Field) {
	event := fields[0].Value
	replies := event == "subscribe" || event == "SCAN" || event == "CLICK" || event == "scancode_waitmsg"
	s.enqueue(r.acc, r, r.openid, 0, replies, slices.Insert(fields, 0, Field{Name: "MsgType", Value: "event"}))
}

// pushJob sends the result of a job of the account, from an openid that is no follower when r is nil. It returns when
// (real time) the push goes out.
func (s *Simulator) pushJob(acc *account, r *relation, from string, fields ...Field) time.Time {
	return s.enqueue(acc, r, from, 0, false, slices.Insert(fields, 0, Field{Name: "MsgType", Value: "event"}))
}

func number(name string, n int64) Field {
	return Field{Name: name, Value: strconv.FormatInt(n, 10), Number: true}
}

func value(fields []Field, name string) string {
	for _, f := range fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// enqueue sends a push on its way, as the faults that are set want it, and returns when (real time) it goes out.
func (s *Simulator) enqueue(acc *account, r *relation, from string, msgID int64, replies bool, fields []Field) time.Time {
	faults := s.takePushFaults(acc.AppID, value(fields, "MsgType"), value(fields, "Event"))
	again := slices.ContainsFunc(faults, func(f PushFault) bool { return f.Kind == PushAgain })
	if slices.ContainsFunc(faults, func(f PushFault) bool { return f.Kind == PushForeignID }) {
		fields = withForeignID(fields)
	}
	j := &job{push: s.newPush(acc, from, msgID, fields, s.now()), rel: r, replies: replies}
	due := s.launch(acc, j, faults)
	if again {
		repeat := &job{push: s.newPush(acc, from, msgID, fields, s.now().Add(time.Second)), rel: r, replies: replies}
		s.launch(acc, repeat, nil)
	}
	return due
}

// withForeignID puts a digit before the ids, which makes them longer than any that is given out.
func withForeignID(fields []Field) []Field {
	fields = slices.Clone(fields)
	for i, f := range fields {
		if f.Name == "MsgID" {
			fields[i].Value = "9" + f.Value
		}
	}
	return fields
}

func (s *Simulator) newPush(acc *account, from string, msgID int64, fields []Field, at time.Time) *Push {
	head := make([]Field, 0, len(fields)+3)
	for _, f := range []Field{
		{Name: "ToUserName", Value: acc.OriginalID},
		{Name: "FromUserName", Value: from},
		number("CreateTime", at.Unix()),
	} {
		if !slices.ContainsFunc(fields, func(g Field) bool { return g.Name == f.Name }) {
			head = append(head, f)
		}
	}
	p := &Push{
		ID: s.next("push"), AppID: acc.AppID, OpenID: from, Kind: value(fields, "MsgType"), Event: value(fields, "Event"),
		MsgID: msgID, XML: writeXML(append(head, fields...)), At: at, Tries: []Try{},
	}
	s.pushes.add(p, len(p.XML))
	return p
}

func (s *Simulator) launch(acc *account, j *job, faults []PushFault) time.Time {
	p := j.push
	hold := false
	var late time.Duration
	for _, f := range faults {
		switch f.Kind {
		case PushDuplicate:
			j.duplicate = true
		case PushConcurrent:
			j.concurrent = true
		case PushSkew:
			j.skew = f.Delay
		case PushReorder:
			hold = true
		case PushLost:
			p.Done = true
		case PushLate:
			late = f.Delay
		case PushStatus, PushAgain, PushForeignID: // in the fields, or the caller's matter
		}
	}
	due := s.real().Add(late)
	if p.Done || acc.Callback == "" || s.closed || s.pending >= maxPending {
		p.Done = true
		return due
	}
	s.pending++
	key := acc.AppID + "|" + p.OpenID
	if late == 0 {
		s.line(key, j, hold)
		return due
	}
	s.working.Go(func() {
		s.wait(s.ctx, late)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.line(key, j, hold)
	})
	return due
}

// line puts a job into its lane. A held job goes out after the next one, or after a short while.
func (s *Simulator) line(key string, j *job, hold bool) {
	l := s.lanes[key]
	if l == nil {
		l = &lane{}
		s.lanes[key] = l
	}
	if hold {
		l.held = append(l.held, j)
		s.working.Go(func() {
			s.wait(s.ctx, min(time.Second, s.spacing))
			s.mu.Lock()
			defer s.mu.Unlock()
			s.release(key, l)
		})
		return
	}
	l.queue = append(l.queue, j)
	s.release(key, l)
}

func (s *Simulator) release(key string, l *lane) {
	l.queue = append(l.queue, l.held...)
	l.held = nil
	if l.runs || len(l.queue) == 0 {
		return
	}
	l.runs = true
	s.lanes[key] = l
	s.working.Go(func() { s.run(key, l) })
}

func (s *Simulator) run(key string, l *lane) {
	for {
		s.mu.Lock()
		if len(l.queue) == 0 {
			l.runs = false
			if len(l.held) == 0 && s.lanes[key] == l {
				delete(s.lanes, key)
			}
			s.mu.Unlock()
			return
		}
		j := l.queue[0]
		l.queue = l.queue[1:]
		s.mu.Unlock()
		s.deliver(j)
	}
}

// wait sleeps for d of real time; false when ctx ended before.
func (s *Simulator) wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	case <-s.ctx.Done():
		return false
	}
}

func (s *Simulator) finish(j *job, delivered bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j.push.Done = true
	j.push.Delivered = j.push.Delivered || delivered
	if !j.push.Delivered && j.replies && j.rel != nil {
		s.receive(j.rel, Received{Via: ViaNotice, Kind: "note", Text: UnavailableNotice})
	}
	s.pending--
	s.touch()
	if s.pending == 0 {
		for _, c := range s.idle {
			close(c)
		}
		s.idle = nil
	}
}

// Settle waits until every push so far is delivered or given up.
func (s *Simulator) Settle(ctx context.Context) error {
	s.mu.Lock()
	if s.pending == 0 {
		s.mu.Unlock()
		return nil
	}
	c := make(chan struct{})
	s.idle = append(s.idle, c)
	s.mu.Unlock()
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// Pushes returns the newest 5,000 pushes with their tries, oldest first.
func (s *Simulator) Pushes() []Push {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Push{}
	for _, p := range s.pushes.newest() {
		v := *p
		v.Tries = slices.Clone(p.Tries)
		all = append(all, v)
	}
	return all
}
