package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

func TestMedianAnswer_liesInTheBucketOfTheMiddleAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		seconds []int64
		want    int64
	}{
		{"one answer lies in the middle of its bucket", []int64{20}, 15},
		{"a bound belongs to the bucket below it", []int64{30}, 15},
		{"just over it does not", []int64{31}, 45},
		{"the middle of three", []int64{1, 100, 4000}, 90},
		{"the lower of two", []int64{5, 5000}, 30},
		{"many short ones outweigh a long one", []int64{1, 1, 1, 1, 90000}, 18},
		{"longer than a day", []int64{100000, 200000}, 86400},
	} {
		var d model.ReportDay
		for _, s := range c.seconds {
			d.AddAnswer(s * 1000)
		}
		got, ok := d.MedianAnswer()
		require.True(t, ok, c.name)
		require.Equal(t, c.want, got, c.name)
		require.EqualValues(t, len(c.seconds), d.Answered, c.name)
	}
	var none model.ReportDay
	_, ok := none.MedianAnswer()
	require.False(t, ok)
	require.Len(t, none.Answers(), len(model.AnswerBounds())+1)
}
