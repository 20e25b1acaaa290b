package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1" //nolint:gosec // WeChat prescribes it
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// push is one call of the callback, to be bent before it is sent.
type push struct {
	appid, inner string // in the address, and in the sealed text
	token, key   string
	at           time.Time
	xml          string
	plain        bool
	body         string // sent instead of the sealed xml
	signature    string // sent instead of the right one
}

func (w *running) push(openid, id string) push {
	return push{
		appid: w.appid, inner: w.appid, token: testToken, key: testAESKey, at: time.Now(),
		xml: fmt.Sprintf("<xml><ToUserName>gh_1</ToUserName><FromUserName>%s</FromUserName><CreateTime>%d</CreateTime>"+
			"<MsgType>text</MsgType><Content>你好</Content><MsgId>%s</MsgId></xml>", openid, time.Now().Unix(), id),
	}
}

// send posts a push and gives status and answer.
func (i *instance) send(p push) (int, string) {
	i.t.Helper()
	stamp := strconv.FormatInt(p.at.Unix(), 10)
	q := url.Values{"timestamp": {stamp}, "nonce": {"nonce"}, "openid": {"o"}}
	body := p.xml
	if !p.plain {
		sealed := seal(i.t, p.key, p.inner, p.xml)
		body = "<xml><ToUserName>gh_1</ToUserName><Encrypt><![CDATA[" + sealed + "]]></Encrypt></xml>"
		q.Set("encrypt_type", "aes")
		q.Set("msg_signature", sign(p.token, stamp, "nonce", sealed))
	}
	q.Set("signature", sign(p.token, stamp, "nonce"))
	if p.signature != "" {
		q.Set("signature", p.signature)
		q.Set("msg_signature", p.signature)
	}
	if p.body != "" {
		body = p.body
	}
	req, err := http.NewRequestWithContext(i.t.Context(), http.MethodPost, i.url+"/wechat/"+p.appid+"?"+q.Encode(), strings.NewReader(body))
	require.NoError(i.t, err)
	return i.roundTrip(req)
}

// verify makes WeChat's test of the address.
func (i *instance) verify(appid, signature string) (int, string) {
	i.t.Helper()
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	if signature == "" {
		signature = sign(testToken, stamp, "nonce")
	}
	q := url.Values{"timestamp": {stamp}, "nonce": {"nonce"}, "signature": {signature}, "echostr": {"echo<1>"}}
	req, err := http.NewRequestWithContext(i.t.Context(), http.MethodGet, i.url+"/wechat/"+appid+"?"+q.Encode(), http.NoBody)
	require.NoError(i.t, err)
	return i.roundTrip(req)
}

func (i *instance) roundTrip(req *http.Request) (int, string) {
	i.t.Helper()
	resp, err := http.DefaultClient.Do(req)
	require.NoError(i.t, err)
	defer func() { require.NoError(i.t, resp.Body.Close()) }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(i.t, err)
	require.Equal(i.t, "text/plain; charset=utf-8", resp.Header.Get("Content-Type"))
	require.NoError(i.t, i.contract.Check(req.Method, req.URL.Path, resp.StatusCode, resp.Header.Get("Content-Type"), text))
	return resp.StatusCode, string(text)
}

func sign(parts ...string) string {
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) //nolint:gosec // WeChat prescribes it
	return hex.EncodeToString(sum[:])
}

// seal encrypts as WeChat does: 16 random bytes, length, text, appid; padded to 32; AES-CBC.
func seal(t *testing.T, key, appid, text string) string {
	t.Helper()
	secret, err := base64.StdEncoding.DecodeString(key + "=")
	require.NoError(t, err)
	block, err := aes.NewCipher(secret)
	require.NoError(t, err)
	plain := append([]byte("0123456789abcdef"), binary.BigEndian.AppendUint32(nil, uint32(len(text)))...) //nolint:gosec // short
	plain = append(plain, text+appid...)
	pad := 32 - len(plain)%32
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, secret[:16]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain)
}
