package simulator

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAPushIsSignedEncryptedAndCarriesTheMovableClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fan := w.fan("王小明")
	w.Advance(100 * 24 * time.Hour)
	id, err := w.SendText(testApp, fan, "你好 <b> ]]> \x08")
	require.NoError(t, err)
	w.settle()
	g := w.server.seen()
	require.Len(t, g, 1)
	require.Contains(t, g[0].xml, "<Content><![CDATA[你好 <b> ]]]]><![CDATA[> \x08]]></Content><MsgId>"+strconv.FormatInt(id, 10)+"</MsgId>")
	require.Equal(t, sign(testToken, g[0].query["timestamp"], g[0].query["nonce"]), g[0].query["signature"])
	require.Equal(t, fan, g[0].query["openid"])
	require.Equal(t, "aes", g[0].query["encrypt_type"])
	require.NotContains(t, g[0].body, "FromUserName", "safe mode shows only ToUserName and Encrypt")
	stamp, err := strconv.ParseInt(g[0].query["timestamp"], 10, 64)
	require.NoError(t, err)
	require.InDelta(t, time.Now().Unix(), stamp, 5, "the timestamp stays real")
	_, rest, _ := strings.Cut(g[0].xml, "<CreateTime>")
	created, _, _ := strings.Cut(rest, "<")
	at, err := strconv.ParseInt(created, 10, 64)
	require.NoError(t, err)
	require.InDelta(t, time.Now().Add(100*24*time.Hour).Unix(), at, 5)
}

func TestAPlainAccountGetsPlainPushes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.Accounts[0].AESKey = "" })
	_, err := w.SendText(testApp, w.fan("a"), "hi")
	require.NoError(t, err)
	w.settle()
	g := w.server.seen()[0]
	require.NotContains(t, g.query, "encrypt_type")
	require.NotContains(t, g.query, "msg_signature")
	require.Contains(t, g.body, "<Content><![CDATA[hi]]></Content>")
}

func TestAPushIsTriedThreeTimesInAllAndThenThePhoneSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.answer = func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	fan := w.fan("a")
	_, err := w.SendText(testApp, fan, "hi")
	require.NoError(t, err)
	w.settle()
	g := w.server.seen()
	require.Len(t, g, 3)
	require.Equal(t, g[0].xml, g[2].xml, "the same message with the same MsgId")
	require.GreaterOrEqual(t, g[2].at.Sub(g[0].at), 60*time.Millisecond, "tries are spaced")
	p := w.Pushes()[0]
	require.True(t, p.Done)
	require.False(t, p.Delivered)
	require.Len(t, p.Tries, 3)
	require.Equal(t, 503, p.Tries[0].Status)
	inbox := w.Inbox(fan)
	require.Len(t, inbox, 1)
	require.Equal(t, UnavailableNotice, inbox[0].Text)
}

func TestASlowAnswerIsCutAndTheSecondTryCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.PushTimeout = 500 * time.Millisecond })
	w.server.answer = func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 1 {
			<-r.Context().Done()
			return
		}
		_, _ = io.WriteString(w, "success")
	}
	fan := w.fan("a")
	_, err := w.SendText(testApp, fan, "hi")
	require.NoError(t, err)
	w.settle()
	p := w.Pushes()[0]
	require.True(t, p.Delivered)
	require.Len(t, p.Tries, 2)
	require.Equal(t, resultTimeout, p.Tries[0].Result)
	require.Empty(t, w.Inbox(fan))
}

func TestAnswersAreJudgedAsWeChatDoes(t *testing.T) {
	t.Parallel()
	acc := &account{Account: Account{AppID: testApp, Token: testToken, OriginalID: "gh_0123456789ab"}}
	safe := *acc
	safe.key, _ = decodeKey(testKey)
	text := "<xml><ToUserName>o1</ToUserName><FromUserName>gh_0123456789ab</FromUserName><CreateTime>5</CreateTime><MsgType>text</MsgType><Content>x</Content></xml>"
	sealed, err := encrypt(safe.key, testApp, []byte(text))
	require.NoError(t, err)
	foreign, err := encrypt(safe.key, otherApp, []byte(text))
	require.NoError(t, err)
	seal := func(enc string) string {
		return "<xml><Encrypt>" + enc + "</Encrypt><MsgSignature>" + sign(testToken, "5", "6", enc) + "</MsgSignature><TimeStamp>5</TimeStamp><Nonce>6</Nonce></xml>"
	}
	for name, c := range map[string]struct {
		acc  *account
		body string
		good bool
	}{
		"nothing":                      {acc, "", true},
		"success":                      {acc, "success", true},
		"success in safe mode":         {&safe, "success", true},
		"nothing in safe mode":         {&safe, "", true},
		"text":                         {acc, text, true},
		"encrypted text":               {&safe, seal(sealed), true},
		"plain text in safe mode":      {&safe, text, false},
		"encrypted for another":        {&safe, seal(foreign), false},
		"wrong signature":              {&safe, strings.Replace(seal(sealed), "<Nonce>6", "<Nonce>7", 1), false},
		"json":                         {acc, `{"ok":true}`, false},
		"broken xml":                   {acc, "<xml><a>", false},
		"unknown kind":                 {acc, strings.Replace(text, "text</MsgType>", "dance</MsgType>", 1), false},
		"addressed to somebody else":   {acc, strings.Replace(text, "o1", "o2", 1), false},
		"success with a byte too many": {acc, "success\n!", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readReply(c.acc, "o1", []byte(c.body))
			require.Equal(t, c.good, err == nil, err)
		})
	}
}

func TestABadAnswerShowsTheNoticeAndIsNotRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.answer = func(_ int, w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"ok":1}`) }
	fan := w.fan("a")
	_, err := w.SendText(testApp, fan, "hi")
	require.NoError(t, err)
	w.settle()
	require.Len(t, w.server.seen(), 1)
	require.Equal(t, UnavailableNotice, w.Inbox(fan)[0].Text)
}

func TestAPassiveReplyReachesThePhone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.Accounts[0].AESKey = "" })
	fan := w.fan("a")
	w.server.answer = func(_ int, rw http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(rw, "<xml><ToUserName>"+fan+"</ToUserName><FromUserName>gh_0123456789ab</FromUserName><CreateTime>5</CreateTime><MsgType>text</MsgType><Content>欢迎</Content></xml>")
	}
	_, err := w.SendText(testApp, fan, "hi")
	require.NoError(t, err)
	w.settle()
	require.Equal(t, ViaPassive, w.Inbox(fan)[0].Via)
	f, err := w.Follower(testApp, fan)
	require.NoError(t, err)
	require.Equal(t, 5, f.Left, "a passive reply does not count")
}

func TestOnePersonsPushesComeInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fan := w.fan("a")
	for i := range 50 {
		_, err := w.SendText(testApp, fan, strconv.Itoa(i))
		require.NoError(t, err)
	}
	w.settle()
	g := w.server.seen()
	require.Len(t, g, 50)
	for i := range g {
		require.Contains(t, g[i].xml, "<![CDATA["+strconv.Itoa(i)+"]]></Content>")
	}
}

func TestPushFaultsDoWhatTheySay(t *testing.T) {
	t.Parallel()
	run := func(t *testing.T, f PushFault, texts ...string) []got {
		t.Helper()
		w := newWorld(t)
		fan := w.fan("a")
		f.Count = 1
		_, err := w.AddPushFault(f)
		require.NoError(t, err)
		for _, text := range texts {
			_, err = w.SendText(testApp, fan, text)
			require.NoError(t, err)
		}
		w.settle()
		require.Empty(t, w.PushFaults(), "used up")
		return w.server.seen()
	}
	t.Run("duplicate", func(t *testing.T) {
		t.Parallel()
		g := run(t, PushFault{Kind: PushDuplicate}, "1")
		require.Len(t, g, 2)
		require.Equal(t, g[0].xml, g[1].xml)
	})
	t.Run("concurrent", func(t *testing.T) {
		t.Parallel()
		require.Len(t, run(t, PushFault{Kind: PushConcurrent}, "1"), 3)
	})
	t.Run("reorder", func(t *testing.T) {
		t.Parallel()
		g := run(t, PushFault{Kind: PushReorder}, "1", "2")
		require.Len(t, g, 2)
		require.Contains(t, g[0].xml, "[2]")
		require.Contains(t, g[1].xml, "[1]")
	})
	t.Run("reorder with nothing after it still arrives", func(t *testing.T) {
		t.Parallel()
		require.Len(t, run(t, PushFault{Kind: PushReorder}, "1"), 1)
	})
	t.Run("lost", func(t *testing.T) {
		t.Parallel()
		require.Len(t, run(t, PushFault{Kind: PushLost}, "1", "2"), 1)
	})
	t.Run("skew", func(t *testing.T) {
		t.Parallel()
		g := run(t, PushFault{Kind: PushSkew, Delay: -11 * time.Minute}, "1")
		stamp, err := strconv.ParseInt(g[0].query["timestamp"], 10, 64)
		require.NoError(t, err)
		require.InDelta(t, time.Now().Add(-11*time.Minute).Unix(), stamp, 5)
	})
}

func TestTheCallbackIsVerifiedByItsEcho(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.VerifyCallback(context.Background(), testApp))
	require.NoError(t, w.AddAccount(Account{AppID: testApp, Secret: testSecret, Token: "another", Callback: w.server.URL}))
	require.Error(t, w.VerifyCallback(context.Background(), testApp), "the server does not know that token")
}

func TestCloseEndsPushesThatAreStillTried(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.RetrySpacing = time.Hour })
	w.server.answer = func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	_, err := w.SendText(testApp, w.fan("a"), "hi")
	require.NoError(t, err)
	w.Close()
	_, err = w.SendText(testApp, w.fan("b"), "hi")
	require.Error(t, err)
}
