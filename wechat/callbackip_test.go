package wechat

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCallbackIPs_listsWhereWeChatPushesFrom(t *testing.T) {
	t.Parallel()
	rg := newRig(t)
	f := rg.fake
	f.on("/cgi-bin/getcallbackip", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ip_list":["127.0.0.1","127.0.0.0/24"]}`)
	})
	ips, err := rg.api.CallbackIPs(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"127.0.0.1", "127.0.0.0/24"}, ips)
}

func TestCheckSecret_asksAnewAndTellsTheAddressThatIsRefused(t *testing.T) {
	t.Parallel()
	rg := newRig(t)
	f := rg.fake
	api := rg.api
	_, err := api.Token(t.Context())
	require.NoError(t, err)
	require.NoError(t, api.CheckSecret(t.Context()))
	require.Equal(t, 2, f.tokens, "though a token was there")

	f.on("/cgi-bin/stable_token", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"errcode":40164,"errmsg":"invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: 1-2-3"}`)
	})
	err = api.CheckSecret(t.Context())
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "ip_not_allowed", e.Reason)
	require.Equal(t, "203.0.113.9", e.IP)
}

func TestRefusalOf_tellsWhatToMend(t *testing.T) {
	t.Parallel()
	for detail, want := range map[string]string{
		"signature": RefusedToken, "msg_signature": RefusedToken, "sealed text": RefusedAESKey, "clock": RefusedTimestamp,
		"encrypted push to an account without a key": RefusedNoAESKey, "plain push to an account with a key": RefusedPlain,
	} {
		require.Equal(t, want, RefusalOf(refuse(ErrForbidden, detail)), detail)
	}
	require.Empty(t, RefusalOf(refuse(ErrBroken, "base64")))
	require.Empty(t, RefusalOf(errors.New("other")))
	require.Empty(t, refusedIP(apiToken, 40001, "invalid ip 1.2.3.4"))
	require.Equal(t, "2001:db8::1", refusedIP(apiToken, 61004, "access clientip is not registered hint: ip: 2001:db8::1"))
}
