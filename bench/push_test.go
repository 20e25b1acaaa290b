package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/wechat"
)

func TestRequest_isAPushThatWeChatCouldHaveSent(t *testing.T) {
	t.Parallel()
	a := account{AppID: "wx0123456789abcdef", Token: "benchToken", AESKey: strings.Repeat("a", 42) + "A"}
	s, err := newSealer(a)
	require.NoError(t, err)
	now := time.Unix(1_700_000_000, 0)

	request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(
		s.request("127.0.0.1:1", "oBench1", textMessage("oBench1", 42, now.Unix()), now.Unix()))))
	require.NoError(t, err)
	body, err := io.ReadAll(request.Body)
	require.NoError(t, err)
	require.Equal(t, "/wechat/"+a.AppID, request.URL.Path)
	q := request.URL.Query()
	plain, err := wechat.OpenPush(wechat.Secrets{AppID: a.AppID, Token: a.Token, AESKeys: []string{a.AESKey}}, wechat.Query{
		Signature: q.Get("signature"), Timestamp: q.Get("timestamp"), Nonce: q.Get("nonce"),
		EncryptType: q.Get("encrypt_type"), MsgSignature: q.Get("msg_signature"),
	}, body, now)
	require.NoError(t, err)
	push, err := wechat.Parse(plain)
	require.NoError(t, err)
	require.Equal(t, "oBench1", push.OpenID())
	require.Equal(t, "text", push.MsgType)
	require.IsType(t, wechat.Text{}, push.Body)
}

func TestPrepare_sendsNothingTwice(t *testing.T) {
	t.Parallel()
	o := order{
		Host: "127.0.0.1:1", Connections: 3, Limit: 10, Pool: 4, First: 100,
		Account: account{AppID: "wx1", Token: "t", AESKey: strings.Repeat("a", 42) + "A"},
	}
	lanes, err := o.prepare()
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, l := range lanes {
		for _, request := range l.requests {
			seen[string(request)] = true
		}
	}
	require.Len(t, seen, o.Limit)
}

func TestSummary_countsWhatWasNotTaken(t *testing.T) {
	t.Parallel()
	lanes := []*lane{
		{latencies: []time.Duration{3 * time.Millisecond, time.Millisecond}},
		{latencies: []time.Duration{2 * time.Millisecond}, failed: 1, first: "503"},
	}
	require.Equal(t, outcome{Success: 3, Failed: 1, Seconds: 2, Rate: 1.5, P50: 2, P99: 3, Max: 3, First: "503"},
		summary(lanes, 2*time.Second))
}

func TestSpreadOf_showsTheMedianAndTheEnds(t *testing.T) {
	t.Parallel()
	require.Equal(t, "2.0 [1.0–9.0]", spreadOf([]float64{9, 1, 2}, "%.1f"))
	require.Equal(t, "2", spreadOf([]float64{2, 2, 2.1}, "%.0f"))
}
