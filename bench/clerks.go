package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// clerksOrder tells a process whose streams to hold and what to push; it comes as JSON on standard input. A second value
// there, any, says when to begin with the pushes.
type clerksOrder struct {
	Host    string    `json:"host"`
	Account account   `json:"account"`
	Clerks  []serving `json:"clerks"`
	First   int       `json:"first"`  // the first MsgId
	Rate    int       `json:"rate"`   // pushes a second, at even distances
	Pushes  int       `json:"pushes"` // how many
}

// clerksOutcome is what the process saw. Both times of a push begin when it was due to be sent, whether or not it was.
type clerksOutcome struct {
	Answered []time.Duration `json:"answered"` // until the answer `success` was read
	Arrived  []time.Duration `json:"arrived"`  // until its event was read from the stream of the member's clerk
}

// pushWires is how many connections carry the pushes, so that none waits for another.
const pushWires = 16

// streamsAtOnce is how many streams are opened at a time.
const streamsAtOnce = 32

// crew is a process that holds the streams of many clerks and lets their members write.
type crew struct {
	order clerksOrder

	mutex   sync.Mutex
	due     map[string][]time.Time // by member: what is on its way, the oldest first
	outcome clerksOutcome
	failed  error
	more    chan struct{} // there is something new to look at
}

// runClerks opens all streams, says so, pushes when it is told to, and tells what it saw.
func runClerks(ctx context.Context, in io.Reader, out io.Writer) error {
	read, write := json.NewDecoder(in), json.NewEncoder(out)
	c := &crew{due: map[string][]time.Time{}, more: make(chan struct{}, 1)}
	if err := read.Decode(&c.order); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	requests, members, err := c.order.seal()
	if err != nil {
		return err
	}
	if err := c.connect(ctx); err != nil {
		return err
	}
	if err := write.Encode(len(c.order.Clerks)); err != nil {
		return err
	}
	var begin json.RawMessage
	if err := read.Decode(&begin); err != nil {
		return fmt.Errorf("wait for the beginning: %w", err)
	}
	if err := c.push(ctx, requests, members); err != nil {
		return err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return write.Encode(c.outcome)
}

// seal makes the pushes of members of clerks by chance, the same in each run, and says of whom each is.
func (o clerksOrder) seal() (requests [][]byte, members []string, err error) {
	s, err := newSealer(o.Account)
	if err != nil {
		return nil, nil, err
	}
	chance := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret
	at := time.Now().Unix()
	for n := range o.Pushes {
		clerk := o.Clerks[chance.IntN(len(o.Clerks))]
		k := chance.IntN(len(clerk.OpenIDs))
		id := clerk.OpenIDs[k]
		requests = append(requests, s.request(o.Host, id, textMessage(id, int64(o.First+n), at), at))
		members = append(members, clerk.Members[k])
	}
	return requests, members, nil
}

// connect opens every clerk's stream.
func (c *crew) connect(ctx context.Context) error {
	places, failed := make(chan struct{}, streamsAtOnce), make(chan error, len(c.order.Clerks))
	var group sync.WaitGroup
	for _, clerk := range c.order.Clerks {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			stream, err := openStream(ctx, c.order.Host, clerk.Token)
			if err != nil {
				failed <- err
				return
			}
			mine := map[string]bool{}
			for _, m := range clerk.Members {
				mine[m] = true
			}
			go func() {
				c.fail(fmt.Errorf("a stream ended: %w", readEvents(stream, func(kind string, data []byte) { c.event(mine, kind, data) })))
			}()
		})
	}
	group.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// openStream opens a feed on a connection of its own, and returns when its first lines are there.
func openStream(ctx context.Context, host, token string) (io.Reader, error) {
	w, err := dial(ctx, host)
	if err != nil {
		return nil, err
	}
	_, err = io.WriteString(w.conn, "GET /api/feed HTTP/1.1\r\nHost: "+host+"\r\nAccept: text/event-stream\r\nAuthorization: Bearer "+token+"\r\n\r\n")
	if err != nil {
		return nil, fmt.Errorf("open a stream: %w", err)
	}
	answer, err := http.ReadResponse(w.in, nil) //nolint:bodyclose // it lives as long as this process
	if err != nil {
		return nil, fmt.Errorf("open a stream: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("open a stream: %d", answer.StatusCode)
	}
	lines := bufio.NewReaderSize(answer.Body, 512)
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return nil, fmt.Errorf("open a stream: %w", err)
		}
		if len(line) == 1 {
			return lines, nil
		}
	}
}

// readEvents reads server-sent events until the stream ends, and gives each as soon as its last line is there.
func readEvents(stream io.Reader, each func(kind string, data []byte)) error {
	lines := bufio.NewScanner(stream)
	lines.Buffer(make([]byte, 0, 1024), 64<<10)
	kind, data := "", []byte(nil)
	for lines.Scan() {
		line := lines.Bytes()
		if len(line) == 0 {
			if kind != "" {
				each(kind, data)
			}
			kind, data = "", nil
			continue
		}
		switch name, value, _ := bytes.Cut(line, []byte(": ")); string(name) {
		case "event":
			kind = string(value)
		case "data":
			data = bytes.Clone(value)
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return io.EOF
}

// event takes what came to a clerk who serves these members: each event of a message must be of a push under way.
func (c *crew) event(mine map[string]bool, kind string, data []byte) {
	now := time.Now()
	if kind != "message" {
		return
	}
	var ids struct {
		Member string `json:"member_id"`
	}
	if err := json.Unmarshal(data, &ids); err != nil || !mine[ids.Member] {
		c.fail(errors.New("a clerk got the event of a member of somebody else"))
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	waiting := c.due[ids.Member]
	if len(waiting) == 0 {
		c.failed = errors.Join(c.failed, errors.New("an event came twice"))
		return
	}
	c.due[ids.Member] = waiting[1:]
	c.outcome.Arrived = append(c.outcome.Arrived, now.Sub(waiting[0]))
	c.look()
}

func (c *crew) fail(err error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.failed = errors.Join(c.failed, err)
	c.look()
}

// look makes whoever waits look again.
func (c *crew) look() {
	select {
	case c.more <- struct{}{}:
	default:
	}
}

// push sends every push when it is due, and waits until all are answered and all events are there.
func (c *crew) push(ctx context.Context, requests [][]byte, members []string) error {
	free := make(chan *wire, pushWires)
	for range pushWires {
		w, err := dial(ctx, c.order.Host)
		if err != nil {
			return err
		}
		defer w.close()
		free <- w
	}
	distance := time.Second / time.Duration(c.order.Rate)
	began := time.Now()
	for n, request := range requests {
		due := began.Add(time.Duration(n) * distance)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Until(due)):
		}
		c.mutex.Lock()
		c.due[members[n]] = append(c.due[members[n]], due)
		c.mutex.Unlock()
		w := <-free
		go func() {
			status, body, err := w.send(request)
			took := time.Since(due)
			free <- w
			if err != nil || status != http.StatusOK || body != "success" {
				c.fail(fmt.Errorf("push: %d %q %w", status, body, err))
				return
			}
			c.mutex.Lock()
			defer c.mutex.Unlock()
			c.outcome.Answered = append(c.outcome.Answered, took)
			c.look()
		}()
	}
	return c.settle(len(requests))
}

// settle waits for the last answers and events, ten seconds at most without a new one.
func (c *crew) settle(want int) error {
	for {
		c.mutex.Lock()
		answered, arrived, err := len(c.outcome.Answered), len(c.outcome.Arrived), c.failed
		c.mutex.Unlock()
		if err != nil || answered == want && arrived == want {
			return err
		}
		select {
		case <-c.more:
		case <-time.After(10 * time.Second):
			return fmt.Errorf("of %d pushes %d were answered and %d came to their clerks", want, answered, arrived)
		}
	}
}
