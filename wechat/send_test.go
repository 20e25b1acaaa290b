package wechat

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSendCustomer_sendsTextAsItIs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.answer(sendPath, `{"errcode":0,"errmsg":"ok"}`)
	text := "<a href=\"https://x.cn/?a=1&b=2\">看看</a> 宝宝😀 \"x\" 'y' >"
	require.NoError(t, r.api.SendCustomer(t.Context(), CustomerMessage{ToUser: "o1", Kind: KindText, Text: text}))
	calls := r.fake.calls(sendPath)
	require.Len(t, calls, 1)
	require.Equal(t, "token-1", calls[0].token)
	require.Contains(t, calls[0].body, `"content":"<a href=\"https://x.cn/?a=1&b=2\">看看</a> 宝宝😀 \"x\" 'y' >"`)
	require.Equal(t, []string{"stable_token 0 ok", "message/custom/send 0 ok"}, r.seen.calls)
}

func TestSendCustomer_writesEveryKindAsWeChatWantsIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.answer(sendPath, `{"errcode":0}`)
	cases := map[string]CustomerMessage{
		`{"touser":"o","msgtype":"image","image":{"media_id":"m"}}`: {Kind: KindImage, MediaID: "m"},
		`{"touser":"o","msgtype":"voice","voice":{"media_id":"m"}}`: {Kind: KindVoice, MediaID: "m"},
		`{"touser":"o","msgtype":"video","video":{"media_id":"m","thumb_media_id":"t","title":"a","description":"b"}}`: {
			Kind: KindVideo, MediaID: "m", ThumbMediaID: "t", Title: "a", Description: "b",
		},
		`{"touser":"o","msgtype":"news","news":{"articles":[{"title":"a","description":"b","url":"u","picurl":"p"}]}}`: {
			Kind: KindNews, Title: "a", Description: "b", URL: "u", PicURL: "p",
		},
		`{"touser":"o","msgtype":"miniprogrampage","miniprogrampage":{"title":"a","appid":"x","pagepath":"p","thumb_media_id":"t"}}`: {
			Kind: KindMiniProgramPage, Title: "a", AppID: "x", PagePath: "p", ThumbMediaID: "t",
		},
		`{"touser":"o","msgtype":"msgmenu","msgmenu":{"head_content":"h","list":[{"id":"1","content":"c"}],"tail_content":"t"}}`: {
			Kind: KindMenu, Menu: Menu{Head: "h", Items: []MenuItem{{"1", "c"}}, Tail: "t"},
		},
		`{"touser":"o","msgtype":"text","text":{"content":"a"},"customservice":{"kf_account":"k@a"}}`: {
			Kind: KindText, Text: "a", KfAccount: "k@a",
		},
	}
	for want, m := range cases {
		m.ToUser = "o"
		require.NoError(t, r.api.SendCustomer(t.Context(), m))
		calls := r.fake.calls(sendPath)
		require.Equal(t, want, calls[len(calls)-1].body)
	}
}

func TestSendCustomer_refusesAnIncompleteMessageWithoutSending(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, m := range []CustomerMessage{
		{Kind: KindText, Text: "a"},
		{ToUser: "o", Kind: KindText},
		{ToUser: "o", Kind: KindImage},
		{ToUser: "o", Kind: KindVoice},
		{ToUser: "o", Kind: KindVideo},
		{ToUser: "o", Kind: KindNews},
		{ToUser: "o", Kind: KindMiniProgramPage},
		{ToUser: "o", Kind: KindMenu},
		{ToUser: "o", Kind: "hologram", Text: "a"},
	} {
		r.requireError(t, r.api.SendCustomer(t.Context(), m), ReactGiveUp, "bad_input")
	}
	require.Empty(t, r.fake.seen)
}

func TestSendCustomer_saysWhatWeChatsRefusalAsksFor(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		code     int
		reaction Reaction
		reason   string
		rid      string
	}{
		`{"errcode":45015,"errmsg":"response out of time limit or subscription is canceled rid: 6234-ab openid-of-a-member"}`: {45015, ReactPending, "window_closed", "6234-ab"},
		`{"errcode":45047,"errmsg":"out of response count limit","rid":"77-f"}`:                                               {45047, ReactPending, "quota_used_up", "77-f"},
		`{"errcode":43004,"errmsg":"require subscribe"}`:                                                                      {43004, ReactGiveUp, "unsubscribed", ""},
		`{"errcode":40007,"errmsg":"invalid media_id"}`:                                                                       {40007, ReactReupload, "media_expired", ""},
		`{"errcode":45009}`:                      {45009, ReactStopAPIToday, "daily_quota", ""},
		`{"errcode":45011}`:                      {45011, ReactSlow, "rate_limited", ""},
		`{"errcode":-1,"errmsg":"system error"}`: {-1, ReactRetryOnce, "system_busy", ""},
		`{"errcode":40164,"errmsg":"invalid ip 127.0.0.1 http://x, not in whitelist rid: ../../private words"}`: {40164, ReactStopAccount, "ip_not_allowed", ""},
		`{"errcode":99999,"rid":"` + strings.Repeat("a", 65) + `"}`:                                             {99999, ReactGiveUp, "refused", ""},
	}
	for text, want := range cases {
		t.Run(want.reason, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.fake.answer(sendPath, text)
			err := r.send(t)
			r.requireError(t, err, want.reaction, want.reason)
			failure := asError(t, err)
			require.Equal(t, want.code, failure.Code)
			require.Equal(t, want.rid, failure.RID)
			require.Equal(t, "message/custom/send", failure.API)
			require.Len(t, r.fake.calls(sendPath), 1)
		})
	}
}

// hijack takes the connection away from the server's hands.
func hijack(t *testing.T, w http.ResponseWriter) net.Conn {
	t.Helper()
	conn, _, err := http.NewResponseController(w).Hijack()
	require.NoError(t, err)
	return conn
}

func TestSendCustomer_isUnknownOnceTheRequestMayHaveReachedWeChat(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason  string
		handler func(*testing.T) http.HandlerFunc
	}{
		"bad gateway": {"http_status", func(*testing.T) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
		}},
		"error page with a code": {"http_status", func(*testing.T) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusInternalServerError)
				_, _ = io.WriteString(w, `{"errcode":0}`)
			}
		}},
		"redirect": {"http_status", func(*testing.T) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
			}
		}},
		"cut connection": {"network", func(t *testing.T) http.HandlerFunc {
			t.Helper()
			return func(w http.ResponseWriter, _ *http.Request) { _ = hijack(t, w).Close() }
		}},
		"reset connection": {"network", func(t *testing.T) http.HandlerFunc {
			t.Helper()
			return func(w http.ResponseWriter, _ *http.Request) {
				conn := hijack(t, w)
				if tcp, ok := conn.(*net.TCPConn); ok {
					_ = tcp.SetLinger(0)
				}
				_ = conn.Close()
			}
		}},
		"cut answer": {"network", func(t *testing.T) http.HandlerFunc {
			t.Helper()
			return func(w http.ResponseWriter, _ *http.Request) {
				conn := hijack(t, w)
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{\"errcode\"")
				_ = conn.Close()
			}
		}},
		"page of a proxy":   {"bad_answer", text("<html>log in</html>")},
		"empty answer":      {"bad_answer", text("")},
		"answer of no code": {"bad_answer", text("{}")},
		"endless answer":    {"bad_answer", text(`{"errcode":0,"x":"` + strings.Repeat("x", maxAnswer) + `"}`)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.fake.on(sendPath, c.handler(t))
			r.requireError(t, r.send(t), ReactUnknown, c.reason)
			require.Len(t, r.fake.calls(sendPath), 1, "never sent again by itself")
			require.Empty(t, r.fake.calls("/elsewhere"))
		})
	}
}

func text(answer string) func(*testing.T) http.HandlerFunc {
	return func(*testing.T) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }
	}
}

func TestSendCustomer_isNotRepeatedOnAConnectionThatDiesWhileReused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.answer(sendPath, `{"errcode":0}`)
	require.NoError(t, r.send(t)) // leaves an idle connection behind
	r.fake.on(sendPath, func(w http.ResponseWriter, _ *http.Request) { _ = hijack(t, w).Close() })
	r.requireError(t, r.send(t), ReactUnknown, "network")
	require.Len(t, r.fake.calls(sendPath), 2)
}

func TestSendCustomer_isUnknownWithinTheTimeoutWhenWeChatIsSlow(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	r := newRig(t, func(o *Options) { o.Timeout = 200 * time.Millisecond })
	t.Cleanup(func() { close(release) })
	r.fake.on(sendPath, func(_ http.ResponseWriter, req *http.Request) {
		select {
		case <-release:
		case <-req.Context().Done():
		}
	})
	start := time.Now()
	err := r.send(t)
	r.requireError(t, err, ReactUnknown, "timeout")
	failure := asError(t, err)
	require.ErrorIs(t, failure, context.DeadlineExceeded)
	require.Less(t, time.Since(start), 5*time.Second)
}

func TestSendCustomer_isUnknownWhenTheCallerLeavesAfterTheRequestLeft(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx, cancel := context.WithCancel(t.Context())
	r.fake.on(sendPath, func(_ http.ResponseWriter, req *http.Request) {
		cancel()
		<-req.Context().Done()
	})
	err := r.api.SendCustomer(ctx, CustomerMessage{ToUser: "o", Kind: KindText, Text: "a"})
	r.requireError(t, err, ReactUnknown, "canceled")
	failure := asError(t, err)
	require.ErrorIs(t, failure, context.Canceled)
}

func TestSendCustomer_mayBeRepeatedWhenNothingLeft(t *testing.T) {
	t.Parallel()
	t.Run("refused dial", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		_, err := r.api.Token(t.Context())
		require.NoError(t, err)
		r.fake.server.Close()
		r.client.Close()
		r.requireError(t, r.send(t), ReactRetryLater, "network")
	})
	t.Run("unknown certificate", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		secure := newTLS(t)
		client, err := NewClient(Options{BaseURL: secure, Tokens: r.store, Now: r.clock.Now})
		require.NoError(t, err)
		t.Cleanup(client.Close)
		r.store.values[client.Account(Credentials{AppID: testAppID}).tokens.key()] = "token-1"
		err = client.Account(Credentials{AppID: testAppID}).SendCustomer(t.Context(), CustomerMessage{ToUser: "o", Kind: KindText, Text: "a"})
		r.requireError(t, err, ReactRetryLater, "network")
	})
	t.Run("no token to be had", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.fake.on(tokenPath, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
		r.requireError(t, r.send(t), ReactRetryLater, "http_status")
		require.Empty(t, r.fake.calls(sendPath))
	})
	t.Run("left before the start", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		_, err := r.api.Token(t.Context())
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err = r.api.SendCustomer(ctx, CustomerMessage{ToUser: "o", Kind: KindText, Text: "a"})
		r.requireError(t, err, ReactRetryLater, "canceled")
		require.Empty(t, r.fake.calls(sendPath))
	})
}

func TestSendCustomer_isNotSentWhileTheCircuitIsOpen(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.on(sendPath, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	for range circuitFailures {
		r.requireError(t, r.send(t), ReactUnknown, "http_status")
	}
	refused := r.send(t)
	r.requireError(t, refused, ReactRetryLater, "circuit_open")
	require.Equal(t, circuitPause, asError(t, refused).After)
	require.Len(t, r.fake.calls(sendPath), circuitFailures)

	// Another account goes on.
	other := r.client.Account(Credentials{AppID: "wxother", Secret: testSecret})
	r.requireError(t, other.SendCustomer(t.Context(), CustomerMessage{ToUser: "o", Kind: KindText, Text: "a"}), ReactUnknown, "http_status")
}

func TestSendCustomer_keepsTheCircuitClosedWhenWeChatRefuses(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.answer(sendPath, `{"errcode":45047}`)
	for range 2 * circuitFailures {
		r.requireError(t, r.send(t), ReactPending, "quota_used_up")
	}
}
