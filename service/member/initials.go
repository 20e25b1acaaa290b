package member

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// surnames are those whose reading as a name differs from the usual one.
func surname(r rune) byte {
	switch r {
	case '单', '召':
		return 's'
	case '曾', '查', '翟':
		return 'z'
	case '仇':
		return 'q'
	case '解', '洗':
		return 'x'
	case '区':
		return 'o'
	case '朴':
		return 'p'
	case '盖':
		return 'g'
	case '员':
		return 'y'
	case '缪':
		return 'm'
	case '繁':
		return 'p'
	case '种':
		return 'c'
	case '黑':
		return 'h'
	case '秘':
		return 'b'
	case '乐':
		return 'y'
	}
	return 0
}

// maxInitials is the width of the column.
const maxInitials = 64

// Initials gives the pinyin initials of a Chinese name in lower case, with Latin letters and digits as they are: what
// a clerk types to find somebody (D1).
func Initials(name string) string {
	args := pinyin.NewArgs()
	args.Style = pinyin.FirstLetter
	var b strings.Builder
	for i, r := range []rune(name) {
		if b.Len() >= maxInitials {
			break
		}
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(unicode.ToLower(r))
		case i == 0 && surname(r) != 0:
			b.WriteByte(surname(r))
		case unicode.Is(unicode.Han, r):
			if p := pinyin.SinglePinyin(r, args); len(p) > 0 && len(p[0]) > 0 && p[0][0] < unicode.MaxASCII {
				b.WriteByte(p[0][0])
			}
		}
	}
	return b.String()
}
