package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCoresOf_countsGuestsOnceAndWaitingForTheDiskApart(t *testing.T) {
	t.Parallel()
	c, err := coresOf("cpu  100 20 30 4000 500 6 7 8 100 20\ncpu0 1 1 1 1 1 1 1 1 1 1\n")
	require.NoError(t, err)
	require.Equal(t, coreTimes{busy: 1710 * time.Millisecond, disk: 5 * time.Second}, c)

	for _, text := range []string{"", "cpu 1 2 3\n", "intr 1 2 3 4 5 6 7 8 9\n", "cpu 1 2 3 4 five 6 7 8\n"} {
		_, err := coresOf(text)
		require.Error(t, err, text)
	}
}

func TestLimitOf_namesTheCPUOnlyWhereItWasUsedUp(t *testing.T) {
	t.Parallel()
	require.Equal(t, "CPU", limitOf(1.85, 1.8, 0.1, 2))
	require.Equal(t, "CPU, 0.9 of it other work", limitOf(1.9, 1.0, 0.1, 2))
	require.Equal(t, "disk", limitOf(1.0, 1.0, 0.6, 2))
	require.Equal(t, "waiting", limitOf(1.0, 1.0, 0.4, 2))
}
