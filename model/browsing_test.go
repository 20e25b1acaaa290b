package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

func TestUsualFiles_isTheMiddleOfTheDaysOfWork(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		days []int64
		want int64
	}{
		{nil, 0},
		{[]int64{12, 12, 12, 12}, 0}, // four days say nothing yet
		{[]int64{12, 0, 12, 0, 12, 0, 12}, 0},
		{[]int64{10, 11, 12, 13, 14}, 12},
		{[]int64{14, 0, 10, 13, 0, 11, 12}, 12}, // days off do not count, order does not matter
		{[]int64{10, 11, 13, 14, 15, 9}, 12},
		{[]int64{10, 10, 10, 11, 11, 11}, 11},
		{[]int64{12, 12, 12, 12, 900}, 12}, // one wild day does not make the next ones usual
		{[]int64{1, 1, 1, 1, 1}, 1},
	} {
		require.Equal(t, c.want, model.UsualFiles(c.days), "%v", c.days)
	}
	days := []int64{5, 0, 4}
	model.UsualFiles(days)
	require.Equal(t, []int64{5, 0, 4}, days, "what it is given stays as it is")
}

func TestBrowsesTooMuch_goesByTheUsualAndSoonerForWhoLeaves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		files, usual int64
		leaving      bool
		want         bool
	}{
		{83, 12, false, true},
		{36, 12, false, true},
		{35, 12, false, false},
		{29, 2, false, false}, // few files are never too many
		{30, 2, false, true},
		{60, 40, false, false}, // who opens many every day may
		{120, 40, false, true},
		{59, 0, false, false}, // nothing is known of him
		{60, 0, false, true},
		{24, 12, true, true},
		{23, 12, true, false},
		{19, 1, true, false},
		{20, 1, true, true},
		{39, 0, true, false},
		{40, 0, true, true},
		{0, 0, false, false},
	} {
		require.Equal(t, c.want, model.BrowsesTooMuch(c.files, c.usual, c.leaving), "%+v", c)
		if c.want {
			require.GreaterOrEqual(t, c.files, int64(model.BrowsingFloor), "%+v", c)
		}
	}
}
