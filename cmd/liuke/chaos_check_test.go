package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

// toldPush is a member's message as WeChat knows it: one push, with its tries taken together.
type toldPush struct {
	who   int // which member
	text  string
	first time.Time // when the first try began
	taken time.Time // when `success` first came back; zero: it never did
}

// storedLine is a member's message as it is stored.
type storedLine struct {
	who  int
	text string
	seq  int64
}

// sentReply is a clerk's answer, as it is stored and as WeChat saw it.
type sentReply struct {
	text  string
	asked bool   // the API has said that it is taken
	rows  int    // how often it is stored
	state string // of the row
	calls []sendCall
	got   int // how often it is on the member's phone
}

// sendCall is what came of one call at WeChat.
type sendCall struct {
	done    bool // WeChat sent the message
	inDoubt bool // the caller cannot know it: no answer, HTTP 5xx or rubbish
}

// verdict is what the checker found, each thing named once.
type verdict struct {
	answered int // pushes that WeChat was told `success`

	lost     []string // told `success` and not stored
	doubled  []string // stored twice
	invented []string // stored and never written
	swapped  []string // stand before one that was taken before they were first tried

	resent  []string // answers sent again after they were, or may have been, sent
	strayed []string // answers whose state and the phone disagree, or that were taken and are gone

	unheard []string // events that a resumed client missed
	echoed  []string // events that it got twice
	bound   []string // members with two open bindings
	stuck   []string // what has not come to an end by itself
}

// faults lists everything, for people; empty when all is well.
func (v verdict) faults() []string {
	var all []string
	for _, kind := range []struct {
		name string
		what []string
	}{
		{"lost", v.lost},
		{"doubled", v.doubled},
		{"invented", v.invented},
		{"out of order", v.swapped},
		{"sent again", v.resent},
		{"state is wrong", v.strayed},
		{"event missed", v.unheard},
		{"event doubled", v.echoed},
		{"two open bindings", v.bound},
		{"stuck", v.stuck},
	} {
		for _, w := range kind.what {
			all = append(all, kind.name+": "+w)
		}
	}
	return all
}

// comparePushes holds what is stored against what WeChat was told. A push taken before another one of the same member was
// tried for the first time stands before it; which of two that were under way together comes first is open.
func (v *verdict) comparePushes(told []toldPush, stored []storedLine) {
	type key struct {
		who  int
		text string
	}
	place := map[key]int64{}
	known := map[key]bool{}
	for _, p := range told {
		known[key{p.who, p.text}] = true
	}
	for _, l := range stored {
		k := key{l.who, l.text}
		_, twice := place[k]
		switch {
		case !known[k]:
			v.invented = append(v.invented, fmt.Sprint(l))
		case twice:
			v.doubled = append(v.doubled, fmt.Sprint(l))
		default:
			place[k] = l.seq
		}
	}
	of := map[int][]toldPush{}
	for _, p := range told {
		if _, there := place[key{p.who, p.text}]; there {
			of[p.who] = append(of[p.who], p)
		} else if !p.taken.IsZero() {
			v.lost = append(v.lost, p.text)
		}
		if !p.taken.IsZero() {
			v.answered++
		}
	}
	for _, who := range slices.Sorted(maps.Keys(of)) {
		for _, later := range of[who] {
			if slices.ContainsFunc(of[who], func(p toldPush) bool {
				return !p.taken.IsZero() && p.taken.Before(later.first) && place[key{who, p.text}] > place[key{who, later.text}]
			}) {
				v.swapped = append(v.swapped, later.text)
			}
		}
	}
}

// compareReplies holds the states of answers against what WeChat did with them.
func (v *verdict) compareReplies(replies []sentReply) {
	for _, r := range replies {
		name := fmt.Sprintf("%s (%s, %d times on the phone)", r.text, cmp.Or(r.state, "no row"), r.got)
		again := r.got > 1
		for n, c := range r.calls {
			again = again || (c.done || c.inDoubt) && n < len(r.calls)-1
		}
		if again {
			v.resent = append(v.resent, name)
		}
		wrong := r.rows > 1 || r.rows == 0 && (r.asked || r.got > 0)
		switch r.state {
		case model.StateAccepted:
			wrong = wrong || r.got == 0
		case model.StateUnknown, "":
		case model.StatePending, model.StateRefused:
			wrong = wrong || r.got > 0
		default:
			v.stuck = append(v.stuck, name)
		}
		if wrong {
			v.strayed = append(v.strayed, name)
		}
	}
}

// compareEvents holds what a client heard, over all its resumes, against the rows of its stream.
func (v *verdict) compareEvents(rows, heard []string) {
	count := map[string]int{}
	for _, e := range rows {
		count[e]++
	}
	for _, e := range heard {
		count[e]--
	}
	for _, e := range slices.Sorted(maps.Keys(count)) {
		switch n := count[e]; {
		case n > 0:
			v.unheard = append(v.unheard, e)
		case n < 0:
			v.echoed = append(v.echoed, e)
		}
	}
}

// The checker finds every fault that is planted, and none where there is none.
func TestChaosCheck_findsPlantedFaultsInPushes(t *testing.T) {
	t.Parallel()
	at := func(second int) time.Time { return time.Unix(int64(second), 0) }
	told := []toldPush{
		{0, "a", at(0), at(1)},
		{0, "b", at(2), at(3)},
		{1, "c", at(0), at(1)},
		{0, "d", at(4), time.Time{}}, // WeChat gave it up
		{0, "e", at(5), at(9)},       // beside the next one
		{0, "f", at(6), at(7)},
	}
	whole := []storedLine{{0, "a", 1}, {0, "b", 2}, {1, "c", 1}, {0, "e", 4}, {0, "f", 5}}
	put := func(n int, l storedLine) []storedLine {
		all := slices.Clone(whole)
		all[n] = l
		return all
	}
	for name, c := range map[string]struct {
		stored []storedLine
		want   verdict
	}{
		"nothing":                              {whole, verdict{}},
		"one that WeChat gave up is stored":    {append(slices.Clone(whole), storedLine{0, "d", 3}), verdict{}},
		"two that were under way together":     {put(3, storedLine{0, "e", 6}), verdict{}},
		"lost":                                 {whole[1:], verdict{lost: []string{"a"}}},
		"doubled":                              {append(slices.Clone(whole), storedLine{0, "b", 6}), verdict{doubled: []string{"{0 b 6}"}}},
		"in the chat of another member":        {put(0, storedLine{1, "a", 2}), verdict{lost: []string{"a"}, invented: []string{"{1 a 2}"}}},
		"never written":                        {append(slices.Clone(whole), storedLine{0, "x", 6}), verdict{invented: []string{"{0 x 6}"}}},
		"swapped":                              {put(1, storedLine{0, "b", 0}), verdict{swapped: []string{"b"}}},
		"given up, and before an earlier one":  {append(slices.Clone(whole), storedLine{0, "d", 0}), verdict{swapped: []string{"d"}}},
		"late, and so after all that followed": {put(0, storedLine{0, "a", 9}), verdict{swapped: []string{"b", "e", "f"}}},
	} {
		var got verdict
		got.comparePushes(told, c.stored)
		require.Equal(t, 5, got.answered, name)
		got.answered = 0
		require.Equal(t, c.want, got, name)
		require.Len(t, got.faults(), len(c.want.lost)+len(c.want.doubled)+len(c.want.invented)+len(c.want.swapped), name)
	}
}

func TestChaosCheck_findsPlantedFaultsInAnswers(t *testing.T) {
	t.Parallel()
	sent, cut, refused := sendCall{done: true}, sendCall{inDoubt: true}, sendCall{}
	calls := func(all ...sendCall) []sendCall { return all }
	for _, r := range []sentReply{
		{"accepted", true, 1, model.StateAccepted, calls(sent), 1},
		{"the token was old", true, 1, model.StateAccepted, calls(refused, sent), 1},
		{"the answer was lost", true, 1, model.StateUnknown, calls(sendCall{done: true, inDoubt: true}), 1},
		{"nothing arrived", true, 1, model.StateUnknown, calls(cut), 0},
		{"killed before the call", true, 1, model.StateUnknown, nil, 0},
		{"kept", true, 1, model.StatePending, nil, 0},
		{"refused", true, 1, model.StateRefused, calls(refused), 0},
		{"stored, and the caller not told", false, 1, model.StateAccepted, calls(sent), 1},
		{"not stored, and the caller not told", false, 0, "", nil, 0},
	} {
		var got verdict
		got.compareReplies([]sentReply{r})
		require.Empty(t, got.faults(), r.text)
	}
	for _, c := range []struct {
		r     sentReply
		fault string
	}{
		{sentReply{"a", true, 1, model.StateAccepted, calls(sent, sent), 2}, "sent again: a (accepted, 2 times on the phone)"},
		{sentReply{"a", true, 1, model.StateAccepted, calls(cut, sent), 1}, "sent again: a (accepted, 1 times on the phone)"},
		{sentReply{"a", true, 1, model.StateUnknown, calls(cut, cut), 0}, "sent again: a (unknown, 0 times on the phone)"},
		{sentReply{"a", true, 1, model.StateAccepted, nil, 0}, "state is wrong: a (accepted, 0 times on the phone)"},
		{sentReply{"a", true, 1, model.StatePending, calls(sent), 1}, "state is wrong: a (pending, 1 times on the phone)"},
		{sentReply{"a", true, 1, model.StateRefused, calls(sent), 1}, "state is wrong: a (refused, 1 times on the phone)"},
		{sentReply{"a", true, 2, model.StateAccepted, calls(sent), 1}, "state is wrong: a (accepted, 1 times on the phone)"},
		{sentReply{"a", true, 0, "", nil, 0}, "state is wrong: a (no row, 0 times on the phone)"},
		{sentReply{"a", false, 0, "", calls(sent), 1}, "state is wrong: a (no row, 1 times on the phone)"},
		{sentReply{"a", true, 1, model.StateSending, nil, 0}, "stuck: a (sending, 0 times on the phone)"},
	} {
		var got verdict
		got.compareReplies([]sentReply{c.r})
		require.Equal(t, []string{c.fault}, got.faults())
	}
}

func TestChaosCheck_findsPlantedFaultsInEvents(t *testing.T) {
	t.Parallel()
	rows := []string{"1", "2", "2", "3"}
	for _, c := range []struct {
		heard []string
		fault []string
	}{
		{rows, nil},
		{[]string{"1", "2", "3"}, []string{"event missed: 2"}},
		{[]string{"1", "2", "2", "3", "3"}, []string{"event doubled: 3"}},
		{[]string{"1", "2", "2", "3", "9"}, []string{"event doubled: 9"}},
	} {
		var got verdict
		got.compareEvents(rows, c.heard)
		require.Equal(t, c.fault, got.faults())
	}
}
