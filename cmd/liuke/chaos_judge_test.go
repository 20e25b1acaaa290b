//go:build linux

package main

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/wechat/simulator"
)

// mark says how far everything was looked at.
type mark struct {
	push, call int64 // of WeChat's lists
	heard      int   // events of the client
	event      int64 // number in the clerk's stream
	seq        map[string]int64
}

// told gathers what WeChat was told about the members' messages since the mark.
func (c *chaos) told() []toldPush {
	c.t.Helper()
	who := map[string]int{}
	for n, p := range c.people {
		who[p.OpenID] = n
	}
	at := map[string]int{} // by what identifies a message
	var all []toldPush
	for _, p := range c.sim.Pushes() {
		n, known := who[p.OpenID]
		if p.ID <= c.seen.push || !known || p.Kind != model.KindText && p.Kind != model.KindImage {
			continue
		}
		var body struct{ Content, MediaId string } //nolint:revive // WeChat's word
		require.NoError(c.t, xml.Unmarshal([]byte(p.XML), &body))
		t := toldPush{who: n, text: body.Content}
		if p.Kind == model.KindImage {
			t.text = "picture " + body.MediaId
		}
		for _, try := range p.Tries {
			if t.first.IsZero() || try.At.Before(t.first) {
				t.first = try.At
			}
			if end := try.At.Add(try.Took); try.Result == "ok" && (t.taken.IsZero() || end.Before(t.taken)) {
				t.taken = end
			}
		}
		k := fmt.Sprint(n, t.text)
		if before, again := at[k]; again { // pushed anew as another push
			all[before] = merge(all[before], t)
			continue
		}
		at[k] = len(all)
		all = append(all, t)
	}
	return all
}

func merge(a, b toldPush) toldPush {
	if b.first.Before(a.first) {
		a.first = b.first
	}
	if !b.taken.IsZero() && (a.taken.IsZero() || b.taken.Before(a.taken)) {
		a.taken = b.taken
	}
	return a
}

// stored gathers what is stored of the members' messages since the mark, and names lines whose numbers do not follow.
func (c *chaos) stored() (lines []storedLine, messages []model.Message, gaps []string) {
	c.t.Helper()
	for who, chat := range c.chats {
		var rows []model.Message
		require.NoError(c.t, c.db.Read(c.t.Context()).Where("conversation_id = ? AND shard = ? AND seq > ?", chat, model.Shard(chat), c.seen.seq[chat]).
			Order("seq").Find(&rows).Error)
		for n, m := range rows {
			if want := c.seen.seq[chat] + int64(n) + 1; m.Seq != want {
				gaps = append(gaps, fmt.Sprintf("line %d of member %d has number %d", want, who, m.Seq))
			}
			text := m.Text
			if m.Kind == model.KindImage {
				var media model.Media
				require.NoError(c.t, c.db.Read(c.t.Context()).First(&media, "id = ?", m.MediaID).Error)
				text = "picture " + media.WeChatMediaID
			}
			if m.Direction == model.In && (m.Kind == model.KindText || m.Kind == model.KindImage) {
				lines = append(lines, storedLine{who, text, m.Seq})
				messages = append(messages, m)
			}
		}
	}
	return lines, messages, gaps
}

// answers gathers what became of the clerk's answers.
func (c *chaos) answers(written []asked) []sentReply {
	c.t.Helper()
	all := make([]sentReply, len(written))
	at := map[string]int{}
	var texts []string
	for n, a := range written {
		all[n], at[a.text], texts = sentReply{text: a.text, asked: a.taken}, n, append(texts, a.text)
	}
	if len(texts) == 0 {
		return nil
	}
	var rows []model.Message
	require.NoError(c.t, c.db.Read(c.t.Context()).Where("direction = ? AND text IN ?", model.Out, texts).Find(&rows).Error)
	for _, m := range rows {
		all[at[m.Text]].rows++
		all[at[m.Text]].state = m.State
	}
	for _, p := range c.people {
		for _, text := range c.inbox(p) {
			if n, ours := at[text]; ours {
				all[n].got++
			}
		}
	}
	for _, call := range c.sim.Calls("/cgi-bin/message/custom/send") {
		var body struct{ Text struct{ Content string } }
		if call.ID <= c.seen.call || json.Unmarshal(call.Body, &body) != nil {
			continue
		}
		if n, ours := at[body.Text.Content]; ours {
			all[n].calls = append(all[n].calls, outcomeOf(call))
		}
	}
	return all
}

// outcomeOf says what a caller can know of a call, and what WeChat did.
func outcomeOf(call simulator.Call) sendCall {
	fault := simulator.FaultKind(call.Fault)
	spoilt := fault == simulator.FaultCutBefore || fault == simulator.FaultStatus || fault == simulator.FaultNonsense || fault == simulator.FaultCode
	return sendCall{
		done:    !spoilt && call.Code == 0,
		inDoubt: call.Status == 0 || call.Status >= http.StatusInternalServerError || fault == simulator.FaultNonsense,
	}
}

// events gives the messages that the clerk's stream tells of since the mark, and those that the client heard of.
func (c *chaos) events() (rows, heard []string, reset bool) {
	c.t.Helper()
	var all []model.FeedEvent
	require.NoError(c.t, c.db.Read(c.t.Context()).
		Where("stream = ? AND seq > ? AND kind = ?", "staff:"+c.clerk.id, c.seen.event, "message").Order("seq").Find(&all).Error)
	for _, e := range all {
		rows = append(rows, messageIn(e.Data))
	}
	for _, e := range c.listener.from(c.seen.heard) {
		if e.kind == "message" {
			heard = append(heard, messageIn(e.data))
		}
		reset = reset || e.kind == "reset"
	}
	return rows, heard, reset
}

// left lists what has not come to an end yet.
func (c *chaos) left() []string {
	c.t.Helper()
	var all []string
	ctx, cancel := context.WithTimeout(c.t.Context(), 10*time.Millisecond)
	defer cancel()
	if c.sim.Settle(ctx) != nil {
		all = append(all, "pushes are on their way")
	}
	for n, m := range c.machines {
		status, answer := c.call(c.t.Context(), m, http.MethodGet, "/readyz", "", "")
		var ready struct{ Status, Journal string }
		_ = json.Unmarshal(answer, &ready)
		if status != http.StatusOK || ready.Status != "ok" || ready.Journal != "ok" && ready.Journal != "none" && ready.Journal != "" {
			all = append(all, fmt.Sprintf("instance %d is not ready: %d %s", n, status, answer))
		}
	}
	for _, q := range []struct {
		what string
		row  any
		open string
		args []any
	}{
		{"bundles of pushes to be worked off", &model.PushBundle{}, "", nil},
		{"pushes to be worked off", &model.Push{}, "state = ?", []any{model.PushNew}},
		{"pushes set aside", &model.Push{}, "state = ?", []any{model.PushAside}},
		{"answers on their way", &model.Delivery{}, "state IN ?", []any{[]string{model.StateQueued, model.StateSending}}},
		{"pictures to be fetched", &model.Media{}, "state IN ?", []any{[]string{model.MediaWaiting, model.MediaFetching}}},
		{"pictures that could not be fetched", &model.Media{}, "state = ?", []any{model.MediaFailed}},
	} {
		var n int64
		require.NoError(c.t, c.db.Read(c.t.Context()).Model(q.row).Where(q.open, q.args...).Count(&n).Error)
		if n > 0 {
			all = append(all, fmt.Sprintf("%d %s", n, q.what))
		}
	}
	if rows, heard, _ := c.events(); len(heard) < len(rows) {
		all = append(all, fmt.Sprintf("%d events to be heard", len(rows)-len(heard)))
	}
	return all
}

// drain waits until everything has come to an end by itself, and names what has not.
func (c *chaos) drain(patience time.Duration) (stuck []string) {
	c.t.Helper()
	c.within(patience, func() bool {
		stuck = c.left()
		return len(stuck) == 0
	})
	return stuck
}

// judge holds what WeChat was told, and what the client heard, against what is stored, and sets the mark.
func (c *chaos) judge(written []asked) verdict {
	c.t.Helper()
	var v verdict
	lines, messages, gaps := c.stored()
	v.comparePushes(c.told(), lines)
	v.swapped = append(v.swapped, gaps...)
	v.compareReplies(c.answers(written))
	for _, a := range written {
		switch {
		case a.odd != "":
			v.strayed = append(v.strayed, a.odd)
		case !a.taken:
			v.stuck = append(v.stuck, "the API never took "+a.text)
		}
	}
	rows, heard, reset := c.events()
	v.compareEvents(rows, heard)
	if reset {
		v.unheard = append(v.unheard, "the client was told to start anew")
	}
	in := map[string]bool{}
	for _, id := range rows {
		in[id] = true
	}
	for _, m := range messages {
		if !in[m.ID] {
			v.unheard = append(v.unheard, "no event tells of "+m.Text)
		}
	}
	require.NoError(c.t, c.db.Read(c.t.Context()).Model(&model.Binding{}).Where("to_at = ?", int64(model.OpenEnd)).
		Group("member_id").Having("COUNT(*) > 1").Pluck("member_id", &v.bound).Error)
	c.look()
	return v
}

// look sets the mark to what is there now.
func (c *chaos) look() {
	c.t.Helper()
	next := mark{heard: len(c.listener.from(0)), seq: map[string]int64{}}
	if all := c.sim.Pushes(); len(all) > 0 {
		next.push = all[len(all)-1].ID
	}
	if all := c.sim.Calls(""); len(all) > 0 {
		next.call = all[len(all)-1].ID
	}
	require.NoError(c.t, c.db.Read(c.t.Context()).Model(&model.FeedEvent{}).Where("stream = ?", "staff:"+c.clerk.id).
		Select("COALESCE(MAX(seq), 0)").Scan(&next.event).Error)
	for _, chat := range c.chats {
		var last int64
		require.NoError(c.t, c.db.Read(c.t.Context()).Model(&model.Message{}).Where("conversation_id = ? AND shard = ?", chat, model.Shard(chat)).
			Select("COALESCE(MAX(seq), 0)").Scan(&last).Error)
		next.seq[chat] = last
	}
	c.seen = next
}

// logged gives the lines of the instances' logs of a level, the last n of each, to find out why.
func (c *chaos) logged(n int, levels ...string) string {
	var all []string
	for _, m := range c.machines {
		var lines []string
		for line := range strings.Lines(m.logs.String()) {
			for _, level := range levels {
				if strings.Contains(line, `"level":"`+level+`"`) {
					lines = append(lines, line)
				}
			}
		}
		all = append(all, strings.Join(lines[max(0, len(lines)-n):], ""))
	}
	return strings.Join(all, "---\n")
}
