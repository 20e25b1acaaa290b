package main

import (
	"context"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/rate"
	"liuke/wechat/simulator"
)

// In a cluster a key lies on one node, by its slot: what touches two slots at once fails, on the day the second key comes
// to lie elsewhere. So what counts is what the nodes were asked.
func TestCluster_everyCommandToRedisStaysInOneSlot(t *testing.T) {
	t.Parallel()
	nodes := databasetest.RedisAddrs(t, databasetest.RedisClusterVariable)
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			heard := listen(t, nodes)
			w := newChain(t, kind)
			w.environ = slices.DeleteFunc(w.environ, func(line string) bool { return strings.HasPrefix(line, "LIUKE_REDIS=") })
			w.environ = append(w.environ, "LIUKE_REDIS=redis://"+strings.Join(nodes, ","))
			w.instance = w.start(t, roleAll)
			w.callback(t, w.url)
			w.owner = w.signIn("13800000000", ownerPassword)
			both := []*instance{w.instance}
			if kind == database.MySQL { // SQLite has one instance
				both = append(both, w.start(t, roleAll))
			}
			other := both[len(both)-1]
			eventually(t, func() bool { return other.must(200, "GET", "/readyz", "", nil).str("redis") == "ok" }, "the cluster answers")

			// Hints, the shared budget and the shared token, through a chat.
			c := w.talk(t, w.addStore("一店"))
			feed := other.feed(c.clerk.token, "")
			w.write(t, c.who, "在吗")
			feed.until("message", c.chat)
			other.reply(c, "1", "在")
			eventually(t, func() bool { return len(w.inbox(c.who)) == 1 }, "the answer has come")
			// A token that WeChat no longer takes is deleted for all and fetched anew.
			_, err := w.sim.AddFault(simulator.Fault{AppID: w.appid, Path: customPath, Kind: simulator.FaultCode, Code: 40001, Count: 1})
			require.NoError(t, err)
			w.reply(c, "2", "有的")
			eventually(t, func() bool { return len(w.inbox(c.who)) == 2 }, "the answer has come all the same")
			// Budgets of many accounts, whose keys lie on every node.
			for range 30 {
				granted, _ := w.app.rates.Take(t.Context(), model.NewID(), rate.APICustomer, 3, true)
				require.Equal(t, 3, granted)
				w.app.rates.GiveBack(t.Context(), model.NewID(), rate.APICustomer, 1)
			}
			for _, i := range both {
				require.Zero(t, i.app.bus.Dropped())
				require.NotContains(t, i.logs.String(), "redis is away")
			}
			heard.requireOneSlotEach(t, "get", "set", "del", "publish", "subscribe", "evalsha", "ping")
		})
	}
}

func TestHeard_findsTwoSlotsInACommandATransactionAndAScript(t *testing.T) {
	t.Parallel()
	nodes := databasetest.RedisAddrs(t, databasetest.RedisClusterVariable)
	heard := listen(t, nodes)
	for _, c := range []struct {
		lines []string
		fault bool
	}{
		{[]string{`1.0 [0 127.0.0.1:1] "mset" "a" "1" "b" "2"`}, true},
		{[]string{`1.0 [0 127.0.0.1:1] "mset" "{a}1" "1" "{a}2" "2"`}, false},
		{[]string{`1.0 [0 127.0.0.1:1] "set" "a" "1"`, `1.1 [0 127.0.0.1:1] "set" "b" "1"`}, false},
		{[]string{`1.0 [0 127.0.0.1:1] "multi"`, `1.1 [0 127.0.0.1:1] "set" "a" "1"`, `1.2 [0 127.0.0.1:1] "set" "b" "1"`, `1.3 [0 127.0.0.1:1] "exec"`}, true},
		{[]string{`1.0 [0 127.0.0.1:1] "evalsha" "x" "1" "a"`, `1.1 [0 lua] "HSET" "a" "f" "1"`}, false},
		{[]string{`1.0 [0 127.0.0.1:1] "evalsha" "x" "1" "a"`, `1.1 [0 lua] "HSET" "b" "f" "1"`}, true},
	} {
		steps := heard.steps(t, c.lines)
		wide := slices.ContainsFunc(steps, func(s step) bool { return len(s.slots) > 1 })
		require.Equal(t, c.fault, wide, "%v", c.lines)
	}
}

// heard is what each node of a cluster was asked since the test began, as MONITOR tells it.
type heard struct {
	client *redis.ClusterClient
	mu     sync.Mutex
	lines  map[string][]string // by node
	marks  map[string]bool     // nodes that have been heard to the end
}

// step is what Redis does at once: a command, a transaction, or a script with all it calls.
type step struct {
	name  string
	slots map[int64]string // to a key that lies there
}

const endMark = "this-is-the-end-of-the-test"

func listen(t *testing.T, nodes []string) *heard {
	t.Helper()
	h := &heard{client: redis.NewClusterClient(&redis.ClusterOptions{Addrs: nodes}), lines: map[string][]string{}, marks: map[string]bool{}}
	t.Cleanup(func() { require.NoError(t, h.client.Close()) })
	for _, node := range nodes {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", node)
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		_, err = conn.Write([]byte("MONITOR\r\n"))
		require.NoError(t, err)
		first := make([]byte, len("+OK\r\n"))
		_, err = conn.Read(first)
		require.NoError(t, err)
		require.Equal(t, "+OK\r\n", string(first))
		go h.take(node, conn)
	}
	return h
}

// take reads a node's lines until the connection is closed.
func (h *heard) take(node string, conn net.Conn) {
	var rest string
	buffer := make([]byte, 1<<16)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		lines := strings.Split(rest+string(buffer[:n]), "\r\n")
		rest = lines[len(lines)-1]
		h.mu.Lock()
		for _, line := range lines[:len(lines)-1] {
			h.lines[node] = append(h.lines[node], strings.TrimPrefix(line, "+"))
			h.marks[node] = h.marks[node] || strings.Contains(line, endMark)
		}
		h.mu.Unlock()
	}
}

// requireOneSlotEach wants all commands named to have been seen, all nodes to have been asked for keys, and no step to have
// touched two slots.
func (h *heard) requireOneSlotEach(t *testing.T, commands ...string) {
	t.Helper()
	nodes := h.toTheEnd(t)
	seen := map[string]bool{}
	for node, lines := range nodes {
		keys := 0
		for _, s := range h.steps(t, lines) {
			seen[s.name] = true
			require.LessOrEqual(t, len(s.slots), 1, "%s touches %v", s.name, s.slots)
			keys += len(s.slots)
		}
		require.Positive(t, keys, "node %s was asked for no key", node)
	}
	for _, c := range commands {
		require.True(t, seen[c], "nobody sent %s", c)
	}
}

// toTheEnd waits until everything that the nodes were asked until now has been heard.
func (h *heard) toTheEnd(t *testing.T) map[string][]string {
	t.Helper()
	require.NoError(t, h.client.ForEachMaster(t.Context(), func(ctx context.Context, c *redis.Client) error { return c.Echo(ctx, endMark).Err() }))
	all := map[string][]string{}
	eventually(t, func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		for node := range h.lines {
			all[node] = slices.Clone(h.lines[node])
		}
		return len(h.marks) == 3 && !slices.Contains(slices.Collect(maps.Values(h.marks)), false)
	}, "all nodes were heard to the end")
	return all
}

// steps puts a node's lines together.
func (h *heard) steps(t *testing.T, lines []string) []step {
	t.Helper()
	var steps []step
	open := map[string]int{} // transactions under way, by client
	for _, line := range lines {
		client, args := parseMonitor(t, line)
		name := strings.ToLower(args[0])
		at, inside := open[client]
		if client == "lua" {
			require.NotEmpty(t, steps)
			at, inside = len(steps)-1, true
		}
		if !inside {
			at = len(steps)
			steps = append(steps, step{name: name, slots: map[int64]string{}})
		}
		switch name {
		case "multi":
			open[client] = at
		case "exec", "discard":
			delete(open, client)
		}
		for _, key := range h.keys(t, args) {
			slot, err := h.client.ClusterKeySlot(t.Context(), key).Result()
			require.NoError(t, err)
			steps[at].slots[slot] = key
		}
	}
	return steps
}

// keys are those of a command; Redis itself knows where in a command they stand.
func (h *heard) keys(t *testing.T, args []string) []string {
	t.Helper()
	if len(args) == 1 {
		return nil
	}
	all := make([]any, len(args))
	for i, a := range args {
		all[i] = a
	}
	keys, err := h.client.CommandGetKeys(t.Context(), all...).Result()
	if err != nil { // "The command has no key arguments"
		require.ErrorContains(t, err, "key arguments")
	}
	return keys
}

// parseMonitor reads a line such as: 1700000000.123456 [0 127.0.0.1:5000] "set" "key" "value".
func parseMonitor(t *testing.T, line string) (client string, args []string) {
	t.Helper()
	_, rest, ok := strings.Cut(line, " [")
	require.True(t, ok, line)
	where, rest, ok := strings.Cut(rest, "] ")
	require.True(t, ok, line)
	_, client, _ = strings.Cut(where, " ")
	for rest != "" {
		quoted, err := strconv.QuotedPrefix(rest)
		require.NoError(t, err, line)
		arg, err := strconv.Unquote(quoted)
		require.NoError(t, err, line)
		args = append(args, arg)
		rest = strings.TrimPrefix(rest[len(quoted):], " ")
	}
	return client, args
}
