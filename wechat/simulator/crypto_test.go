package simulator

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"os"
	"testing"

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
			Accepted bool   `json:"accepted"`
			Plain    string `json:"plaintext_base64"`
		} `json:"expect"`
	} `json:"vectors"`
}

func TestCallbacksOfAnotherImplementationOpenAsTheySay(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/callbacks.json")
	require.NoError(t, err)
	var f vectorFile
	require.NoError(t, json.Unmarshal(data, &f))
	require.Equal(t, f.GetCheck.Signature, sign(f.GetCheck.Token, f.GetCheck.Timestamp, f.GetCheck.Nonce))
	require.NotEmpty(t, f.Vectors)
	key, err := decodeKey(f.Key)
	require.NoError(t, err)
	for _, v := range f.Vectors {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			var body struct{ Encrypt string }
			require.NoError(t, xml.Unmarshal([]byte(v.Body), &body))
			signed := body.Encrypt != "" && sign(f.Token, v.Query["timestamp"], v.Query["nonce"], body.Encrypt) == v.Query["msg_signature"]
			msg, appid, err := decrypt(key, body.Encrypt)
			require.Equal(t, v.Expect.Accepted, signed && err == nil && appid == f.AppID)
			if v.Expect.Accepted {
				require.Equal(t, v.Query["signature"], sign(f.Token, v.Query["timestamp"], v.Query["nonce"]))
				require.Equal(t, v.Expect.Plain, base64.StdEncoding.EncodeToString(msg))
			}
		})
	}
}

func TestWhatIsEncryptedDecryptsAtEveryLength(t *testing.T) {
	t.Parallel()
	key, err := decodeKey(testKey)
	require.NoError(t, err)
	for n := range 70 {
		in := make([]byte, n)
		text, err := encrypt(key, testApp, in)
		require.NoError(t, err)
		raw, err := base64.StdEncoding.DecodeString(text)
		require.NoError(t, err)
		require.Zero(t, len(raw)%padBlock)
		out, appid, err := decrypt(key, text)
		require.NoError(t, err)
		require.Equal(t, testApp, appid)
		require.Len(t, out, n)
	}
}

func TestXMLKeepsControlCharactersAndSplitsCDATA(t *testing.T) {
	t.Parallel()
	require.Equal(t, "<xml><A><![CDATA[x\x08]]]]><![CDATA[>y]]></A><N>5</N><B><C><![CDATA[]]></C></B></xml>", writeXML([]Field{
		{Name: "A", Value: "x\x08]]>y"}, number("N", 5), {Name: "B", Fields: []Field{{Name: "C"}}},
	}))
}
