package account

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"

	"liuke/model"
	"liuke/model/keys"
	"liuke/service/fault"
)

// Limits of the settings; those of WeChat's own fields are what its console takes.
const (
	maxName     = model.MaxNameRunes // runes, the width of the column
	maxGreeting = 600                // runes
	maxSecret   = 128
	maxReason   = 64
	aesKeySize  = 43
	minToken    = 3
	maxToken    = 32
)

// How long a member may wait, in minutes, until screens warn; an owner may set up to a week.
const (
	defaultAmber = 10
	defaultRed   = 30
	maxWait      = 7 * 24 * 60
)

// checkWaits holds amber before red.
func checkWaits(amber, red int64) error {
	switch {
	case amber < 1 || amber > maxWait:
		return fault.Input("wait_amber_minutes", "invalid")
	case red <= amber || red > maxWait:
		return fault.Input("wait_red_minutes", "invalid")
	}
	return nil
}

func checkHours(w model.Week) error {
	faults := w.Faults("business_hours", model.MinWeekMinutes)
	if len(faults) == 0 {
		return nil
	}
	e := fault.New(fault.Invalid, "invalid_input")
	for _, f := range faults {
		e.Fields = append(e.Fields, fault.Field(f))
	}
	return e
}

func (in Add) check() (name string, err error) {
	if !validAppID(in.AppID) {
		return "", fault.Input("appid", "invalid")
	}
	if err := checkSecret(in.Secret); err != nil {
		return "", err
	}
	if err := checkToken(in.Token); err != nil {
		return "", err
	}
	if err := checkAESKey(in.AESKey); err != nil {
		return "", err
	}
	if err := checkOriginalID(in.OriginalID); err != nil {
		return "", err
	}
	return checkName(in.Name)
}

// validAppID reports whether s can be an appid: wx and 6 to 62 letters and digits (WeChat's have 16).
func validAppID(s string) bool {
	const shortest, longest = 8, 64
	return len(s) >= shortest && len(s) <= longest && strings.HasPrefix(s, "wx") && alphanumeric(s)
}

func alphanumeric(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

func checkSecret(s string) error {
	if s == "" {
		return fault.Input("secret", "required")
	}
	if model.ASCIIKey(s, maxSecret) == "" {
		return fault.Input("secret", "invalid")
	}
	return nil
}

func checkToken(s string) error {
	if len(s) < minToken || len(s) > maxToken || !alphanumeric(s) {
		return fault.Input("token", "invalid")
	}
	return nil
}

func checkAESKey(s string) error {
	if s == "" {
		return nil
	}
	// not strict: WeChat makes keys whose last two bits are not zero
	key, err := base64.RawStdEncoding.DecodeString(s)
	if len(s) != aesKeySize || len(key) != keys.Size || err != nil {
		return fault.Input("aes_key", "invalid")
	}
	return nil
}

func checkOriginalID(s string) error {
	const longest = 64
	if s != "" && model.ASCIIKey(s, longest) == "" {
		return fault.Input("original_id", "invalid")
	}
	return nil
}

func checkName(s string) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return "", fault.Input("name", "required")
	case utf8.RuneCountInString(s) > maxName:
		return "", fault.Input("name", "too_long")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return "", fault.Input("name", "invalid")
	}
	return s, nil
}

// checkGreeting bounds a greeting's template; an empty one greets nobody.
func checkGreeting(s string) error {
	switch {
	case utf8.RuneCountInString(s) > maxGreeting || len(s) > model.MaxTextBytes:
		return fault.Input("greeting", "too_long")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		return fault.Input("greeting", "invalid")
	}
	return nil
}

func checkSecondScan(s string) error {
	switch s {
	case model.SecondScanKeep, model.SecondScanChange, model.SecondScanAsk:
		return nil
	}
	return fault.Input("second_scan", "unknown")
}
