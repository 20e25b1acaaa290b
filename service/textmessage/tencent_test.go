package textmessage_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/service/textmessage"
	"liuke/service/textmessage/standin"
)

func approved() standin.Account {
	return standin.Account{
		SecretID: "AKIDtest0123", SecretKey: "keyOfTheTest", AppID: "1400006666", Signature: "留客母婴",
		Templates: map[string]string{"1110": "{1}您好，{2}的活动，拒收请回复R"},
	}
}

func sender(t *testing.T, baseURL string, change func(*textmessage.TencentAccount)) textmessage.Provider {
	t.Helper()
	client, err := textmessage.NewTencent(baseURL, time.Now)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	a := textmessage.TencentAccount{SecretID: "AKIDtest0123", SecretKey: "keyOfTheTest", AppID: "1400006666", Region: "ap-guangzhou"}
	if change != nil {
		change(&a)
	}
	return client.Account(a)
}

func letter() textmessage.Message {
	return textmessage.Message{
		ID: "m1", Phone: "+8613800000001", Signature: "留客母婴", TemplateID: "1110", Text: "{1}您好，{2}的活动，拒收请回复R", Params: []string{"王<女士>", "中山路店"},
	}
}

func TestTencent_sendsWhatTheProviderTakes(t *testing.T) {
	t.Parallel()
	there := standin.New(approved(), time.Now)
	server := httptest.NewServer(there)
	t.Cleanup(server.Close)
	p := sender(t, server.URL, nil)
	got, err := p.Send(t.Context(), letter())
	require.NoError(t, err)
	require.Equal(t, textmessage.Receipt{Parts: 1}, got)
	long := letter()
	long.Params[0] = strings.Repeat("长", 60)
	got, err = p.Send(t.Context(), long)
	require.NoError(t, err)
	require.EqualValues(t, 2, got.Parts)
	require.Equal(t, standin.Sent{
		Phone: "+8613800000001", Text: "【留客母婴】王<女士>您好，中山路店的活动，拒收请回复R", Context: "m1", Parts: 1,
	}, there.Sent()[0])
}

func TestTencent_tellsWhatARefusalMeans(t *testing.T) {
	t.Parallel()
	there := standin.New(approved(), time.Now)
	server := httptest.NewServer(there)
	t.Cleanup(server.Close)
	wrong := func(change func(*textmessage.TencentAccount)) textmessage.Provider {
		return sender(t, server.URL, change)
	}
	right := sender(t, server.URL, nil)
	with := func(change func(*textmessage.Message)) textmessage.Message {
		m := letter()
		change(&m)
		return m
	}
	none := func(*textmessage.Message) {}
	for name, c := range map[string]struct {
		by       textmessage.Provider
		message  textmessage.Message
		fault    standin.Fault
		reaction textmessage.Reaction
		reason   string
	}{
		"another key":      {by: wrong(func(a *textmessage.TencentAccount) { a.SecretKey = "other" }), message: with(none), reaction: textmessage.Mend, reason: textmessage.ReasonCredentials},
		"another id":       {by: wrong(func(a *textmessage.TencentAccount) { a.SecretID = "AKIDother" }), message: with(none), reaction: textmessage.Mend, reason: textmessage.ReasonCredentials},
		"another app":      {by: wrong(func(a *textmessage.TencentAccount) { a.AppID = "1400000000" }), message: with(none), reaction: textmessage.Mend, reason: textmessage.ReasonCredentials},
		"signature":        {message: with(func(m *textmessage.Message) { m.Signature = "别家" }), reaction: textmessage.Mend, reason: textmessage.ReasonSignature},
		"template":         {message: with(func(m *textmessage.Message) { m.TemplateID = "7" }), reaction: textmessage.Mend, reason: textmessage.ReasonTemplate},
		"blanks":           {message: with(func(m *textmessage.Message) { m.Params = nil }), reaction: textmessage.Mend, reason: textmessage.ReasonTemplate},
		"phone":            {message: with(func(m *textmessage.Message) { m.Phone = "+85251234567" }), reaction: textmessage.GiveUp, reason: textmessage.ReasonBadPhone},
		"balance":          {message: with(none), fault: standin.Fault{Code: "FailedOperation.InsufficientBalanceInSmsPackage"}, reaction: textmessage.Mend, reason: textmessage.ReasonNoBalance},
		"arrears":          {message: with(none), fault: standin.Fault{Code: "UnauthorizedOperation.SerivceSuspendDueToArrears"}, reaction: textmessage.Mend, reason: textmessage.ReasonNoBalance},
		"he refused":       {message: with(none), fault: standin.Fault{Code: "FailedOperation.PhoneNumberInBlacklist"}, reaction: textmessage.GiveUp, reason: textmessage.ReasonBlacklisted},
		"often":            {message: with(none), fault: standin.Fault{Code: "LimitExceeded.PhoneNumberDailyLimit"}, reaction: textmessage.NextWay, reason: textmessage.ReasonTooOften},
		"the day":          {message: with(none), fault: standin.Fault{Code: "LimitExceeded.AppDailyLimit"}, reaction: textmessage.StopToday, reason: textmessage.ReasonDay},
		"rate":             {message: with(none), fault: standin.Fault{Code: "RequestLimitExceeded", Whole: true}, reaction: textmessage.Slow, reason: textmessage.ReasonRate},
		"hours":            {message: with(none), fault: standin.Fault{Code: "FailedOperation.MarketingSendTimeConstraint"}, reaction: textmessage.Later, reason: textmessage.ReasonHours},
		"words":            {message: with(none), fault: standin.Fault{Code: "FailedOperation.ContainSensitiveWord"}, reaction: textmessage.GiveUp, reason: textmessage.ReasonContent},
		"its own fault":    {message: with(none), fault: standin.Fault{Code: "InternalError.Timeout"}, reaction: textmessage.Unknown, reason: textmessage.ReasonProvider},
		"a code of later":  {message: with(none), fault: standin.Fault{Code: "FailedOperation.NewOne"}, reaction: textmessage.GiveUp, reason: textmessage.ReasonRefused},
		"another status":   {message: with(none), fault: standin.Fault{Status: 502}, reaction: textmessage.Unknown, reason: textmessage.ReasonNoAnswer},
		"a cut connection": {message: with(none), fault: standin.Fault{Cut: true}, reaction: textmessage.Unknown, reason: textmessage.ReasonNoAnswer},
	} {
		if c.fault != (standin.Fault{}) {
			there.Next(c.fault)
		}
		if c.by == nil {
			c.by = right
		}
		_, err := c.by.Send(t.Context(), c.message)
		var e *textmessage.Error
		require.ErrorAs(t, err, &e, name)
		require.Equal(t, c.reaction, e.Reaction, name)
		require.Equal(t, c.reason, e.Reason, name)
		require.NotContains(t, err.Error(), "138", name)
	}
}

func TestTencent_tellsWhatSurelyWasNotSentFromWhatMayHaveBeen(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	gone := "http://" + l.Addr().String()
	require.NoError(t, l.Close())
	var e *textmessage.Error
	_, err = sender(t, gone, nil).Send(t.Context(), letter())
	require.ErrorAs(t, err, &e)
	require.Equal(t, textmessage.Later, e.Reaction)

	answers := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else nobody notices that the caller has hung up
		select {
		case text := <-answers:
			_, _ = w.Write([]byte(text))
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	for _, text := range []string{``, `<html>`, `{}`, `{"Response":{}}`, `{"Response":{"SendStatusSet":[]}}`, `{"Response":{"SendStatusSet":[{"Code":""}]}}`} {
		answers <- text
		_, err = sender(t, server.URL, nil).Send(t.Context(), letter())
		require.ErrorAs(t, err, &e, text)
		require.Equal(t, textmessage.Unknown, e.Reaction, text)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = sender(t, server.URL, nil).Send(ctx, letter())
	require.ErrorAs(t, err, &e)
	require.Equal(t, textmessage.Unknown, e.Reaction)
}

func TestNewTencent_refusesWhatIsNoAddress(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "sms.example.com", "ftp://a", "http://"} {
		_, err := textmessage.NewTencent(base, time.Now)
		require.Error(t, err, base)
	}
}
