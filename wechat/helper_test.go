package wechat

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/util"
	"github.com/stretchr/testify/require"
)

const (
	testAppID   = "wx0123456789abcdef"
	testToken   = "callbackToken"
	testKey     = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP9"
	testKeyOld  = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
	testKeyNone = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
)

func testNow() time.Time { return time.Unix(1795305600, 0).UTC() }

func testSecrets() Secrets {
	return Secrets{AppID: testAppID, Token: testToken, AESKeys: []string{testKey, testKeyOld}}
}

// seal makes an encrypted push with the SDK's encryptor, an implementation that is not ours.
func seal(tb testing.TB, plain, appID, key string, at time.Time) (Query, []byte) {
	tb.Helper()
	sealed, err := util.EncryptMsg([]byte("0123456789abcdef"), []byte(plain), appID, key)
	require.NoError(tb, err)
	body := "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[" + string(sealed) + "]]></Encrypt></xml>"
	return sign(string(sealed), at), []byte(body)
}

func sign(sealed string, at time.Time) Query {
	stamp := strconv.FormatInt(at.Unix(), 10)
	return Query{
		Signature: util.Signature(testToken, stamp, "nonce"), Timestamp: stamp, Nonce: "nonce", EncryptType: "aes",
		MsgSignature: util.Signature(testToken, stamp, "nonce", sealed),
	}
}

func plainQuery(at time.Time) Query {
	q := sign("", at)
	q.EncryptType, q.MsgSignature = "", ""
	return q
}

func cdata(name, value string) string {
	value = strings.ReplaceAll(value, "]]>", "]]]]><![CDATA[>")
	return "<" + name + "><![CDATA[" + value + "]]></" + name + ">"
}

const common = "<ToUserName>gh_1</ToUserName><FromUserName>openid</FromUserName><CreateTime>1795305599</CreateTime>"

func message(kind, rest string) string {
	return "<xml>" + common + "<MsgType>" + kind + "</MsgType>" + rest + "<MsgId>24000000000000001</MsgId></xml>"
}

func event(name, rest string) string {
	return "<xml>" + common + "<MsgType>event</MsgType><Event>" + name + "</Event>" + rest + "</xml>"
}

func mustParse(t *testing.T, plain string) Push {
	t.Helper()
	push, err := Parse([]byte(plain))
	require.NoError(t, err)
	return push
}
