package wechat

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const templatePath = "/cgi-bin/message/template/send"

func templateOf() TemplateMessage {
	return TemplateMessage{ToUser: "openid-of-a-member", TemplateID: "T", ClientMsgID: "n1", Data: map[string]string{"thing1": "private words"}}
}

func TestSendTemplate_sendsTheFieldsAndTellsRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.answer(templatePath, `{"errcode":0,"errmsg":"ok","msgid":200228332}`)
	m := TemplateMessage{ToUser: "o1", TemplateID: "T", URL: "https://x/app", ClientMsgID: "n1", Data: map[string]string{"thing1": "王 & <宝>"}}
	id, err := r.api.SendTemplate(t.Context(), m)
	require.NoError(t, err)
	require.Equal(t, "200228332", id)
	require.Contains(t, r.fake.calls(templatePath)[0].body, "王 & <宝>", "text stands as it is")
	require.JSONEq(t, `{"touser":"o1","template_id":"T","url":"https://x/app","client_msg_id":"n1","data":{"thing1":{"value":"王 & <宝>"}}}`,
		r.fake.calls(templatePath)[0].body)

	m.URL, m.MiniProgram = "", MiniProgram{AppID: "wx1", PagePath: "pages/a?b=1"}
	_, err = r.api.SendTemplate(t.Context(), m)
	require.NoError(t, err)
	require.JSONEq(t, `{"touser":"o1","template_id":"T","miniprogram":{"appid":"wx1","pagepath":"pages/a?b=1"},"client_msg_id":"n1",`+
		`"data":{"thing1":{"value":"王 & <宝>"}}}`, r.fake.calls(templatePath)[1].body)

	r.fake.answer(templatePath, `{"errcode":43004,"errmsg":"require subscribe"}`)
	_, err = r.api.SendTemplate(t.Context(), m)
	r.requireError(t, err, ReactGiveUp, "unsubscribed")
}

func TestSendTemplate_refusesAnIncompleteMessageWithoutSending(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, spoil := range map[string]func(*TemplateMessage){
		"person":    func(m *TemplateMessage) { m.ToUser = "" },
		"template":  func(m *TemplateMessage) { m.TemplateID = "" },
		"id":        func(m *TemplateMessage) { m.ClientMsgID = "" },
		"fields":    func(m *TemplateMessage) { m.Data = nil },
		"half page": func(m *TemplateMessage) { m.MiniProgram.AppID = "wx1" },
		"half app":  func(m *TemplateMessage) { m.MiniProgram.PagePath = "p" },
	} {
		m := templateOf()
		spoil(&m)
		_, err := r.api.SendTemplate(t.Context(), m)
		require.Error(t, err, name)
		r.requireError(t, err, ReactGiveUp, "bad_input")
	}
	require.Empty(t, r.fake.seen)
}

func TestSendTemplate_namesTheFieldThatWeChatRefusesAndNothingElse(t *testing.T) {
	t.Parallel()
	for message, field := range map[string]string{
		"argument invalid! data.thing4.value invalid rid: 67-a":     "thing4",
		"argument invalid: data.character_string12.value invalid":   "character_string12",
		"argument invalid! data.<b>private words</b>.value invalid": "",
		"data.thing1.value of openid-of-a-member":                   "thing1",
		"argument invalid!": "",
	} {
		r := newRig(t)
		r.fake.answer(templatePath, `{"errcode":47003,"errmsg":"`+message+`"}`)
		_, err := r.api.SendTemplate(t.Context(), templateOf())
		r.requireError(t, err, ReactGiveUp, "bad_format")
		want := Result{Outcome: OutcomeRefused, Reason: "bad_format", Field: field, Concern: ConcernContent}
		require.Equal(t, want, ResultOf("", err, testNow(), 0), message)
	}
	r := newRig(t)
	r.fake.answer(templatePath, `{"errcode":40037,"errmsg":"data.thing4.value"}`)
	_, err := r.api.SendTemplate(t.Context(), templateOf())
	require.Empty(t, asError(t, err).Field)
}

func TestSendTemplate_mayBeRepeatedWithItsIDWhenTheAnswerIsLost(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.on(templatePath, func(w http.ResponseWriter, _ *http.Request) { _ = hijack(t, w).Close() })
	id, err := r.api.SendTemplate(t.Context(), templateOf())
	want := Result{Outcome: OutcomeUnknown, Reason: "network", After: testNow().Add(time.Second)}
	require.Equal(t, want, ResultOf(id, err, testNow(), 0))
	r.fake.answer(templatePath, `{"errcode":0}`)
	id, err = r.api.SendTemplate(t.Context(), templateOf())
	require.Empty(t, id)
	r.requireError(t, err, ReactRetryLater, "bad_answer")
}

func TestSendSubscribe_sendsOnceAndNoEmptyObject(t *testing.T) {
	t.Parallel()
	const path = "/cgi-bin/message/subscribe/bizsend"
	r := newRig(t)
	r.fake.answer(path, `{"errcode":0,"errmsg":"ok"}`)
	m := SubscribeMessage{ToUser: "openid-of-a-member", TemplateID: "T", Data: map[string]string{"thing1": "private words"}}
	require.NoError(t, r.api.SendSubscribe(t.Context(), m))
	require.JSONEq(t, `{"touser":"openid-of-a-member","template_id":"T","data":{"thing1":{"value":"private words"}}}`, r.fake.calls(path)[0].body)
	m.Page, m.MiniProgram = "https://x", MiniProgram{"wx1", "p"}
	require.NoError(t, r.api.SendSubscribe(t.Context(), m))
	require.Contains(t, r.fake.calls(path)[1].body, `"page":"https://x","miniprogram":{"appid":"wx1","pagepath":"p"},"data"`)

	m.MiniProgram.PagePath = ""
	r.requireError(t, r.api.SendSubscribe(t.Context(), m), ReactGiveUp, "bad_input")
	m.MiniProgram = MiniProgram{}
	r.fake.answer(path, `{"errcode":43101,"errmsg":"user refuse to accept the msg"}`)
	err := r.api.SendSubscribe(t.Context(), m)
	require.Equal(t, Result{Outcome: OutcomeRefused, Reason: "no_consent", Concern: ConcernMember}, ResultOf("", err, testNow(), 0))
	r.fake.on(path, func(w http.ResponseWriter, _ *http.Request) { _ = hijack(t, w).Close() })
	err = r.api.SendSubscribe(t.Context(), m)
	require.Equal(t, Result{Outcome: OutcomeUnknown, Reason: "network"}, ResultOf("", err, testNow(), 0))
	r.requireClean(t, err)
	require.Len(t, r.fake.calls(path), 4)
}

func TestTemplates_listsBothLibrariesWithTheirFields(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.answer("/cgi-bin/template/get_all_private_template", `{"template_list":[{"template_id":"T1","title":"到店提醒","primary_industry":"IT",
"content":"{{first.DATA}}\n门店：{{thing1.DATA}}\n时间: {{time2.DATA}}{{thing1.DATA}}\n没有空","example":"e"}]}`)
	list, err := r.api.Templates(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, "到店提醒", list[0].Title)
	require.Equal(t, []TemplateField{{"first", ""}, {"thing1", "门店"}, {"time2", "时间"}}, list[0].Fields())
	require.Equal(t, "thing", list[0].Fields()[1].Kind())

	r.fake.answer("/wxaapi/newtmpl/gettemplate", `{"errcode":0,"errmsg":"ok","data":[{"priTmplId":"S1","title":"a","content":"b:{{thing1.DATA}}\n","example":"e","type":2},
{"priTmplId":"S2","title":"c","content":"d","type":3}]}`)
	list, err = r.api.SubscribeTemplates(t.Context())
	require.NoError(t, err)
	require.Equal(t, []Template{{"S1", "a", "b:{{thing1.DATA}}\n", "e", false}, {"S2", "c", "d", "", true}}, list)

	r.fake.answer("/cgi-bin/template/get_all_private_template", `{"errcode":48001}`)
	_, err = r.api.Templates(t.Context())
	r.requireError(t, err, ReactGiveUp, "api_not_granted")
}
