package model_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

func TestOnDuty_followsTheWallClockOfTheStore(t *testing.T) {
	t.Parallel()
	span := func(weekday, from, to int) model.DutyHours {
		return model.DutyHours{Weekday: weekday, FromMinute: from * 60, ToMinute: to * 60}
	}
	week := []model.DutyHours{span(1, 9, 12), span(1, 13, 18), span(5, 22, 2), span(7, 20, 24), span(3, 0, 24)}
	for _, c := range []struct {
		name, zone, at string // at in UTC
		want           bool
	}{
		{"the first minute", "Asia/Shanghai", "2026-11-23T01:00:00Z", true}, // Monday 09:00
		{"before it", "Asia/Shanghai", "2026-11-23T00:59:59Z", false},
		{"the last second", "Asia/Shanghai", "2026-11-23T03:59:59Z", true},
		{"the end is free", "Asia/Shanghai", "2026-11-23T04:00:00Z", false},
		{"between two spans", "Asia/Shanghai", "2026-11-23T04:30:00Z", false},
		{"the second span", "Asia/Shanghai", "2026-11-23T05:00:00Z", true},
		{"Friday before midnight", "Asia/Shanghai", "2026-11-27T15:59:00Z", true},
		{"past midnight it is Saturday", "Asia/Shanghai", "2026-11-27T16:00:00Z", true},
		{"until two", "Asia/Shanghai", "2026-11-27T17:59:00Z", true},
		{"not at two", "Asia/Shanghai", "2026-11-27T18:00:00Z", false},
		{"nor early on Friday", "Asia/Shanghai", "2026-11-26T17:00:00Z", false},
		{"Sunday to the very end", "Asia/Shanghai", "2026-11-29T15:59:59Z", true},
		{"and not into Monday", "Asia/Shanghai", "2026-11-29T16:00:00Z", false},
		{"a whole day begins", "Asia/Shanghai", "2026-11-24T16:00:00Z", true},
		{"a whole day ends", "Asia/Shanghai", "2026-11-25T16:00:00Z", false},
		{"the same moment elsewhere", "Asia/Urumqi", "2026-11-23T01:00:00Z", false}, // Monday 07:00
		{"elsewhere in its own time", "Asia/Urumqi", "2026-11-23T03:00:00Z", true},
		{"across the date line", "Pacific/Honolulu", "2026-11-24T00:00:00Z", true}, // Monday 14:00
		{"an unknown zone is Beijing", "Nowhere/Land", "2026-11-23T01:00:00Z", true},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, model.OnDuty(week, at.In(model.Zone(c.zone))), c.name)
	}
	require.False(t, model.OnDuty(nil, time.Now()))
}
