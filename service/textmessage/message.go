package textmessage

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Message is one text message to one phone.
type Message struct {
	ID         string // ours
	Phone      string // E.164; it is looked at nowhere but here, and never logged
	Signature  string // 签名: who it is from
	TemplateID string
	Params     []string // what stands in {1}, {2} … of the template
	Text       string   // the template as it was approved, with its blanks
}

// Receipt says that a provider has taken a message.
type Receipt struct {
	Parts int64 // how many messages it counts on the bill
}

// Provider sends text messages. Its errors are *Error.
type Provider interface {
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Blank is how a template writes its n-th blank, from 1 on.
func Blank(n int) string { return "{" + strconv.Itoa(n) + "}" }

// Filled is a template with its blanks filled in.
func Filled(text string, params []string) string {
	pairs := make([]string, 0, 2*len(params))
	for i, p := range params {
		pairs = append(pairs, Blank(i+1), p)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Signed is a text as the phone shows it, with who it is from.
func Signed(signature, text string) string { return "【" + signature + "】" + text }

// MaxRunes is how long a message may be, its signature counted (Tencent Cloud, document 382/39023).
const MaxRunes = 500

// Up to so many characters are one message, longer ones are cut into parts (Tencent Cloud, document 382/18058).
const (
	onePart   = 70
	eachOfAll = 67
)

// Parts is how many messages one is billed as. Every character counts as one, the signature's as well.
func Parts(signature, text string) int64 {
	n := int64(utf8.RuneCountInString(Signed(signature, text)))
	if n <= onePart {
		return 1
	}
	return (n + eachOfAll - 1) / eachOfAll
}
