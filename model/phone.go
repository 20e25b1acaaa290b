package model

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// maxPhoneInput is the longest text that is looked at as a phone number.
const maxPhoneInput = 40

// NormalizePhone turns what people type into E.164 (+8613800000001). Numbers without a country code are Chinese. Every
// +86 number of 11 digits that begins with 1 is taken, because new mobile ranges open faster than the library's tables
// follow; of all others only valid ones.
func NormalizePhone(s string) (e164 string, ok bool) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > maxPhoneInput || strings.ContainsFunc(s, notInPhone) {
		return "", false
	}
	number, err := phonenumbers.Parse(s, "CN")
	if err != nil {
		return "", false
	}
	e164 = phonenumbers.Format(number, phonenumbers.E164)
	if isChineseMobile(e164) || phonenumbers.IsValidNumber(number) {
		return e164, true
	}
	return "", false
}

// notInPhone refuses letters (the library reads 1-800-FLOWERS as digits) and everything else that is no writing of a
// number.
func notInPhone(r rune) bool {
	switch {
	case r >= '0' && r <= '9', r >= '０' && r <= '９':
		return false
	}
	return !strings.ContainsRune("+＋-－ .()（）\u00a0", r)
}

func isChineseMobile(e164 string) bool {
	rest, ok := strings.CutPrefix(e164, "+86")
	return ok && len(rest) == 11 && rest[0] == '1'
}

// MaskPhone shows of an E.164 number what staff may see: 138****0001, or +852****5678 for numbers from elsewhere. What
// is too short to hide anything is hidden whole.
func MaskPhone(e164 string) string {
	const tail = 4
	if e164 == "" {
		return ""
	}
	head := 4
	if isChineseMobile(e164) {
		e164, head = e164[3:], 3
	}
	if len(e164) < head+tail+3 {
		return "****"
	}
	return e164[:head] + "****" + PhoneLast4(e164)
}

// PhoneLast4 gives the last four digits of an E.164 number, by which staff may search, or "" if it has none.
func PhoneLast4(e164 string) string {
	const tail = 4
	if len(e164) < tail {
		return ""
	}
	return e164[len(e164)-tail:]
}
