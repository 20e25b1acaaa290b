package bus_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"liuke/model"
	"liuke/model/database/databasetest"
	"liuke/service/bus"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wait is how long a test waits for what must happen.
const wait = 10 * time.Second

func open(t *testing.T, now func() time.Time, addrs ...string) *bus.Bus {
	t.Helper()
	b, err := bus.Open(t.Context(), bus.Options{Addrs: addrs, Now: now, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

func subscribe(b *bus.Bus, topic string) <-chan string {
	got := make(chan string, 100)
	b.Subscribe(topic, func(payload string) { got <- payload })
	return got
}

func receive(t *testing.T, from <-chan string) string {
	t.Helper()
	select {
	case payload := <-from:
		return payload
	case <-time.After(wait):
		require.Fail(t, "no hint came")
		return ""
	}
}

func TestPublish_reachesTheSubscribersOfTheTopicUntilTheyCancel(t *testing.T) {
	t.Parallel()
	b := open(t, time.Now)
	first, other := subscribe(b, "first"), subscribe(b, "other")
	var cancelled atomic.Int64
	cancel := b.Subscribe("first", func(string) { cancelled.Add(1) })
	cancel()
	b.Subscribe("panics", func(string) { panic("on purpose") })

	b.Publish("panics", "")
	b.Publish("first", "1")
	b.Publish("first", "2")
	b.Publish("other", "3")
	require.Equal(t, "1", receive(t, first))
	require.Equal(t, "2", receive(t, first))
	require.Equal(t, "3", receive(t, other))
	require.Empty(t, first)
	require.Zero(t, cancelled.Load())
	require.False(t, b.Shared())
	require.NoError(t, b.Healthy(t.Context()))
}

func TestPublish_neverBlocksAndDropsTheOldest(t *testing.T) {
	t.Parallel()
	b := open(t, time.Now)
	hold, held, got := make(chan struct{}), make(chan struct{}), make(chan string, 20_000)
	b.Subscribe("hold", func(string) { close(held); <-hold })
	b.Subscribe("n", func(payload string) { got <- payload })
	b.Publish("hold", "")
	<-held
	for n := range 20_000 {
		b.Publish("n", strconv.Itoa(n))
	}
	close(hold)
	require.Positive(t, b.Dropped())
	require.Equal(t, strconv.FormatInt(b.Dropped(), 10), receive(t, got), "the oldest are gone")
}

func TestPublish_reachesOtherInstancesOnceThroughRedis(t *testing.T) {
	t.Parallel()
	databasetest.EachRedis(t, func(t *testing.T, addrs ...string) {
		a, b := open(t, time.Now, addrs...), open(t, time.Now, addrs...)
		topic := model.NewID()
		atA, atB := subscribe(a, topic), subscribe(b, topic)
		require.True(t, a.Shared())
		joined(t, a, b)

		a.Publish(topic, "one")
		a.Publish(topic, "two 中文")
		for _, at := range []<-chan string{atA, atB} {
			require.Equal(t, "one", receive(t, at))
			require.Equal(t, "two 中文", receive(t, at))
		}
		b.Publish(topic, "back") // an echo to a of its own hints would have come before this
		require.Equal(t, "back", receive(t, atA))
		require.Equal(t, "back", receive(t, atB))
		require.Empty(t, atA)
		require.Empty(t, atB)
	})
}

// joined waits until hints pass from a to b and back.
func joined(t *testing.T, a, b *bus.Bus) {
	t.Helper()
	for _, way := range [][2]*bus.Bus{{a, b}, {b, a}} {
		topic := model.NewID()
		var got atomic.Bool
		cancel := way[1].Subscribe(topic, func(string) { got.Store(true) })
		require.Eventually(t, func() bool {
			way[0].Publish(topic, "")
			return got.Load()
		}, wait, 20*time.Millisecond)
		cancel()
	}
}

func TestBus_worksAloneWhileRedisIsAwayAndJoinsWhenItComes(t *testing.T) {
	t.Parallel()
	addr := databasetest.RedisAddrs(t, databasetest.RedisVariable)[0]
	reserved, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	door := reserved.Addr().String()
	require.NoError(t, reserved.Close())

	late, there := open(t, time.Now, door), open(t, time.Now, addr)
	require.Error(t, late.Healthy(t.Context()))
	at := subscribe(late, "here")
	late.Publish("here", "still")
	require.Equal(t, "still", receive(t, at))
	key := model.NewID()
	require.NoError(t, late.Set(t.Context(), key, "kept here", time.Minute))
	value, err := late.Get(t.Context(), key)
	require.NoError(t, err)
	require.Equal(t, "kept here", value)
	require.NoError(t, late.Delete(t.Context(), key))
	value, err = late.Get(t.Context(), key)
	require.NoError(t, err)
	require.Empty(t, value)

	forward(t, door, addr)
	require.Eventually(t, func() bool { return late.Healthy(t.Context()) == nil }, wait, 20*time.Millisecond)
	joined(t, late, there)
}

// forward opens door and passes its connections on to addr until the test ends.
func forward(t *testing.T, door, addr string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", door)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() { cancel(); _ = listener.Close() })
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
			if err != nil {
				_ = in.Close()
				continue
			}
			context.AfterFunc(ctx, func() { _ = in.Close(); _ = out.Close() })
			go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
			go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
		}
	}()
}

func TestCache_isSharedThroughRedis(t *testing.T) {
	t.Parallel()
	databasetest.EachRedis(t, func(t *testing.T, addrs ...string) {
		a, b := open(t, time.Now, addrs...), open(t, time.Now, addrs...)
		for range 20 { // keys of a cluster lie on all its nodes
			key := model.NewID()
			value, err := b.Get(t.Context(), key)
			require.NoError(t, err)
			require.Empty(t, value)

			require.NoError(t, a.Set(t.Context(), key, "v", time.Minute))
			value, err = b.Get(t.Context(), key)
			require.NoError(t, err)
			require.Equal(t, "v", value)

			require.NoError(t, b.Delete(t.Context(), key))
			value, err = a.Get(t.Context(), key)
			require.NoError(t, err)
			require.Empty(t, value, "the copy in the process serves only while Redis is away")
		}
	})
}

func TestCache_answersSoonFromItsCopyWhenRedisSwallowsCalls(t *testing.T) {
	t.Parallel()
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // connects, never answers
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	b := open(t, time.Now, silent.Addr().String())
	began := time.Now()
	require.NoError(t, b.Set(t.Context(), "k", "v", time.Minute))
	value, err := b.Get(t.Context(), "k")
	require.NoError(t, err)
	require.Equal(t, "v", value)
	require.Less(t, time.Since(began), 3*time.Second)
}

func TestCache_expiresAndStaysBounded(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	start := time.Now()
	b := open(t, func() time.Time { return start.Add(time.Duration(ahead.Load())) })
	require.Error(t, b.Set(t.Context(), "k", "v", 0))
	require.NoError(t, b.Set(t.Context(), "k", "v", time.Minute))
	ahead.Store(int64(time.Minute) - 1)
	value, err := b.Get(t.Context(), "k")
	require.NoError(t, err)
	require.Equal(t, "v", value)
	ahead.Store(int64(time.Minute))
	value, err = b.Get(t.Context(), "k")
	require.NoError(t, err)
	require.Empty(t, value)

	for n := range 12_000 {
		require.NoError(t, b.Set(t.Context(), strconv.Itoa(n), "v", time.Minute))
	}
	kept := 0
	for n := range 12_000 {
		if value, _ := b.Get(t.Context(), strconv.Itoa(n)); value != "" {
			kept++
		}
	}
	require.LessOrEqual(t, kept, 10_000)
	require.GreaterOrEqual(t, kept, 8_000)
	value, err = b.Get(t.Context(), "11999")
	require.NoError(t, err)
	require.Equal(t, "v", value)
}

func TestOpen_wantsAClockAndALog(t *testing.T) {
	t.Parallel()
	_, err := bus.Open(t.Context(), bus.Options{})
	require.Error(t, err)
}

func TestClose_mayBeCalledTwice(t *testing.T) {
	t.Parallel()
	b := open(t, time.Now)
	require.NoError(t, b.Close())
	require.NoError(t, b.Close())
	b.Publish("after", "the end")
}
