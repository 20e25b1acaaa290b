package wechat

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type vectorFile struct {
	Token    string `json:"token"`
	Key      string `json:"encoding_aes_key"`
	AppID    string `json:"appid"`
	GetCheck struct {
		Token, Timestamp, Nonce, Signature string
	} `json:"get_check"`
	Vectors []struct {
		Name   string            `json:"name"`
		Query  map[string]string `json:"query"`
		Body   string            `json:"body"`
		Expect struct {
			Accepted  bool            `json:"accepted"`
			Plaintext string          `json:"plaintext_base64"`
			Status    json.RawMessage `json:"status"`
		} `json:"expect"`
		Fields map[string]any `json:"fields"`
	} `json:"vectors"`
}

func readVectors(tb testing.TB) vectorFile {
	tb.Helper()
	raw, err := os.ReadFile("testdata/callbacks.json")
	require.NoError(tb, err)
	var file vectorFile
	require.NoError(tb, json.Unmarshal(raw, &file))
	require.NotEmpty(tb, file.Vectors)
	return file
}

func (f vectorFile) secrets() Secrets {
	return Secrets{AppID: f.AppID, Token: f.Token, AESKeys: []string{f.Key}}
}

func vectorQuery(q map[string]string) Query {
	return Query{
		Signature: q["signature"], Timestamp: q["timestamp"], Nonce: q["nonce"],
		EncryptType: q["encrypt_type"], MsgSignature: q["msg_signature"],
	}
}

func TestVectors_comeOutAsTheIndependentImplementationSays(t *testing.T) {
	t.Parallel()
	file := readVectors(t)
	for _, v := range file.Vectors {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			now := unixTime(v.Query["timestamp"])
			plain, err := OpenPush(file.secrets(), vectorQuery(v.Query), []byte(v.Body), now)
			if !v.Expect.Accepted {
				require.ErrorIs(t, err, ErrForbidden)
				require.Contains(t, string(v.Expect.Status), "403")
				return
			}
			require.NoError(t, err)
			want, err := base64.StdEncoding.DecodeString(v.Expect.Plaintext)
			require.NoError(t, err)
			require.Equal(t, want, plain)
			push, err := Parse(plain)
			require.NoError(t, err)
			require.Equal(t, "gh_0123456789ab", push.ToUser)
			require.Equal(t, "oLiukeVector0000000000000001", push.FromUser)
			require.Equal(t, now.Add(-time.Second), push.CreateTime)
			require.NotEmpty(t, v.Fields)
			for name, value := range v.Fields {
				require.Equal(t, value, vectorField(t, push, name), name)
			}
		})
	}
}

// vectorField finds a field of the vector file in the typed push.
func vectorField(t *testing.T, push Push, name string) any {
	t.Helper()
	switch name {
	case "MsgType":
		return push.MsgType
	case "MsgId", "MsgID":
		return push.MsgID
	case "Event":
		if push.Event == "masssendjobfinish" {
			return strings.ToUpper(push.Event)
		}
		return push.Event
	case "Content":
		return push.Body.(Text).Content
	case "EventKey":
		return push.Body.(Subscribe).EventKey
	case "lists":
		return float64(len(push.Body.(SubscribePopup).Lists))
	case "Status":
		return push.Body.(MassSendFinished).Status
	default:
		require.Fail(t, "field of the vector file without a place", name)
		return nil
	}
}

func TestCheckURL_acceptsWeChatsOwnExample(t *testing.T) {
	t.Parallel()
	check := readVectors(t).GetCheck
	s := Secrets{AppID: "wx1", Token: check.Token}
	q := Query{Signature: check.Signature, Timestamp: check.Timestamp, Nonce: check.Nonce, Echostr: "echo"}
	now := unixTime(check.Timestamp)
	require.NoError(t, CheckURL(s, q, now))
	require.NoError(t, CheckURL(s, q, now.Add(MaxClockSkew)))
	require.ErrorIs(t, CheckURL(s, q, now.Add(MaxClockSkew+time.Second)), ErrForbidden)
	s.Token = "BBBBB"
	require.ErrorIs(t, CheckURL(s, q, now), ErrForbidden)
	require.ErrorIs(t, CheckURL(Secrets{}, q, now), ErrForbidden)
}
