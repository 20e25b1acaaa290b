package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLengthOf_fillsThePagesThatAreReadAndComesToTheSum(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ talks, messages int }{{4000, 20_000}, {4000, 100_000}, {100_000, 500_000}, {100_000, 5_000_000}} {
		sum, waiting := 0, 0
		for n := range c.talks {
			length := lengthOf(n, c.talks, c.messages)
			sum += int(length)
			if length%2 == 1 {
				waiting++
			}
			if n%longEvery == 0 {
				require.Greater(t, length, int64(historyPage))
			}
		}
		require.InEpsilon(t, c.messages, sum, .05, "%v", c)
		require.InEpsilon(t, c.talks/waitEvery, waiting, .05)
	}
}

func TestCallsOf_findsTheTimesOfOneRoute(t *testing.T) {
	t.Parallel()
	took, err := callsOf(strings.NewReader(`{"msg":"request","route":"/api/conversations","took_us":1500}
{"msg":"request","route":"/api/conversations/:id","took_us":9}
{"msg":"request failed","route":"/api/conversations","took_us":9}
no JSON at all
{"msg":"request","route":"/api/conversations","took_us":250}
`), "/api/conversations")
	require.NoError(t, err)
	require.Equal(t, []time.Duration{1500 * time.Microsecond, 250 * time.Microsecond}, took)
}

func TestCountRows_countsItemsWhateverTheirTextsAre(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("文", 3000)
	n, err := countRows(strings.NewReader(`{"items":[{"id":"1","text":"` + long + `","client_id":null},{"id":"2","text":"a:b","client_id":"x"}],"next":null}`))
	require.NoError(t, err)
	require.Equal(t, 2, n)
	n, err = countRows(strings.NewReader(`{"items":[{"id":"1","waiting_since":null}],"next":null}`))
	require.NoError(t, err)
	require.Equal(t, 1, n)
	n, err = countRows(strings.NewReader(`{"items":[],"next":null}`))
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestCounts_findsWhatGoesOverManyRowsForOne(t *testing.T) {
	t.Parallel()
	plain := "SELECT * FROM `messages` WHERE text = 'count(it''s) group by' ORDER BY seq DESC LIMIT 31"
	all := []string{
		plain, "SELECT COUNT(*) FROM messages", "SELECT `seq` FROM `conversations` JOIN messages ON 1 GROUP BY seq",
		"SELECT * FROM campaign_answers", "INSERT INTO messages VALUES (1)",
	}
	touching := onMessages(all)
	require.Equal(t, all[:3], touching)
	require.False(t, counts(touching[0]))
	require.True(t, counts(touching[1]))
	require.True(t, counts(touching[2]))
}
