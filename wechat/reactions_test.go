package wechat

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestClassify_knowsEveryCodeOfTheFactPage(t *testing.T) {
	t.Parallel()
	type entry struct {
		reaction Reaction
		reason   string
		codes    []int
	}
	for _, e := range []entry{
		{ReactNone, "", []int{0}},
		{ReactRetryOnce, "system_busy", []int{-1, 61450}},
		{ReactRetryLater, "token_invalid", []int{40001, 40014, 42001}},
		{ReactGiveUp, "token_missing", []int{41001}},
		{ReactStopAccount, "config_appid", []int{40013, 41002}},
		{ReactStopAccount, "config_secret", []int{40125, 41004}},
		{ReactStopAccount, "ip_not_allowed", []int{40164, 61004}},
		{ReactStopAccount, "secret_frozen", []int{40243}},
		{ReactStopAccount, "admin_confirmation", []int{89501, 89502, 89503, 89504, 89505, 89506, 89507}},
		{ReactGiveUp, "bad_openid", []int{40003, 46004, 49003}},
		{ReactGiveUp, "unsubscribed", []int{43004, 50005}},
		{ReactGiveUp, "blacklisted", []int{43019}},
		{ReactGiveUp, "no_consent", []int{43101}},
		{ReactGiveUp, "blocked_by_member", []int{48002}},
		{ReactPending, "window_closed", []int{45015}},
		{ReactPending, "quota_used_up", []int{45047}},
		{ReactStopAPIToday, "daily_quota", []int{45009}},
		{ReactSlow, "rate_limited", []int{45011}},
		{ReactGiveUp, "no_mass_quota", []int{45028}},
		{ReactAccepted, "already_accepted", []int{45065}},
		{ReactSlow, "client_id_too_soon", []int{45066}},
		{ReactGiveUp, "client_id_too_long", []int{45067}},
		{ReactGiveUp, "too_many_articles", []int{45008}},
		{ReactGiveUp, "too_long", []int{45001, 45002, 45003, 45004, 45005, 45006, 45007}},
		{ReactReupload, "media_expired", []int{40007}},
		{ReactGiveUp, "bad_media", []int{40004, 40005, 40006, 40008, 40009, 40010, 40011, 40012}},
		{ReactGiveUp, "empty_content", []int{44001, 44002, 44003, 44004}},
		{ReactGiveUp, "bad_format", []int{47001, 47003}},
		{ReactGiveUp, "config_template", []int{40037}},
		{ReactGiveUp, "bad_list_size", []int{40130, 40032, 40031}},
		{ReactIgnore, "typing", []int{45072, 45080, 45081}},
		{ReactGiveUp, "api_not_granted", []int{48001}},
		{ReactGiveUp, "mass_not_agreed", []int{48003}},
		{ReactStopAPIToday, "api_banned", []int{48004, 50002}},
		{ReactGiveUp, "clear_quota_used_up", []int{48006}},
		{ReactGiveUp, "kind_not_granted", []int{48008}},
		{ReactGiveUp, "not_authorised", []int{50001}},
		{ReactGiveUp, "account_kind", []int{40200}},
		{ReactGiveUp, "bad_parameter", []int{61451}},
		{ReactGiveUp, "bad_kf_account", []int{61452, 61453, 61454, 61455, 61456, 61457}},
		{ReactGiveUp, "bad_date", []int{61500}},
		{ReactGiveUp, "kf_session", []int{65400, 65401, 65402, 65413, 65414, 65415}},
		{ReactGiveUp, "content_refused", []int{85001, 87014}},
		{ReactGiveUp, "refused", []int{1, 12345, 99999, -2}},
	} {
		for _, code := range e.codes {
			reaction, reason := Classify("message/custom/send", code)
			require.Equal(t, e.reaction.String(), reaction.String(), code)
			require.Equal(t, e.reason, reason, code)
		}
	}
}

func TestClassify_readsSomeCodesByTheAPI(t *testing.T) {
	t.Parallel()
	for _, code := range []int{40001, 40014, 42001} {
		reaction, reason := Classify("stable_token", code)
		require.Equal(t, ReactStopAccount, reaction)
		require.Equal(t, "config_secret", reason)
	}
	for _, code := range []int{-1, 61450} {
		for _, api := range []string{"user/info", apiTemplateSend, apiMassSend, apiMassGet} {
			reaction, _ := Classify(api, code)
			require.Equal(t, ReactRetryLater, reaction, api)
		}
		for _, api := range []string{apiCustomSend, apiSubscribeSend} {
			reaction, _ := Classify(api, code)
			require.Equal(t, ReactRetryOnce, reaction, "nothing tells a repeat from a second message")
		}
	}
}

func TestReaction_hasAWordForEach(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for r := ReactNone; r <= ReactIgnore; r++ {
		word := r.String()
		require.Regexp(t, `^[a-z_]+$`, word)
		require.False(t, seen[word])
		seen[word] = true
	}
	require.Equal(t, "99", Reaction(99).String())
}
