package wechat

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVerdict_readsTheWordsOfAllThreeEvents(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]string{
		"success": "", "SUCCESS": "", "failed:user block": "blocked_by_member", "failed: user block": "blocked_by_member",
		"failed: system failed": "system_failed", "failed:system failed": "system_failed", "failed:freq limit": "rate_limited", "failed:moon": "refused", "": "refused",
	} {
		delivered, reason := TemplateSendFinished{Status: status}.Verdict()
		require.Equal(t, want, reason, status)
		require.Equal(t, want == "", delivered, status)
	}
	for status, want := range map[string]string{
		"send success": "", "sendsuccess": "", "send fail": "send_failed", "err(10001)": "judged_advertising", "err(20001)": "judged_politics",
		"err(20002)": "judged_porn", "err(20004)": "judged_social", "err(20006)": "judged_crime", "err(20008)": "judged_fraud",
		"err(20013)": "judged_copyright", "err(21000)": "judged_other", "err(22000)": "judged_mutual_promotion", "err(30001)": "judged_reprint",
		"err(30002)": "judged_reprint", "err(30003)": "judged_reprint", "err(40001)": "admin_refused", "err(40002)": "admin_silent", "err(7)": "refused", "": "refused",
	} {
		sent, reason := MassSendFinished{Status: status}.Verdict()
		require.Equal(t, want, reason, status)
		require.Equal(t, want == "", sent, status)
	}
	for code, want := range map[int]string{0: "", 43101: "no_consent", -1: "system_busy", 5: "refused"} {
		delivered, reason := SubscribeResult{Code: code}.Verdict()
		require.Equal(t, want, reason, code)
		require.Equal(t, want == "", delivered, code)
	}
}
