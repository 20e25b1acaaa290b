package simulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/wechat"
	"liuke/wechat/simulator"
)

// These tests hold our client, its judgement and its reading of pushes against the simulator, which knows nothing of it.

const clientApp = "wx00000000000000aa"

type peer struct {
	*simulator.Simulator
	t   *testing.T
	api *wechat.API
}

func newPeer(t *testing.T) *peer {
	t.Helper()
	s, err := simulator.New(simulator.Options{Now: time.Now, Accounts: []simulator.Account{{AppID: clientApp, Secret: "secret", Token: "token"}}})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	client, err := wechat.NewClient(wechat.Options{BaseURL: server.URL, Now: s.Clock})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return &peer{Simulator: s, t: t, api: client.Account(wechat.Credentials{AppID: clientApp, Secret: "secret"})}
}

func (p *peer) fan(name string) string {
	p.t.Helper()
	person := p.NewPerson(name)
	require.NoError(p.t, p.FollowQuietly(clientApp, person.OpenID))
	return person.OpenID
}

func (p *peer) fault(f simulator.Fault) {
	p.t.Helper()
	f.Count = 1
	_, err := p.AddFault(f)
	require.NoError(p.t, err)
}

// last is the newest push as our parser reads it.
func (p *peer) last() wechat.Push {
	p.t.Helper()
	all := p.Pushes()
	require.NotEmpty(p.t, all)
	push, err := wechat.Parse([]byte(all[len(all)-1].XML))
	require.NoError(p.t, err)
	return push
}

func TestALostMassIsFoundAgainByItsID(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	a, b := p.fan("a"), p.fan("b")
	m := wechat.MassMessage{ToUsers: []string{a, b}, Kind: wechat.KindText, Text: "春装到店 <b>", ClientMsgID: "job-1"}
	try := func() wechat.Result {
		id, err := p.api.SendMass(t.Context(), m)
		return wechat.ResultOf(id, err, p.Clock(), 0)
	}
	p.fault(simulator.Fault{Path: "/cgi-bin/message/mass/send", Kind: simulator.FaultCutAfter})
	lost := try()
	require.Equal(t, wechat.OutcomeUnknown, lost.Outcome)
	require.Equal(t, wechat.OutcomeLater, try().Outcome, "asked again too soon")
	p.SetClock(lost.After)
	found := try()
	require.Equal(t, wechat.OutcomeAccepted, found.Outcome)
	require.Len(t, p.Inbox(a), 1, "sent once")
	require.Equal(t, "春装到店 <b>", p.Inbox(a)[0].Text)

	finished, ok := p.last().Body.(wechat.MassSendFinished)
	require.True(t, ok)
	require.Equal(t, wechat.MassSendFinished{MsgID: found.MsgID, Status: "send success", TotalCount: 2, FilterCount: 2, SentCount: 2, CheckState: 1}, finished)
	require.Empty(t, p.last().OpenID())
	state, err := p.api.MassState(t.Context(), found.MsgID)
	require.NoError(t, err)
	require.Equal(t, wechat.MassSent, state)
	require.Error(t, p.api.DeleteMass(t.Context(), found.MsgID), "a text cannot be taken back")
}

func TestArticlesCanBeTakenOffAgain(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	a, b := p.fan("a"), p.fan("b")
	send := func(mediaID string) wechat.Result {
		id, err := p.api.SendMass(t.Context(), wechat.MassMessage{ToUsers: []string{a, b}, Kind: wechat.KindArticles, MediaID: mediaID, ClientMsgID: "job-1"})
		return wechat.ResultOf(id, err, p.Clock(), 0)
	}
	require.Equal(t, wechat.ReasonMediaExpired, send("of nobody").Reason)
	sent := send(p.draft("春装到店"))
	require.Equal(t, wechat.OutcomeAccepted, sent.Outcome)
	require.Equal(t, "春装到店", p.Inbox(b)[0].Title)
	require.NoError(t, p.api.DeleteMass(t.Context(), sent.MsgID))
	state, err := p.api.MassState(t.Context(), sent.MsgID)
	require.NoError(t, err)
	require.Equal(t, wechat.MassDeleted, state)
	require.Len(t, p.Inbox(b), 1, "the card stays on the phone")
}

// draft makes an article at WeChat, as an editor does there by hand.
func (p *peer) draft(title string) string {
	p.t.Helper()
	token, err := p.api.Token(p.t.Context())
	require.NoError(p.t, err)
	body := `{"articles":[{"title":"` + title + `","digest":"d","content":"c","content_source_url":"https://example.com/a"}]}`
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/cgi-bin/draft/add?access_token="+token, strings.NewReader(body)))
	var out struct {
		MediaID string `json:"media_id"`
	}
	require.NoError(p.t, json.Unmarshal(w.Body.Bytes(), &out))
	require.NotEmpty(p.t, out.MediaID, w.Body.String())
	return out.MediaID
}

func TestAMassWaitsForTheNextBeijingDayWhenTheQuotaIsUsedUp(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	p.SetClock(time.Date(2026, 3, 31, 15, 0, 0, 0, time.UTC))
	to := []string{p.fan("a"), p.fan("b")}
	require.NoError(t, p.SetQuota(clientApp, "/cgi-bin/message/mass/send", 1, 0))
	try := func(id string) wechat.Result {
		msgID, err := p.api.SendMass(t.Context(), wechat.MassMessage{ToUsers: to, Kind: wechat.KindText, Text: id, ClientMsgID: id})
		return wechat.ResultOf(msgID, err, p.Clock(), 0)
	}
	require.Equal(t, wechat.OutcomeAccepted, try("1").Outcome)
	refused := try("2")
	require.Equal(t, wechat.OutcomeLater, refused.Outcome)
	require.Equal(t, wechat.ConcernAPI, refused.Concern)
	p.SetClock(refused.After)
	require.Equal(t, "2026-04-01", p.Clock().Add(8*time.Hour).UTC().Format(time.DateOnly))
	require.Equal(t, wechat.OutcomeAccepted, try("2").Outcome)
}

func TestTheTemplatesThatAreListedCanBeSent(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	fan := p.fan("a")
	_, err := p.AddTemplate(clientApp, simulator.Template{Title: "到店提醒", Content: "门店：{{thing1.DATA}}\n状态：{{phrase2.DATA}}"})
	require.NoError(t, err)
	list, err := p.api.Templates(t.Context())
	require.NoError(t, err)
	fields := list[0].Fields()
	require.Equal(t, []wechat.TemplateField{{Name: "thing1", Label: "门店"}, {Name: "phrase2", Label: "状态"}}, fields)
	m := wechat.TemplateMessage{ToUser: fan, TemplateID: list[0].ID, ClientMsgID: "row-1", Data: map[string]string{"thing1": "南京西路店", "phrase2": "ok"}}
	try := func() wechat.Result {
		id, err := p.api.SendTemplate(t.Context(), m)
		return wechat.ResultOf(id, err, p.Clock(), 0)
	}
	require.False(t, fields[1].Fits("ok"))
	bad := try()
	require.Equal(t, wechat.Result{Outcome: wechat.OutcomeRefused, Reason: "bad_format", Field: "phrase2", Concern: wechat.ConcernContent}, bad)

	m.Data["phrase2"] = "已完成"
	require.True(t, fields[1].Fits("已完成"))
	p.fault(simulator.Fault{Path: "/cgi-bin/message/template/send", Kind: simulator.FaultCutAfter})
	require.Equal(t, wechat.OutcomeUnknown, try().Outcome)
	found := try()
	require.Equal(t, wechat.OutcomeAccepted, found.Outcome)
	require.Len(t, p.Inbox(fan), 1, "sent once")
	require.Equal(t, wechat.TemplateSendFinished{MsgID: found.MsgID, Status: "success"}, p.last().Body)

	m.TemplateID = "of nobody"
	m.ClientMsgID = "row-2"
	require.Equal(t, "config_template", try().Reason)
	require.NoError(t, p.Unfollow(clientApp, fan))
	m.TemplateID = list[0].ID
	require.Equal(t, wechat.Result{Outcome: wechat.OutcomeRefused, Reason: "unsubscribed", Concern: wechat.ConcernMember}, try())
}

func TestASubscriptionNoticeUsesUpWhatWasAllowed(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	person := p.NewPerson("does not follow")
	_, err := p.AddTemplate(clientApp, simulator.Template{Title: "活动提醒", Content: "{{thing1.DATA}}", Subscribe: true})
	require.NoError(t, err)
	list, err := p.api.SubscribeTemplates(t.Context())
	require.NoError(t, err)
	id := list[0].ID
	require.False(t, list[0].LongTerm)
	send := func() wechat.Result {
		err := p.api.SendSubscribe(t.Context(), wechat.SubscribeMessage{ToUser: person.OpenID, TemplateID: id, Data: map[string]string{"thing1": "春装"}})
		return wechat.ResultOf("", err, p.Clock(), 0)
	}
	none := wechat.Result{Outcome: wechat.OutcomeRefused, Reason: "no_consent", Concern: wechat.ConcernMember}
	require.Equal(t, none, send())
	require.NoError(t, p.AnswerPopup(clientApp, person.OpenID, simulator.Consent{TemplateID: id, Accept: true}, simulator.Consent{TemplateID: "other"}))
	require.Equal(t, wechat.SubscribePopup{Lists: []wechat.SubscribeChoice{{TemplateID: id, Accepted: true, Scene: 1}, {TemplateID: "other", Scene: 1}}}, p.last().Body)
	require.Equal(t, person.OpenID, p.last().OpenID())
	require.Equal(t, wechat.OutcomeAccepted, send().Outcome)
	sent, ok := p.last().Body.(wechat.SubscribeSent)
	require.True(t, ok)
	require.Len(t, sent.Lists, 1)
	require.Equal(t, id, sent.Lists[0].TemplateID)
	delivered, _ := sent.Lists[0].Verdict()
	require.True(t, delivered)
	require.Equal(t, none, send())

	require.NoError(t, p.AnswerPopup(clientApp, person.OpenID, simulator.Consent{TemplateID: id, Accept: true}))
	require.NoError(t, p.WithdrawConsent(clientApp, person.OpenID, id))
	require.Equal(t, wechat.SubscribeChange{Lists: []wechat.SubscribeChoice{{TemplateID: id}}}, p.last().Body)
	require.Equal(t, none, send())

	require.NoError(t, p.AnswerPopup(clientApp, person.OpenID, simulator.Consent{TemplateID: id, Accept: true}))
	p.fault(simulator.Fault{Path: "/cgi-bin/message/subscribe/bizsend", Kind: simulator.FaultCutAfter})
	lost := send()
	require.Equal(t, wechat.OutcomeUnknown, lost.Outcome)
	require.Zero(t, lost.After, "never again")
	require.Len(t, p.Inbox(person.OpenID), 2)
}

func TestADegradedAccountStopsWhatItConcerns(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	to := []string{p.fan("a"), p.fan("b")}
	for _, c := range []struct {
		fault   simulator.Fault
		outcome wechat.Outcome
		concern wechat.Concern
	}{
		{simulator.Fault{Kind: simulator.FaultCode, Code: 48001}, wechat.OutcomeStopped, wechat.ConcernAPI},
		{simulator.Fault{Kind: simulator.FaultCode, Code: 50002}, wechat.OutcomeStopped, wechat.ConcernAPI},
		{simulator.Fault{Kind: simulator.FaultCode, Code: 40164}, wechat.OutcomeStopped, wechat.ConcernAccount},
		{simulator.Fault{Kind: simulator.FaultCode, Code: 45028}, wechat.OutcomeRefused, wechat.ConcernAPI},
		{simulator.Fault{Kind: simulator.FaultCode, Code: 45011}, wechat.OutcomeLater, wechat.ConcernAPI},
		{simulator.Fault{Kind: simulator.FaultCode, Code: -1}, wechat.OutcomeLater, wechat.ConcernNone},
		{simulator.Fault{Kind: simulator.FaultStatus}, wechat.OutcomeUnknown, wechat.ConcernNone},
		{simulator.Fault{Kind: simulator.FaultCutBefore}, wechat.OutcomeUnknown, wechat.ConcernNone},
		{simulator.Fault{Kind: simulator.FaultNonsense}, wechat.OutcomeUnknown, wechat.ConcernNone},
	} {
		c.fault.Path = "/cgi-bin/message/mass/send"
		p.fault(c.fault)
		id, err := p.api.SendMass(t.Context(), wechat.MassMessage{ToUsers: to, Kind: wechat.KindText, Text: "x", ClientMsgID: "job-1"})
		got := wechat.ResultOf(id, err, p.Clock(), 0)
		require.Equal(t, c.outcome, got.Outcome, c.fault)
		require.Equal(t, c.concern, got.Concern, c.fault)
	}
	require.Empty(t, p.MassJobs(clientApp))
}
