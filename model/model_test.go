package model_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"liuke/model"
)

const minute = int64(60_000)

func TestAllowance_givesFiveSendsForAMessageAndThreeForAScan(t *testing.T) {
	t.Parallel()
	a := model.Allowance{}
	require.Equal(t, model.WindowNone, a.Reserve(1000))

	a.OpenEvent(1000)
	for range 3 {
		require.Equal(t, model.WindowEvent, a.Reserve(1500))
	}
	require.Equal(t, model.WindowNone, a.Reserve(1500))

	a = model.Allowance{}
	a.OpenUser(1000)
	for range 5 {
		require.Equal(t, model.WindowUser, a.Reserve(1500))
	}
	require.Equal(t, model.WindowNone, a.Reserve(1500))
}

func TestAllowance_countsASendInEveryOpenWindow(t *testing.T) {
	t.Parallel()
	a := model.Allowance{}
	a.OpenEvent(0)
	a.OpenUser(0)
	left, until := a.Left(1)
	require.EqualValues(t, 5, left, "a scan and a message together give no more than the message")
	require.Equal(t, (48 * time.Hour).Milliseconds(), until)
	for range 3 {
		require.Equal(t, model.WindowBoth, a.Reserve(1))
	}
	require.Equal(t, model.WindowUser, a.Reserve(2))
	require.Equal(t, model.WindowUser, a.Reserve(2*minute))
	require.Equal(t, model.WindowNone, a.Reserve(2*minute), "the sixth waits")

	a.OpenEvent(3 * minute)
	left, until = a.Left(3*minute + 1)
	require.EqualValues(t, 3, left, "a menu tap opens its own")
	require.Equal(t, 4*minute, until)
	require.Equal(t, model.WindowEvent, a.Reserve(3*minute+1))
	require.False(t, a.Open(model.WindowEvent, 4*minute))
	require.True(t, a.Open(model.WindowBoth, 4*minute))
}

func TestAllowance_countsWhatIsOnItsWayAgainstTheNextWindow(t *testing.T) {
	t.Parallel()
	a := model.Allowance{}
	a.OpenUser(0)
	a.Reserve(1)
	a.Reserve(1)
	a.OpenUser(2)
	left, _ := a.Left(3)
	require.EqualValues(t, 3, left)
	a.Settle(model.WindowUser, true)
	a.Settle(model.WindowUser, false)
	left, _ = a.Left(3)
	require.EqualValues(t, 4, left, "the one that was not used came back")
}

func TestAllowance_believesWeChat(t *testing.T) {
	t.Parallel()
	a := model.Allowance{}
	a.OpenUser(0)
	a.Exhaust()
	left, until := a.Left(1)
	require.Zero(t, left)
	require.NotZero(t, until)
	a.Close()
	_, until = a.Left(1)
	require.Zero(t, until)
}

func TestAllowance_neverGivesMoreThanWeChatWould(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, now := model.Allowance{}, int64(1)
		var held []string
		sentSince := map[string]int{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now += rapid.Int64Range(0, 70_000).Draw(t, "wait")
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				a.OpenUser(now)
				sentSince[model.WindowUser] = len(held) - count(held, model.WindowEvent)
			case 1:
				a.OpenEvent(now)
				sentSince[model.WindowEvent] = 0
			case 2:
				if w := a.Reserve(now); w != model.WindowNone {
					held = append(held, w)
					if w == model.WindowBoth || w == model.WindowUser {
						sentSince[model.WindowUser]++
					}
				}
			case 3:
				if len(held) > 0 {
					a.Settle(held[0], true)
					held = held[1:]
				}
			}
			if sentSince[model.WindowUser] > 5 && a.UserLeft > 0 {
				t.Fatalf("more than five sends in a window of a message: %v", sentSince)
			}
			if a.UserLeft < 0 || a.EventLeft < 0 || a.Inflight < 0 || a.UserLeft > 5 || a.EventLeft > 3 {
				t.Fatalf("out of bounds: %+v", a)
			}
		}
	})
}

// count tells how many of the reservations draw on that window alone.
func count(held []string, window string) int {
	n := 0
	for _, w := range held {
		if w == window {
			n++
		}
	}
	return n
}

func TestAllowance_greetingOfAScanDoesNotCountAgainstTheMessageAfterIt(t *testing.T) {
	t.Parallel()
	a := model.Allowance{}
	a.OpenEvent(0)
	require.Equal(t, model.WindowEvent, a.Reserve(1))
	a.OpenUser(2)
	left, _ := a.Left(3)
	require.EqualValues(t, 5, left)
}

func TestRank_putsWhoWaitsLongestFirstThenTheLatest(t *testing.T) {
	t.Parallel()
	longWait, shortWait := model.Rank(1000, 9000), model.Rank(2000, 2000)
	recent, old := model.Rank(0, 8000), model.Rank(0, 3000)
	require.Less(t, longWait, shortWait)
	require.Less(t, shortWait, recent)
	require.Less(t, recent, old)
}

func TestSnippet_cutsBetweenCharacters(t *testing.T) {
	t.Parallel()
	require.Equal(t, "短", model.Snippet("短"))
	long := strings.Repeat("宝😀", 100)
	require.Len(t, []rune(model.Snippet(long)), 60)
}

func TestIDs_areToldFromWhatCannotExist(t *testing.T) {
	t.Parallel()
	require.True(t, model.ValidID(model.NewID()))
	for _, bad := range []string{"", "1", "00000000-0000-0000-0000-00000000000G", "x' OR 1=1 --", strings.Repeat("é", 18), strings.ToUpper(model.NewID()) + "A"} {
		require.False(t, model.ValidID(bad), bad)
	}
	first, second := model.NewID(), model.NewID()
	require.Less(t, first, second)
}

func TestASCIIKey_refusesWhatAKeyColumnCannotHold(t *testing.T) {
	t.Parallel()
	require.Equal(t, "oAbc_-1", model.ASCIIKey("oAbc_-1", 64))
	for _, bad := range []string{"é", "a b", "a\x00", strings.Repeat("a", 65)} {
		require.Empty(t, model.ASCIIKey(bad, 64), "%q", bad)
	}
}

func TestNextBeijingDay(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]time.Duration{
		"2026-03-01T15:59:59Z": time.Second,
		"2026-03-01T16:00:00Z": 24 * time.Hour,
		"2026-03-01T04:00:00Z": 12 * time.Hour,
	} {
		now, err := time.Parse(time.RFC3339, at)
		require.NoError(t, err)
		require.Equal(t, want, model.NextBeijingDay(now).Sub(now), at)
	}
}
