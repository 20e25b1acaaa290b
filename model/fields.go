package model

import (
	"regexp"
	"slices"
	"strings"
)

// fieldWord is one field of a text kept ready, such as {member}.
var fieldWord = regexp.MustCompile(`\{([a-z_]{1,32})\}`)

// FillFields puts values into a text kept ready: {member} becomes the value of member. A field without a value becomes
// nothing; anything else in braces stays as it is.
func FillFields(text string, values map[string]string) string {
	return fieldWord.ReplaceAllStringFunc(text, func(word string) string {
		value, known := values[word[1:len(word)-1]]
		if !known {
			return word
		}
		return value
	})
}

// UnknownField gives the first field of a text that is not among the known ones; "" if there is none.
func UnknownField(text string, known []string) string {
	for _, found := range fieldWord.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(known, found[1]) {
			return found[1]
		}
	}
	return ""
}

// CutToBytes shortens a text to at most so many bytes, between two characters.
func CutToBytes(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}
