//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/wechat/simulator"
)

// harm is one thing that goes wrong while people write.
type harm struct {
	name string
	on   string // kind of database; empty: both
	few  string // the kind on which it is in the short form too
	// scattered is set where the order of a member's messages is not promised: an instance that has lost the database alone
	// keeps its pushes, and they come late, after what came through others (docs/OPERATIONS.md).
	scattered bool
	// do does it, waits and undoes it, and says what else was wrong meanwhile.
	do func(c *chaos) []string
}

// spell is how long something stays wrong.
func (c *chaos) spell() time.Duration {
	return time.Second + time.Duration(c.rng.Int64N(int64(2*time.Second)))
}

// some gives one machine, or all of them.
func (c *chaos) some() []*machine {
	if n := c.rng.IntN(len(c.machines) + 1); n < len(c.machines) {
		return c.machines[n : n+1]
	}
	return c.machines
}

// harms is everything that can go wrong.
func harms() []harm {
	return slices.Concat(killings(), cuts(), weChatFails(), clocksJump(), disksFill(), []harm{
		{name: "schema grows under the program", on: database.MySQL, do: func(c *chaos) []string {
			c.grow()
			c.pause(c.spell())
			return nil
		}},
	})
}

func killings() []harm {
	return []harm{
		{name: "kill an instance", few: database.SQLite, do: func(c *chaos) []string {
			m := c.machines[c.rng.IntN(len(c.machines))]
			c.kill(m)
			c.pause(c.spell())
			c.start(m)
			return nil
		}},
		{name: "kill both instances", few: database.MySQL, on: database.MySQL, do: func(c *chaos) []string {
			c.kill(c.machines...)
			c.pause(c.spell() / 2)
			for _, m := range c.machines {
				c.start(m)
			}
			return nil
		}},
		{name: "kill MariaDB", on: database.MySQL, do: func(c *chaos) []string {
			c.maria.kill()
			c.pause(c.spell())
			c.maria.start()
			return nil
		}},
		{name: "kill MariaDB, then an instance", few: database.MySQL, on: database.MySQL, do: func(c *chaos) []string {
			c.maria.kill()
			c.pause(c.spell())
			m := c.machines[c.rng.IntN(len(c.machines))]
			c.kill(m)
			c.start(m) // without its database
			c.pause(c.spell() / 2)
			c.maria.start()
			return nil
		}},
		{name: "kill Redis", few: database.MySQL, on: database.MySQL, do: func(c *chaos) []string {
			c.redis.kill()
			wrong := c.goesOn()
			c.redis.start()
			return wrong
		}},
	}
}

// cuts are what happens to the network between each two.
func cuts() []harm {
	var all []harm
	for _, pair := range []struct {
		name, on string
		of       func(*machine) *databasetest.Proxy
		goesOn   bool // chats do
	}{
		{name: "MariaDB", on: database.MySQL, of: func(m *machine) *databasetest.Proxy { return m.database }},
		{name: "Redis", on: database.MySQL, of: func(m *machine) *databasetest.Proxy { return m.redis }, goesOn: true},
		{name: "WeChat", of: func(m *machine) *databasetest.Proxy { return m.wechat }},
		{name: "pushes", of: func(m *machine) *databasetest.Proxy { return m.door }},
	} {
		for _, how := range []struct {
			name string
			turn func(c *chaos, p *databasetest.Proxy)
		}{
			{"cut", func(_ *chaos, p *databasetest.Proxy) { p.Cut() }},
			{"slow", func(c *chaos, p *databasetest.Proxy) { p.Slow(time.Duration(20+c.rng.IntN(180)) * time.Millisecond) }},
			{"half open", func(c *chaos, p *databasetest.Proxy) {
				if c.rng.IntN(2) == 0 {
					p.Hang()
				} else {
					p.Mute()
				}
			}},
		} {
			do := func(c *chaos, machines []*machine) (wrong []string) {
				for _, m := range machines {
					how.turn(c, pair.of(m))
				}
				if pair.goesOn {
					wrong = c.goesOn()
				} else {
					c.pause(c.spell())
				}
				lost := c.rng.IntN(2) == 0 // what hung never comes, or comes late
				for _, m := range machines {
					if lost {
						pair.of(m).Cut()
					}
					pair.of(m).Heal()
				}
				return wrong
			}
			name := pair.name + ": " + how.name
			if pair.name != "MariaDB" {
				all = append(all, harm{name: name, on: pair.on, do: func(c *chaos) []string { return do(c, c.some()) }})
				continue
			}
			few := ""
			if how.name == "half open" {
				few = database.MySQL
			}
			all = append(all,
				harm{name: name, on: pair.on, few: few, do: func(c *chaos) []string { return do(c, c.machines) }},
				harm{name: name + ", for one instance", on: pair.on, scattered: true, do: func(c *chaos) []string {
					n := c.rng.IntN(len(c.machines))
					return do(c, c.machines[n:n+1])
				}})
		}
	}
	return all
}

func weChatFails() []harm {
	all := []harm{}
	for name, f := range map[string]simulator.Fault{
		"WeChat answers late":               {Kind: simulator.FaultSlow, Delay: 1500 * time.Millisecond},
		"WeChat answers after the time-out": {Kind: simulator.FaultSlow, Delay: 9 * time.Second}, // a call may take 8
		"WeChat cuts before it has done it": {Kind: simulator.FaultCutBefore},
		"WeChat cuts after it has done it":  {Kind: simulator.FaultCutAfter},
		"WeChat answers nonsense":           {Kind: simulator.FaultNonsense},
		"WeChat answers 502":                {Kind: simulator.FaultStatus},
	} {
		few := ""
		if f.Kind == simulator.FaultCutAfter {
			few = database.SQLite
		}
		all = append(all, harm{name: name, few: few, do: func(c *chaos) []string {
			_, err := c.sim.AddFault(f)
			require.NoError(c.t, err)
			c.pause(c.spell())
			c.sim.ClearFaults()
			return nil
		}})
	}
	slices.SortFunc(all, func(a, b harm) int { return strings.Compare(a.name, b.name) })
	return append(all, harm{name: "pushes repeated and reordered", few: database.SQLite, do: func(c *chaos) []string {
		kinds := []simulator.PushFaultKind{simulator.PushDuplicate, simulator.PushReorder, simulator.PushConcurrent, simulator.PushAgain}
		for range 2 {
			for _, k := range kinds {
				_, err := c.sim.AddPushFault(simulator.PushFault{Kind: k, Count: 3 + c.rng.IntN(10)})
				require.NoError(c.t, err)
				c.pause(c.spell() / 8)
			}
		}
		c.pause(c.spell() / 2)
		c.sim.ClearFaults()
		return nil
	}})
}

func clocksJump() []harm {
	return []harm{
		{name: "clock of WeChat jumps by an hour", do: func(c *chaos) []string {
			c.sim.Advance(time.Hour)
			c.pause(c.spell())
			c.sim.Advance(-time.Hour)
			c.pause(c.spell() / 2)
			return nil
		}},
		{name: "clock of the servers jumps by 9 minutes", do: func(c *chaos) []string {
			c.jump()
			c.pause(c.spell())
			return nil
		}},
		{name: "clock of the servers put back, then an instance killed", few: database.MySQL, do: func(c *chaos) []string {
			c.jump()
			m := c.machines[c.rng.IntN(len(c.machines))]
			c.kill(m)
			c.pause(c.spell() / 2)
			c.start(m)
			return nil
		}},
	}
}

// jump puts the clocks of the instances forward and back again by 9 minutes: WeChat's pushes are good for 10.
func (c *chaos) jump() {
	for _, d := range []time.Duration{9 * time.Minute, 0} {
		for _, m := range c.machines {
			m.off(d)
		}
		if d > 0 {
			c.pause(c.spell())
		}
	}
}

func disksFill() []harm {
	full := func(c *chaos) []string {
		processes := c.processes()
		c.disk.fill(processes...)
		c.pause(c.spell())
		c.disk.free(processes...)
		return nil
	}
	return []harm{
		{name: "disk of the media is full", on: database.MySQL, do: full},
		{name: "disk of database and media is full", few: database.SQLite, on: database.SQLite, do: full},
		{name: "MariaDB: cut, and the journal's disk is full", few: database.MySQL, on: database.MySQL, do: func(c *chaos) []string {
			processes := c.processes()
			c.disk.fill(processes...)
			began := time.Now()
			for _, m := range c.machines {
				m.database.Cut()
			}
			c.pause(c.spell())
			for _, m := range c.machines {
				m.database.Heal()
			}
			c.disk.free(processes...)
			return c.refusedAtOnce(began)
		}},
	}
}

func (c *chaos) processes() []*process {
	all := make([]*process, len(c.machines))
	for n, m := range c.machines {
		all[n] = m.process
	}
	return all
}

// refusedAtOnce names pushes whose refusal took WeChat longer than it should. The program promises a second; what a busy test
// machine adds is on top.
func (c *chaos) refusedAtOnce(since time.Time) (wrong []string) {
	const limit = 3 * time.Second
	refused := 0
	for _, p := range c.sim.Pushes() {
		for _, try := range p.Tries {
			if try.At.Before(since) || try.Status != http.StatusServiceUnavailable {
				continue
			}
			refused++
			if try.Took > limit {
				wrong = append(wrong, fmt.Sprintf("a push was refused only after %s", try.Took))
			}
		}
	}
	if refused == 0 {
		wrong = append(wrong, "nothing was refused, so this round tried nothing")
	}
	return wrong
}

// grow does what a later version's migration may do while this one runs: columns and keys that it does not know. A migration
// of a real older version is the matter of upgrade.
func (c *chaos) grow() {
	c.t.Helper()
	c.schema++
	for _, table := range []string{"pushes", "messages", "conversations", "deliveries", "members", "bindings", "feed_events"} {
		for _, statement := range []string{
			fmt.Sprintf("ALTER TABLE %s ADD COLUMN later_%d BIGINT NOT NULL DEFAULT 0", table, c.schema),
			fmt.Sprintf("CREATE INDEX later_%d_of_%s ON %s (account_id, later_%d)", c.schema, table, table, c.schema),
		} {
			_, err := c.db.Exec(c.t.Context(), statement)
			require.NoError(c.t, err)
		}
	}
}

// delay is the most that Redis being away may cost a chat: screens are told by polling then, every 2 s, and work is found
// by polling too, every second. The rest is for a busy test machine.
const delay = 10 * time.Second

// goesOn lets a member write and the clerk answer while something is away without which chats go on, and complains if either
// takes longer than the delay that is promised.
func (c *chaos) goesOn() (wrong []string) {
	c.t.Helper()
	c.steady.Store(true) // who resumes reads the rows anew, and would hide what a hint that does not come costs
	defer c.steady.Store(false)
	c.pause(longestStretch + 500*time.Millisecond)
	began := time.Now()
	text := fmt.Sprintf("还在吗 %d", began.UnixNano())
	_, err := c.sim.SendText(c.appid, c.people[0].OpenID, text)
	require.NoError(c.t, err)
	if !c.within(delay, func() bool { return c.heardOf(text) }) {
		wrong = append(wrong, "a message is not on the clerk's screen after "+delay.String())
	}
	shown := time.Since(began)
	answer := fmt.Sprintf("在的 %d", began.UnixNano())
	body, err := json.Marshal(map[string]string{"client_id": answer, "kind": "text", "text": answer})
	require.NoError(c.t, err)
	ctx, cancel := context.WithTimeout(c.t.Context(), delay)
	defer cancel()
	status, said := 0, []byte(nil)
	if !c.within(delay, func() bool { // as the clerk's phone does it
		status, said = c.call(ctx, c.any(0), http.MethodPost, "/api/conversations/"+c.chats[0]+"/messages", c.clerk.token, string(body))
		return status == http.StatusAccepted
	}) {
		return append(wrong, fmt.Sprintf("the clerk cannot answer: %d %s", status, said))
	}
	if !c.within(delay, func() bool { return slices.Contains(c.inbox(c.people[0]), answer) || c.kept(answer) }) {
		wrong = append(wrong, "the clerk's answer is not on the phone after "+delay.String())
	}
	c.t.Logf("without it a message was on the clerk's screen after %s, the answer on the phone %s later",
		shown.Round(time.Millisecond), (time.Since(began) - shown).Round(time.Millisecond))
	return wrong
}

// within waits until ok holds.
func (c *chaos) within(d time.Duration, ok func() bool) bool {
	for end := time.Now().Add(d); !ok(); c.pause(20 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}

// heardOf tells whether the client has heard of a member's text.
func (c *chaos) heardOf(text string) bool {
	var id string
	require.NoError(c.t, c.db.Read(c.t.Context()).Model(&model.Message{}).Where("direction = ? AND text = ?", model.In, text).Limit(1).Pluck("id", &id).Error)
	return id != "" && slices.ContainsFunc(c.listener.from(c.seen.heard), func(e event) bool { return strings.Contains(e.data, id) })
}

// kept tells whether an answer waits until the member writes again, which is no delay of ours.
func (c *chaos) kept(text string) bool {
	var state string
	require.NoError(c.t, c.db.Read(c.t.Context()).Model(&model.Message{}).Where("direction = ? AND text = ?", model.Out, text).Limit(1).Pluck("state", &state).Error)
	return state == model.StatePending
}
