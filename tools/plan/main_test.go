package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlan_worksOutWhatPaperDoes(t *testing.T) {
	t.Parallel()
	in := map[string]float64{
		"members": 1e6, "clerks": 1000, "peak": 100, "peak-to-mean": 10, "replies": 1, "years": 1, "headroom": 2, "online": 1,
		"copies": 3, "cpu": 500, "distributed": 4, "member-bytes": 1000, "message-bytes": 100, "passing-bytes": 50, "clerk-kib": 1024,
	}
	got := map[string]float64{}
	for _, o := range plan(in) {
		got[o.what] = o.value
	}
	require.InDelta(t, 100./10*86_400*2, got["messages a day, both ways"], 1)
	require.InDelta(t, 1, got["cores for the program, all instances"], 0) // 100 * 2 * 500 µs * 2 = 0.2, half of it
	require.InDelta(t, 1, got["members on disk, one copy"], 1e-9)
	require.InDelta(t, 1_728_000*365*100/1e9, got["messages on disk, one copy"], 1e-6)
	require.InDelta(t, 1_728_000*7*50/1e9, got["pushes and events of a week, one copy"], 1e-6)
	require.InDelta(t, 3*(1+63.072+0.6048), got["the database's disks, all copies"], 1e-6)
	require.InDelta(t, 1000./1024, got["memory for connected clerks, all instances"], 1e-6)
}

func TestRun_saysWhereItsInputsComeFromAndRefusesNonsense(t *testing.T) {
	t.Parallel()
	var out, problems bytes.Buffer
	require.Equal(t, 0, run([]string{"-peak", "500"}, &out, &problems))
	require.Contains(t, out.String(), "| peak | 500 | pushes a second | given |")
	require.Contains(t, out.String(), "| members | 50000000 | members | asked |")
	require.Equal(t, 2, run([]string{"-peak", "-1"}, &out, &problems))
	require.Equal(t, 2, run([]string{"-peak-to-mean", "0"}, &out, &problems))
	require.Equal(t, 2, run([]string{"-no-such"}, &out, &problems))
}
