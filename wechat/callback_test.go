package wechat

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/util"
	"github.com/stretchr/testify/require"
)

func TestOpenPush_opensWhatTheCurrentOrThePreviousKeySealed(t *testing.T) {
	t.Parallel()
	for _, key := range []string{testKey, testKeyOld} {
		for _, size := range []int{0, 1, 31, 32, 33, 5000} {
			plain := message("text", cdata("Content", strings.Repeat("x", size)))
			q, body := seal(t, plain, testAppID, key, testNow())
			got, err := OpenPush(testSecrets(), q, body, testNow())
			require.NoError(t, err)
			require.Equal(t, plain, string(got))
		}
	}
}

func TestOpenPush_holdsTheClockToTenMinutes(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{0, 9 * time.Minute, MaxClockSkew, -9 * time.Minute, -MaxClockSkew} {
		q, body := seal(t, message("text", ""), testAppID, testKey, testNow().Add(off))
		_, err := OpenPush(testSecrets(), q, body, testNow())
		require.NoError(t, err, off)
	}
	for _, off := range []time.Duration{11 * time.Minute, MaxClockSkew + time.Second, -11 * time.Minute, -MaxClockSkew - time.Second} {
		q, body := seal(t, message("text", ""), testAppID, testKey, testNow().Add(off))
		_, err := OpenPush(testSecrets(), q, body, testNow())
		require.ErrorIs(t, err, ErrForbidden, off)
	}
	for _, stamp := range []string{"", "x", "9223372036854775807", "-9223372036854775808", "99999999999999999999"} {
		q, body := seal(t, message("text", ""), testAppID, testKey, testNow())
		q.Timestamp = stamp
		q.Signature = util.Signature(testToken, stamp, "nonce")
		_, err := OpenPush(testSecrets(), q, body, testNow())
		require.ErrorIs(t, err, ErrForbidden, stamp)
	}
}

func TestOpenPush_refusesWhatIsNotFromWeChatForThisAccount(t *testing.T) {
	t.Parallel()
	text := message("text", cdata("Content", "hello"))
	good, body := seal(t, text, testAppID, testKey, testNow())
	otherApp, otherAppBody := seal(t, text, "wxother", testKey, testNow())
	otherKey, otherKeyBody := seal(t, text, testAppID, testKeyNone, testNow())
	_, swapped := seal(t, message("text", cdata("Content", "other")), testAppID, testKey, testNow())
	with := func(change func(*Query)) Query {
		q := good
		change(&q)
		return q
	}
	plainMode := Secrets{AppID: testAppID, Token: testToken}
	cases := map[string]struct {
		secrets Secrets
		query   Query
		body    []byte
	}{
		"other appid inside":           {testSecrets(), otherApp, otherAppBody},
		"unknown key":                  {testSecrets(), otherKey, otherKeyBody},
		"no signature":                 {testSecrets(), with(func(q *Query) { q.Signature = "" }), body},
		"wrong signature":              {testSecrets(), with(func(q *Query) { q.Signature = good.MsgSignature }), body},
		"no msg_signature":             {testSecrets(), with(func(q *Query) { q.MsgSignature = "" }), body},
		"other nonce":                  {testSecrets(), with(func(q *Query) { q.Nonce = "other" }), body},
		"forged plain body":            {testSecrets(), plainQuery(testNow()), []byte(text)},
		"forged raw body":              {testSecrets(), with(func(q *Query) { q.EncryptType = "raw" }), []byte(text)},
		"plain body called aes":        {testSecrets(), good, []byte(text)},
		"unknown encrypt_type":         {testSecrets(), with(func(q *Query) { q.EncryptType = "AES" }), body},
		"changed sealed text":          {testSecrets(), good, swapped},
		"account without a token":      {Secrets{AppID: testAppID, AESKeys: []string{testKey}}, good, body},
		"account without an appid":     {Secrets{Token: testToken, AESKeys: []string{testKey}}, good, body},
		"account with a bad key":       {Secrets{AppID: testAppID, Token: testToken, AESKeys: []string{"short"}}, good, body},
		"encrypted to a plain account": {plainMode, good, body},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := OpenPush(c.secrets, c.query, c.body, testNow())
			require.ErrorIs(t, err, ErrForbidden)
		})
	}
}

func TestOpenPush_tellsABrokenBodyFromAForgedOne(t *testing.T) {
	t.Parallel()
	_, body := seal(t, message("text", ""), testAppID, testKey, testNow())
	outer := func(sealed string) (Query, []byte) {
		return sign(sealed, testNow()), []byte("<xml><Encrypt>" + sealed + "</Encrypt></xml>")
	}
	cut := body[:len(body)-30]
	cases := map[string]func() (Query, []byte){
		"no xml":         func() (Query, []byte) { return sign("", testNow()), []byte("hello") },
		"empty":          func() (Query, []byte) { return sign("", testNow()), nil },
		"cut":            func() (Query, []byte) { return sign("", testNow()), cut },
		"doctype":        func() (Query, []byte) { return sign("", testNow()), append([]byte("<!DOCTYPE xml>"), body...) },
		"no base64":      func() (Query, []byte) { return outer("!!!") },
		"16 bytes short": func() (Query, []byte) { return outer(base64.StdEncoding.EncodeToString(make([]byte, 48))) },
		"second Encrypt": func() (Query, []byte) {
			return sign("a", testNow()), []byte("<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>")
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, body := c()
			_, err := OpenPush(testSecrets(), q, body, testNow())
			require.ErrorIs(t, err, ErrBroken)
		})
	}
}

func TestOpenPush_refusesABodyOverOneMebibyte(t *testing.T) {
	t.Parallel()
	_, err := OpenPush(testSecrets(), sign("", testNow()), make([]byte, MaxBody+1), testNow())
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = Parse(make([]byte, MaxBody+1))
	require.ErrorIs(t, err, ErrTooLarge)
}

func TestOpenPush_passesAPlainBodyToAnAccountInPlainMode(t *testing.T) {
	t.Parallel()
	s := Secrets{AppID: testAppID, Token: testToken}
	for _, kind := range []string{"", "raw"} {
		q := plainQuery(testNow())
		q.EncryptType = kind
		plain, err := OpenPush(s, q, []byte("<xml/>"), testNow())
		require.NoError(t, err)
		require.Equal(t, "<xml/>", string(plain))
	}
	q := plainQuery(testNow())
	q.Signature = strings.Repeat("0", 40)
	_, err := OpenPush(s, q, []byte("<xml/>"), testNow())
	require.ErrorIs(t, err, ErrForbidden)
}

func TestOpenPush_readsTheSealedTextOfTheCompatibleMode(t *testing.T) {
	t.Parallel()
	plain := message("text", cdata("Content", "true"))
	q, body := seal(t, plain, testAppID, testKey, testNow())
	_, sealed, _ := strings.Cut(string(body), "<Encrypt>")
	both := strings.Replace(message("text", cdata("Content", "forged")), "</xml>", "<Encrypt>"+sealed, 1)
	got, err := OpenPush(testSecrets(), q, []byte(both), testNow())
	require.NoError(t, err)
	require.Equal(t, plain, string(got))
}

func TestUnseal_refusesEveryWrongPadding(t *testing.T) {
	t.Parallel()
	whole := append(make([]byte, 20), testAppID...)
	pad := 32 - len(whole)%32
	good := append(bytes.Clone(whole), bytes.Repeat([]byte{byte(pad)}, pad)...)
	_, ok := unseal(testAppID, good)
	require.True(t, ok)
	for i := range pad {
		bad := bytes.Clone(good)
		bad[len(bad)-1-i] ^= 0x40
		_, ok := unseal(testAppID, bad)
		require.False(t, ok, i)
	}
	for _, last := range []byte{0, 33, 255} {
		bad := bytes.Repeat([]byte{last}, 32)
		_, ok := unseal(testAppID, bad)
		require.False(t, ok, last)
	}
}
