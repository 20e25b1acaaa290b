package sheet

import (
	"slices"
	"strconv"
	"strings"
)

// Guess finds the column of each field by its heading: the first of the field's words that stands over one. A column
// fills one field.
func Guess(headings, fields []string, words func(field string) []string) map[string]int {
	found := map[string]int{}
	taken := make([]bool, len(headings))
	for _, field := range fields {
		for _, word := range words(field) {
			at := slices.IndexFunc(headings, func(h string) bool { return strings.EqualFold(h, word) })
			if at >= 0 && !taken[at] {
				found[field], taken[at] = at, true
				break
			}
		}
	}
	return found
}

// Whole undoes what spreadsheets do to long numbers: 1.3900000001E10, 13900000001.0, and the sign before text.
func Whole(s string) string {
	s = strings.TrimPrefix(s, "'")
	if strings.ContainsAny(s, ".") && strings.Trim(s, "0123456789.Ee+") == "" {
		if f, err := strconv.ParseFloat(s, 64); err == nil && f == float64(int64(f)) && f > 0 && f < 1<<53 {
			return strconv.FormatInt(int64(f), 10)
		}
	}
	return s
}
