package wechat

import (
	"errors"
	"regexp"
)

// refusal is why a callback was refused.
type refusal struct {
	kind   error // ErrForbidden, ErrBroken or ErrTooLarge
	detail string
}

// Error holds fixed words only, so it may be logged.
func (r *refusal) Error() string { return r.kind.Error() + ": " + r.detail }

// Unwrap gives the kind.
func (r *refusal) Unwrap() error { return r.kind }

// Why the sender of a callback was not believed, by what a person has to mend.
const (
	RefusedToken     = "token"      // signed with another token, or not by WeChat
	RefusedAESKey    = "aes_key"    // sealed with another key, or for another appid
	RefusedNoAESKey  = "no_aes_key" // sealed, but the account has no key
	RefusedPlain     = "plain_push" // plain, but the account has a key
	RefusedTimestamp = "clock"      // too old or too early: our clock, or a replay
)

// RefusalOf tells what is to be mended about a refusal of CheckURL or OpenPush; "" for an error that is none.
func RefusalOf(err error) string {
	var r *refusal
	if !errors.As(err, &r) || !errors.Is(err, ErrForbidden) {
		return ""
	}
	switch r.detail {
	case "sealed text":
		return RefusedAESKey
	case "encrypted push to an account without a key":
		return RefusedNoAESKey
	case "plain push to an account with a key", "encrypt_type":
		return RefusedPlain
	case "timestamp", "clock":
		return RefusedTimestamp
	}
	return RefusedToken
}

// Errcodes by which WeChat refuses the address that a call comes from.
const (
	codeIPNotAllowed = 40164
	codeIPRefused    = 61004
)

// The address in "invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist".
var addressInMessage = regexp.MustCompile(`(?i)\bip[: ]+([0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-f]*:[0-9a-f:.]+)`)

// refusedIP reads which address of ours WeChat names when it gives no token to it; "" otherwise.
func refusedIP(api string, code int, message string) string {
	if api != apiToken || code != codeIPNotAllowed && code != codeIPRefused {
		return ""
	}
	if m := addressInMessage.FindStringSubmatch(message); m != nil {
		return m[1]
	}
	return ""
}
