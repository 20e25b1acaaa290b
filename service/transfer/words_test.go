package transfer

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFenOf_readsAmountsAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"12": 1200, "¥12.5": 1250, "￥ 1,234.50": 123_450, "12元": 1200, "-12.00元": -1200, "¥-3": -300, "-¥3": -300, "(3.10)": -310, "rmb 8": 800, "8 CNY": 800,
		"１２．３０": 1230, "0": 0,
	} {
		fen, reason := fenOf(text, "amount")
		require.Empty(t, reason, text)
		require.Equal(t, want, *fen, text)
	}
	for text, want := range map[string]string{"1元2": "amount_invalid", "12元5角": "amount_invalid", "1 2": "amount_invalid", "9999999999": "amount_range", "¥": "", "": ""} {
		fen, reason := fenOf(text, "amount")
		require.Nil(t, fen, text)
		require.Equal(t, want, reason, text)
	}
}

func TestMoments_readDaysAndTimesByTheWallClockOfTheStore(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 8*60*60)
	for text, want := range map[string]string{
		"2026-01-02": "2026-01-02T00:00:00", "2026/1/2": "2026-01-02T00:00:00", "2026.1.2 9:05": "2026-01-02T09:05:00", "20260102": "2026-01-02T00:00:00",
		"2026-1-2 9:05:07": "2026-01-02T09:05:07", "2026-01-02 09:05:07.123": "2026-01-02T09:05:07", "2026-01-02T09:05": "2026-01-02T09:05:00",
		"20260102090507": "2026-01-02T09:05:07", "202601020905": "2026-01-02T09:05:00", "2026年1月2日": "2026-01-02T00:00:00", "2026年1月2日9:05": "2026-01-02T09:05:00",
		"2026年01月02日 09时05分07秒": "2026-01-02T09:05:07", "20260102  09:05:07": "2026-01-02T09:05:07", "46024": "2026-01-02T00:00:00",
		"46024.378553240743": "2026-01-02T09:05:07", "2026-01-02T01:05:07Z": "2026-01-02T09:05:07", "2026-01-02T04:05:07+03:00": "2026-01-02T09:05:07",
	} {
		at, ok := newMoments().read(text, zone)
		require.True(t, ok, text)
		require.Equal(t, want, at.In(zone).Format("2006-01-02T15:04:05"), text)
	}
	for _, text := range []string{"", "x", "2026-02-30", "2026-13-01", "1", "99999", "12:30", "2026-01-02 25:00", "NaN"} {
		_, ok := newMoments().read(text, zone)
		require.False(t, ok, text)
	}
}
