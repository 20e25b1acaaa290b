package wechat

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxThing is how many characters a template's field of the kind thing takes.
const MaxThing = 20

// TemplateField is one blank of a template, such as thing1. Label is what the phone shows before it; may be empty.
type TemplateField struct {
	Name  string
	Label string
}

// Kind is the field's kind, which its name begins with: thing, phrase, time and so on.
func (f TemplateField) Kind() string { return strings.TrimRight(f.Name, "0123456789") }

var (
	numberText = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
	amountText = regexp.MustCompile(`^[¥￥$€£]?-?[0-9]{1,10}(\.[0-9]+)?元?$`)
	timeText   = regexp.MustCompile(`^[0-9年月日时点分秒上下午:：/.~～至 -]*[0-9][0-9年月日时点分秒上下午:：/.~～至 -]*$`)
	carText    = regexp.MustCompile(`^[\p{Han}0-9A-Za-z][0-9A-Za-z]*[\p{Han}0-9A-Za-z]$`)
	phoneText  = regexp.MustCompile(`^[0-9+\-() ]{1,17}$`)
)

// Fits tells whether WeChat takes a value in this field, by its published kinds. Of kinds that are not published, and
// of those whose words are fixed (const), it only knows that they must not be empty.
func (f TemplateField) Fits(value string) bool {
	n := utf8.RuneCountInString(value)
	if strings.TrimSpace(value) == "" || !utf8.ValidString(value) {
		return false
	}
	switch f.Kind() {
	case "thing":
		return n <= MaxThing
	case "phrase":
		return n <= 5 && every(value, han)
	case "name":
		return n <= 10 && every(value, han) || n <= 20 && !strings.ContainsFunc(value, han)
	case "character_string":
		return n <= 32 && every(value, visible)
	case "letter":
		return n <= 32 && every(value, func(r rune) bool { return visible(r) && unicode.IsLetter(r) })
	case "symbol":
		return n <= 5 && every(value, func(r rune) bool { return visible(r) && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	case "number":
		return n <= 32 && numberText.MatchString(value)
	case "amount":
		return n <= 32 && amountText.MatchString(value)
	case "time", "date":
		return n <= 40 && timeText.MatchString(value)
	case "car_number":
		return n <= 8 && carText.MatchString(value)
	case "phone_number":
		return phoneText.MatchString(value)
	default:
		return true
	}
}

func every(text string, fits func(rune) bool) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !fits(r) })
}

func han(r rune) bool { return unicode.Is(unicode.Han, r) }

func visible(r rune) bool { return r > ' ' && r < unicode.MaxASCII }
