package wechat

import (
	"bytes"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func fuzzSeeds(f *testing.F) []string {
	f.Helper()
	file := readVectors(f)
	seeds := []string{
		"", "<", "<xml/>", "<xml></xml>", "<a><b/></a>", "<?xml version='1.0'?><a/>", "<!DOCTYPE a><a/>",
		"<a>&lt;&#65;&#x1F600;</a>", "<a><![CDATA[x]]]]><![CDATA[>y]]></a>", "<a b='c'>\x00\xff</a>", "<!-- --><a/><!-- -->",
		message("text", cdata("Content", "宝宝😀 ]]> \x00")), event("SCAN", cdata("EventKey", "c7")),
		event("MASSSENDJOBFINISH", "<ArticleUrlResult><ResultList><item><ArticleIdx>1</ArticleIdx></item></ResultList></ArticleUrlResult>"),
	}
	for _, v := range file.Vectors {
		seeds = append(seeds, v.Body)
		if plain, err := OpenPush(file.secrets(), vectorQuery(v.Query), []byte(v.Body), unixTime(v.Query["timestamp"])); err == nil {
			seeds = append(seeds, string(plain))
		}
	}
	return seeds
}

// FuzzReader holds the XML reader to: it ends, stays in its limits, gives only what is in the input, and balances.
func FuzzReader(f *testing.F) {
	for _, seed := range fuzzSeeds(f) {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := reader{in: in}
		depth, starts := 0, 0
		for steps := 0; ; steps++ {
			require.LessOrEqual(t, steps, 2*len(in)+2)
			tok, err := r.next()
			if err != nil {
				require.ErrorIs(t, err, ErrBroken)
				return
			}
			switch tok.kind {
			case tokenStart:
				depth++
				starts++
			case tokenEnd:
				depth--
			case tokenText:
				require.LessOrEqual(t, len(tok.text), len(in))
			case tokenEOF:
				require.Zero(t, depth)
				return
			}
			if !tok.decoded && tok.kind != tokenEnd {
				require.Equal(t, string(in[tok.from:tok.to]), string(tok.text))
			}
			require.GreaterOrEqual(t, depth, 0)
			require.LessOrEqual(t, depth, maxDepth)
			require.LessOrEqual(t, starts, maxNodes)
		}
	})
}

// FuzzParse holds the parser to: no panic, only its own errors, the same push and key for the same text, only UTF-8.
func FuzzParse(f *testing.F) {
	for _, seed := range fuzzSeeds(f) {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		before := bytes.Clone(in)
		push, err := Parse(in)
		require.Equal(t, before, in)
		if err != nil {
			require.True(t, errors.Is(err, ErrBroken) || errors.Is(err, ErrTooLarge))
			return
		}
		again, err := Parse(in)
		require.NoError(t, err)
		require.Equal(t, push, again)
		require.Equal(t, push.DedupeKey(), again.DedupeKey())
		require.NotEmpty(t, push.FromUser)
		require.NotNil(t, push.Body)
		require.True(t, utf8.ValidString(push.FromUser+push.MsgType+push.Event+push.MsgID+push.OpenID()))
		if text, ok := push.Body.(Text); ok {
			require.True(t, utf8.ValidString(text.Content))
		}
	})
}

// FuzzOpenPush signs whatever it is given, as WeChat would, so that the fuzzer reaches the decryptor.
func FuzzOpenPush(f *testing.F) {
	for _, seed := range fuzzSeeds(f) {
		f.Add([]byte(seed), false)
	}
	_, body := seal(f, message("text", cdata("Content", "x")), testAppID, testKeyOld, testNow())
	f.Add(body, false)
	f.Add(body[:len(body)/2], true)
	f.Add(bytes.Repeat([]byte{'A'}, 64), true)
	f.Fuzz(func(t *testing.T, body []byte, bare bool) {
		if bare {
			body = append(append([]byte("<xml><Encrypt><![CDATA["), body...), "]]></Encrypt></xml>"...)
		}
		sealed, _ := encryptNode(body)
		before := bytes.Clone(body)
		plain, err := OpenPush(testSecrets(), sign(string(sealed), testNow()), body, testNow())
		require.Equal(t, before, body)
		if err != nil {
			require.True(t, errors.Is(err, ErrBroken) || errors.Is(err, ErrForbidden) || errors.Is(err, ErrTooLarge))
			return
		}
		require.Less(t, len(plain), len(body))
	})
}

// FuzzUnseal reaches what the cipher hides from FuzzOpenPush: any text after decryption.
func FuzzUnseal(f *testing.F) {
	f.Add(append(append(make([]byte, 20), testAppID...), bytes.Repeat([]byte{26}, 26)...))
	f.Add(bytes.Repeat([]byte{32}, 64))
	f.Add(bytes.Repeat([]byte{1}, 32))
	f.Add(append(bytes.Repeat([]byte{0xff}, 31), 1))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) == 0 || len(text)%sealBlock != 0 {
			return // decrypt lets none through
		}
		plain, ok := unseal(testAppID, text)
		if ok {
			require.LessOrEqual(t, len(plain)+sealHeader+len(testAppID)+1, len(text))
		}
	})
}
