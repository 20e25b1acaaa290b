package handover

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"liuke/model"
)

// A family is divided only where no receiver has room for it, whatever else the rule asks: nobody who is alone, and no
// smaller family, takes the room that it needs. Nobody gets more than he has room for, and everybody is given once.
func TestSpread_dividesAFamilyOnlyForWantOfRoom(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		members, size := drawMembers(r)
		receivers := drawReceivers(r, len(members))
		rooms := map[string]int{}
		for _, to := range receivers {
			rooms[to.id] = to.room
		}
		byLevel := rapid.Bool().Draw(r, "by level")
		rule := Rule{KeepFamilies: true, SameStoreFirst: rapid.Bool().Draw(r, "same store"), ServedBefore: rapid.Bool().Draw(r, "served"), ByLevel: &byLevel}
		shares, ok := spread(members, receivers, rule)
		if !ok {
			room := 0
			for _, n := range rooms {
				require.GreaterOrEqual(r, n, 0, "somebody takes any number")
				room += n
			}
			require.Less(r, room, len(members))
			return
		}
		given, partOf, gets := map[string]bool{}, map[string]map[string]int{}, map[string]int{}
		for _, s := range shares {
			require.False(r, given[s.member.id])
			given[s.member.id] = true
			gets[s.to.id]++
			if f := s.member.family; f != "" {
				if partOf[f] == nil {
					partOf[f] = map[string]int{}
				}
				partOf[f][s.to.id]++
			}
		}
		require.Len(r, given, len(members))
		for id, room := range rooms {
			require.True(r, room < 0 || gets[id] <= room)
		}
		for f, parts := range partOf {
			if len(parts) == 1 {
				continue
			}
			for id, room := range rooms {
				require.GreaterOrEqual(r, room, 0, "a family is divided though somebody takes any number")
				for _, s := range shares {
					if s.to.id == id && size[s.member.family] >= size[f] && s.member.family != f && s.member.family != "" {
						room--
					}
				}
				require.Less(r, room, size[f], "family %s of %d is divided though %s had room", f, size[f], id)
			}
		}
	})
}

func drawMembers(r *rapid.T) ([]candidate, map[string]int) {
	size := map[string]int{}
	members := make([]candidate, rapid.IntRange(1, 25).Draw(r, "members"))
	for i := range members {
		members[i] = candidate{
			id: fmt.Sprintf("m%02d", i), level: rapid.SampledFrom([]string{"A", "B", "C", ""}).Draw(r, "level"),
			storeID: rapid.SampledFrom([]string{"east", "west"}).Draw(r, "store"),
			family:  rapid.SampledFrom([]string{"", "", "f1", "f2", "f3", "f4"}).Draw(r, "family"),
			served:  rapid.SliceOfN(rapid.SampledFrom([]string{"r0", "r1", "r2"}), 0, 1).Draw(r, "served"),
		}
		size[members[i].family]++
	}
	return members, size
}

// drawReceivers gives receivers who mostly have just room for so many members.
func drawReceivers(r *rapid.T, members int) []*receiver {
	receivers := make([]*receiver, rapid.IntRange(1, 4).Draw(r, "receivers"))
	left := members + rapid.SampledFrom([]int{-1, 0, 0, 1, 2}).Draw(r, "spare")
	for i := range receivers {
		room := rapid.IntRange(0, max(left, 0)).Draw(r, "room")
		if left -= room; i == len(receivers)-1 {
			room += left
		}
		load := rapid.IntRange(0, 9).Draw(r, "load")
		receivers[i] = &receiver{
			id: fmt.Sprintf("r%d", i), storeID: rapid.SampledFrom([]string{"east", "west"}).Draw(r, "store"),
			room: max(room, 0), load: map[string]int{"A": load}, total: load,
		}
	}
	if rapid.IntRange(0, 9).Draw(r, "limits") == 9 {
		receivers[0].room = -1
	}
	return receivers
}

// Where nobody has room for all of a family, it is divided into as few parts as can be.
func TestSpread_dividesAFamilyIntoFewParts(t *testing.T) {
	t.Parallel()
	family := make([]candidate, 5)
	for i := range family {
		family[i] = candidate{id: strconv.Itoa(i), level: "B", family: "f"}
	}
	r := func(id string, room int) *receiver { return &receiver{id: id, room: room, load: map[string]int{}} }
	shares, ok := spread(family, []*receiver{r("a", 2), r("b", 3), r("c", 2)}, Rule{KeepFamilies: true})
	require.True(t, ok)
	got := map[string]int{}
	for _, s := range shares {
		got[s.to.id]++
	}
	require.Equal(t, map[string]int{"b": 3, "a": 2}, got)
}

// Only so many of a clerk's members: of a family all or nobody, and no more than were asked for.
func TestSample_takesWholeFamilies(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		members, size := drawMembers(r)
		n := rapid.IntRange(1, 25).Draw(r, "n")
		taken, of := sample(members, n, true), map[string]int{}
		alone := 0
		for _, m := range taken {
			if of[m.family]++; m.family == "" {
				alone++
			}
		}
		require.LessOrEqual(r, len(taken), n)
		for f, got := range of {
			require.True(r, f == "" || got == size[f], "family %s: %d of %d", f, got, size[f])
		}
		if len(taken) < min(n, len(members)) {
			require.Equal(r, size[""], alone, "who is alone fills up")
		}
		levels := map[string]int{}
		for _, m := range sample(members, n, false) {
			levels[m.level]++
		}
		for _, level := range []string{"A", "B", "C", ""} {
			all := 0
			for _, m := range members {
				if m.level == level {
					all++
				}
			}
			require.InDelta(r, float64(all*min(n, len(members)))/float64(len(members)), levels[level], 1, model.LevelRank(level))
		}
	})
}
