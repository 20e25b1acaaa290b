package textmessage

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The example of the document on signatures (213/30654). It keeps its key to itself, so what it tells of the way there is
// compared: the request as it is signed.
func TestCanonical_isThatOfTheDocument(t *testing.T) {
	t.Parallel()
	const body = `{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`
	require.Equal(t, "35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064", hash([]byte(body)))
	request := canonical("cvm.tencentcloudapi.com", "DescribeInstances", []byte(body))
	require.Equal(t, "7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84", hash([]byte(request)))
	// 02:04 in Beijing is still the day before in Greenwich.
	header := authorization("AKIDtest", "key", "cvm", request, time.Unix(1551113065, 0))
	require.True(t, strings.HasPrefix(header, "TC3-HMAC-SHA256 Credential=AKIDtest/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host;x-tc-action, Signature="))
}

func TestParts_areCountedWithTheSignature(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int64{0: 1, 64: 1, 65: 2, 128: 2, 129: 3, 494: 8} {
		require.Equal(t, want, Parts("留客母婴", strings.Repeat("字", n)), n)
	}
}

func TestFilled_putsEachParameterIntoItsBlankOnce(t *testing.T) {
	t.Parallel()
	require.Equal(t, "{2}和乙，{3}", Filled("{1}和{2}，{3}", []string{"{2}", "乙"}))
	many := make([]string, 12)
	for i := range many {
		many[i] = strconv.Itoa(i + 1)
	}
	require.Equal(t, "12 1", Filled("{12} {1}", many))
}

func TestRecorder_keepsTheLatest(t *testing.T) {
	t.Parallel()
	var r Recorder
	for n := range maxRecorded + 2 {
		receipt, err := r.Send(t.Context(), Message{ID: strconv.Itoa(n), Text: "字"})
		require.NoError(t, err)
		require.EqualValues(t, 1, receipt.Parts)
	}
	require.Len(t, r.Sent(), maxRecorded)
	require.Equal(t, "2", r.Sent()[0].ID)
}
