package model

// rankEnd is later than any time; what does not wait is ranked by it.
const rankEnd = int64(9_000_000_000_000_000)

// RankOfOthers lies between the ranks of those who wait and the ranks of all others.
const RankOfOthers = rankEnd / 2

// Rank orders conversations in one index: first those whose member waits, the longest first, then the others, the
// latest first. Both arguments are Unix milliseconds; waitingSince 0 means that nobody waits.
func Rank(waitingSince, lastAt int64) int64 {
	if waitingSince > 0 {
		return waitingSince
	}
	return rankEnd - lastAt
}

// Snippet shortens a text to what a list shows.
func Snippet(text string) string {
	const most = 60
	n := 0
	for i := range text {
		if n == most {
			return text[:i]
		}
		n++
	}
	return text
}
