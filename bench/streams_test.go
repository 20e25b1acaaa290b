package main

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

func TestReadEvents_givesEachOnceItIsWhole(t *testing.T) {
	t.Parallel()
	var got []string
	err := readEvents(strings.NewReader("retry: 1000\nid: 7\n\n: alive\n\nid: 8\nevent: message\ndata: {\"member_id\":\"m\"}\n\nevent: draft\ndata: {}\n\nevent: message\ndata: cut"),
		func(kind string, data []byte) { got = append(got, kind+" "+string(data)) })
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, []string{`message {"member_id":"m"}`, "draft {}"}, got)
}

func newCrew() *crew { return &crew{due: map[string][]time.Time{}, more: make(chan struct{}, 1)} }

func TestEvent_takesThatOfAPushUnderWayAndNoOther(t *testing.T) {
	t.Parallel()
	mine := map[string]bool{"m1": true}
	for name, c := range map[string]struct {
		events []string
		fault  string
	}{
		"one push":                   {[]string{`{"member_id":"m1"}`}, ""},
		"an event twice":             {[]string{`{"member_id":"m1"}`, `{"member_id":"m1"}`}, "twice"},
		"the event of somebody else": {[]string{`{"member_id":"m2"}`}, "somebody else"},
	} {
		crew := newCrew()
		crew.due["m1"] = []time.Time{time.Now()}
		crew.event(mine, "conversation", []byte(`{"member_id":"m2"}`)) // no message
		for _, e := range c.events {
			crew.event(mine, "message", []byte(e))
		}
		if c.fault == "" {
			require.NoError(t, crew.failed, name)
			require.Len(t, crew.outcome.Arrived, 1, name)
			continue
		}
		require.ErrorContains(t, crew.failed, c.fault, name)
	}
}

func TestSeal_letsOnlyMembersOfTheClerksWrite(t *testing.T) {
	t.Parallel()
	o := clerksOrder{
		Host: "127.0.0.1:1", First: 100, Pushes: 50, Account: account{AppID: "wx1", Token: "t", AESKey: strings.Repeat("a", 42) + "A"},
		Clerks: []serving{{OpenIDs: []string{"o1", "o2"}, Members: []string{"m1", "m2"}}, {OpenIDs: []string{"o3"}, Members: []string{"m3"}}},
	}
	requests, members, err := o.seal()
	require.NoError(t, err)
	require.Len(t, requests, 50)
	for i, r := range requests {
		require.Contains(t, string(r), "openid=o"+members[i][1:]+"&")
	}
	require.Subset(t, members, []string{"m1", "m2", "m3"})
}

func TestPeople_whoWroteLastWaits(t *testing.T) {
	t.Parallel()
	var p people
	p.add("a", "s", "c", "o1", 1000, 4)
	p.add("a", "s", "c", "o2", 2000, 5)
	p.add("a", "s", "c", "o3", 3000, 0)
	answered, waiting, silent := p.conversations[0], p.conversations[1], p.conversations[2]
	require.Equal(t, []any{model.Out, int64(0), int64(0), int64(4)}, []any{answered.LastDirection, answered.Unread, answered.WaitingSince, answered.AnsweredSeq})
	require.Equal(t, []any{model.In, int64(1), int64(2005), int64(4)}, []any{waiting.LastDirection, waiting.Unread, waiting.WaitingSince, waiting.AnsweredSeq})
	require.Less(t, waiting.RankAt, answered.RankAt)
	require.Empty(t, silent.LastKind)
	require.Len(t, p.allowances, 2)
	for i, c := range p.conversations {
		require.Equal(t, p.members[i].ID, c.MemberID)
		require.Equal(t, p.followers[i].ID, c.FollowerID)
		require.Equal(t, p.members[i].ID, p.followers[i].MemberID)
		require.Equal(t, p.members[i].ID, p.bindings[i].MemberID)
	}
}

func TestMemoryOf_readsTheLineOfThatName(t *testing.T) {
	t.Parallel()
	const status = "Name:\tliuke\nVmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\nRssAnon:\t    5120 kB\n"
	for name, want := range map[string]int{"VmHWM": 20480, "VmRSS": 10240, "RssAnon": 5120} {
		kib, err := memoryOf(status, name)
		require.NoError(t, err)
		require.Equal(t, want, kib)
	}
	_, err := memoryOf(status, "VmSwap")
	require.Error(t, err)
}
