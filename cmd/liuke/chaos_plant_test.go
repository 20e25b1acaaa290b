//go:build linux

package main

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
)

// What the checker reads is the real thing: faults that are planted in the rows of a program, and in what its client heard,
// are found, each by its name.
func TestChaosCheck_findsPlantedFaultsInARunningProgram(t *testing.T) {
	t.Parallel()
	c := newChaos(t, database.SQLite, rand.New(rand.NewPCG(1, 2)), "")
	c.look()
	traffic := c.begin(10 * time.Millisecond)
	require.True(t, c.within(demoPatience, func() bool {
		lines, _, _ := c.stored()
		return len(lines) > 60
	}))
	traffic.stop()
	require.Empty(t, c.drain(demoPatience))
	start := c.seen
	require.Empty(t, c.judge(traffic.replies).faults())

	chat := c.chats[0]
	var rows []model.Message
	require.NoError(t, c.db.Read(t.Context()).Where("conversation_id = ? AND direction = ? AND kind = ? AND seq > ?", chat, model.In, model.KindText, start.seq[chat]).
		Order("seq").Find(&rows).Error)
	require.Greater(t, len(rows), 5)
	last := start.seq[chat] + 1000
	exec := func(query string, args ...any) {
		n, err := c.db.Exec(t.Context(), query, args...)
		require.NoError(t, err)
		require.EqualValues(t, 1, n, query)
	}
	seq := func(from, to int64) {
		exec("UPDATE messages SET seq = ? WHERE conversation_id = ? AND shard = ? AND seq = ?", to, chat, model.Shard(chat), from)
	}
	for _, plant := range []struct {
		fault string
		do    func()
	}{
		{"out of order: " + rows[4].Text, func() {
			seq(rows[0].Seq, last)
			seq(rows[4].Seq, rows[0].Seq)
			seq(last, rows[4].Seq)
		}},
		{"lost: " + rows[1].Text, func() { exec("DELETE FROM messages WHERE id = ?", rows[1].ID) }},
		{"doubled: {0 " + rows[2].Text, func() {
			double := rows[2]
			double.ID, double.Seq = model.NewID(), last
			require.NoError(t, c.db.InsertNew(t.Context(), &double))
		}},
		{"invented: {0 nobody wrote this", func() { exec("UPDATE messages SET text = 'nobody wrote this' WHERE id = ?", rows[3].ID) }},
		{"state is wrong: ", func() {
			n := slices.IndexFunc(traffic.replies, func(a asked) bool {
				var state string
				require.NoError(t, c.db.Read(t.Context()).Model(&model.Message{}).Where("text = ?", a.text).Pluck("state", &state).Error)
				return state == model.StateAccepted
			})
			exec("UPDATE messages SET state = ? WHERE text = ?", model.StatePending, traffic.replies[n].text)
		}},
		{"event missed: " + rows[0].ID, func() {
			c.listener.mu.Lock()
			defer c.listener.mu.Unlock()
			c.listener.heard = slices.DeleteFunc(c.listener.heard, func(e event) bool { return strings.Contains(e.data, rows[0].ID) })
		}},
		{"event missed: no event tells of " + rows[5].Text, func() {
			exec("DELETE FROM feed_events WHERE stream = ? AND kind = 'message' AND data LIKE ?", "staff:"+c.clerk.id, "%"+rows[5].ID+"%")
		}},
		{"two open bindings: ", func() {
			var b model.Binding
			require.NoError(t, c.db.Read(t.Context()).Where("to_at = ?", int64(model.OpenEnd)).First(&b).Error)
			b.ID, b.Seq = model.NewID(), b.Seq+1
			require.NoError(t, c.db.InsertNew(t.Context(), &b))
		}},
	} {
		plant.do()
		c.seen = start
		found := c.judge(traffic.replies).faults()
		require.True(t, slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, plant.fault) }), "%s: %v", plant.fault, found)
	}
	c.seen = start
	exec("UPDATE pushes SET state = ? WHERE id = (SELECT MIN(id) FROM pushes)", model.PushAside)
	require.Equal(t, []string{"1 pushes set aside"}, c.drain(0))
}
