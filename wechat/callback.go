package wechat

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // WeChat prescribes SHA-1 for its signatures.
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/silenceper/wechat/v2/util"
)

// MaxBody is the largest callback body taken, in bytes.
const MaxBody = 1 << 20

// MaxClockSkew is how far a push's timestamp may be from our clock; exactly this much is still accepted.
const MaxClockSkew = 10 * time.Minute

// What CheckURL, OpenPush and Parse refuse with, to be told apart by errors.Is.
var (
	// ErrForbidden says that the sender is not WeChat, or not for this account: signature, clock, key or appid.
	ErrForbidden = errors.New("wechat: callback forbidden")
	// ErrBroken says that the body cannot be read.
	ErrBroken = errors.New("wechat: callback body broken")
	// ErrTooLarge says that a body is over its limit: a callback's over MaxBody, a file over what the caller allowed.
	ErrTooLarge = errors.New("wechat: body too large")
)

// Secrets of one account's callback. AESKeys holds the current EncodingAESKey (43 characters), then the previous
// one while it is being changed. No key means that the account's callback is in plain mode.
type Secrets struct {
	AppID   string
	Token   string
	AESKeys []string
}

// Query is what WeChat adds to the callback's address.
type Query struct {
	Signature    string
	Timestamp    string
	Nonce        string
	EncryptType  string
	MsgSignature string
	Echostr      string
}

// CheckURL checks the GET by which WeChat tests the address; on nil the caller answers q.Echostr as it is.
// Errors: ErrForbidden.
func CheckURL(s Secrets, q Query, now time.Time) error {
	if err := checkClock(q.Timestamp, now); err != nil {
		return err
	}
	want := util.Signature(s.Token, q.Timestamp, q.Nonce)
	if s.Token == "" || !sameText(want, q.Signature) {
		return refuse(ErrForbidden, "signature")
	}
	return nil
}

// OpenPush verifies a POST and returns the inner XML. An account with a key takes encrypted pushes only, because the
// query's plain signature does not cover the body. Errors: ErrForbidden, ErrBroken, ErrTooLarge.
// The result may share memory with body.
func OpenPush(s Secrets, q Query, body []byte, now time.Time) (plain []byte, err error) {
	if len(body) > MaxBody {
		return nil, refuse(ErrTooLarge, "body")
	}
	if err := checkClock(q.Timestamp, now); err != nil {
		return nil, err
	}
	if s.Token == "" || !signed(q.Signature, nil, s.Token, q.Timestamp, q.Nonce) {
		return nil, refuse(ErrForbidden, "signature")
	}
	switch q.EncryptType {
	case "aes":
		return openEncrypted(s, q, body)
	case "", "raw":
		if len(s.AESKeys) > 0 {
			return nil, refuse(ErrForbidden, "plain push to an account with a key")
		}
		return body, nil
	default:
		return nil, refuse(ErrForbidden, "encrypt_type")
	}
}

func openEncrypted(s Secrets, q Query, body []byte) ([]byte, error) {
	if len(s.AESKeys) == 0 {
		return nil, refuse(ErrForbidden, "encrypted push to an account without a key")
	}
	sealed, err := encryptNode(body)
	if err != nil {
		return nil, err
	}
	if !signed(q.MsgSignature, sealed, s.Token, q.Timestamp, q.Nonce) {
		return nil, refuse(ErrForbidden, "msg_signature")
	}
	return decrypt(s.AppID, s.AESKeys, sealed)
}

// checkClock bounds how long a captured request can be played again.
func checkClock(timestamp string, now time.Time) error {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return refuse(ErrForbidden, "timestamp")
	}
	// Compared in seconds because a far away time would overflow a Duration.
	if limit := int64(MaxClockSkew / time.Second); seconds < now.Unix()-limit || seconds > now.Unix()+limit {
		return refuse(ErrForbidden, "clock")
	}
	return nil
}

// signed compares in constant time: SHA-1 in hex over the parts in byte order, sealed being one more part if not nil.
func signed(signature string, sealed []byte, token, timestamp, nonce string) bool {
	parts := [4][]byte{[]byte(token), []byte(timestamp), []byte(nonce), sealed}
	used := parts[:3]
	if sealed != nil {
		used = parts[:4]
	}
	slices.SortFunc(used, bytes.Compare)
	hash := sha1.New() //nolint:gosec // See the import.
	for _, part := range used {
		hash.Write(part)
	}
	var sum [sha1.Size]byte
	var want [2 * sha1.Size]byte
	hex.Encode(want[:], hash.Sum(sum[:0]))
	return subtle.ConstantTimeCompare(want[:], []byte(signature)) == 1
}

func sameText(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// refuse adds a fixed word to a sentinel; nothing of the request goes into it, so it may be logged.
func refuse(kind error, detail string) error {
	return &refusal{kind, detail}
}
