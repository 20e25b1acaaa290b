package sheet

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Guess finds the column of each field by its heading: the first of the field's words that stands over one. A column
// fills one field. What a heading says in parentheses behind its word, such as a unit, does not count.
func Guess(headings, fields []string, words func(field string) []string) map[string]int {
	found := map[string]int{}
	taken := make([]bool, len(headings))
	bare := make([]string, len(headings))
	for i, h := range headings {
		bare[i], _, _ = strings.Cut(HalfWidth(h), "(")
		bare[i] = strings.TrimSpace(bare[i])
	}
	for _, field := range fields {
		for _, word := range words(field) {
			at := slices.IndexFunc(bare, func(h string) bool { return strings.EqualFold(h, word) })
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

// number is how people and spreadsheets write numbers: with thousands marked or without, perhaps with an exponent.
var number = regexp.MustCompile(`^[+-]?(\d{1,3}(,\d{3})+(\.\d*)?|\d+(\.\d*)?|\.\d+)(E[+-]?\d{1,2})?$`)

// HalfWidth gives a cell in the signs that programs read in place of those of Chinese keyboards, without space around it.
func HalfWidth(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		const first, last, apart = '！', '～', '！' - '!'
		switch {
		case r >= first && r <= last:
			return r - apart
		case r == '−': // the minus of typesetters
			return '-'
		case r == '\u3000', r == '\u00a0':
			return ' '
		}
		return r
	}, s))
}

// Fixed reads a number as a count of its last decimal: 12.50 with two is 1250. In parentheses it is below zero. More
// decimals are refused, but for those that a spreadsheet adds by its own arithmetic (19.989999999999998).
func Fixed(s string, decimals int) (int64, bool) {
	s = strings.ToUpper(strings.TrimPrefix(HalfWidth(s), "'"))
	inner, ok := strings.CutPrefix(s, "(")
	if ok {
		if inner, ok = strings.CutSuffix(inner, ")"); !ok || strings.HasPrefix(inner, "-") {
			return 0, false
		}
		s = "-" + inner
	}
	const longest = 40 // a double has at most 17 digits
	if len(s) > longest || !number.MatchString(s) {
		return 0, false
	}
	exact, ok := new(big.Rat).SetString(strings.ReplaceAll(s, ",", ""))
	if !ok {
		return 0, false
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	exact.Mul(exact, new(big.Rat).SetInt(scale))
	whole, ok := nearest(exact)
	if !ok {
		return 0, false
	}
	off := new(big.Rat).Sub(exact, new(big.Rat).SetInt64(whole))
	// A double is right to 15 digits; what sums leave of zero is not right to any.
	bound := new(big.Rat).Mul(new(big.Rat).Abs(exact), big.NewRat(1, 1e14))
	bound.Add(bound, big.NewRat(1, 1e9))
	return whole, off.Abs(off).Cmp(bound) <= 0
}

// nearest rounds to a whole number.
func nearest(r *big.Rat) (int64, bool) {
	twice := new(big.Int).Mul(r.Num(), big.NewInt(2))
	twice.Add(twice, r.Denom())
	whole := new(big.Int).Div(twice, new(big.Int).Mul(r.Denom(), big.NewInt(2)))
	return whole.Int64(), whole.IsInt64()
}
