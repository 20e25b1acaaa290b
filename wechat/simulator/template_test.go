package simulator

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (w *world) template(subscribe bool) string {
	w.t.Helper()
	id, err := w.AddTemplate(testApp, Template{Title: "到店提醒", Content: "{{thing1.DATA}} {{phrase2.DATA}} {{time3.DATA}}", Subscribe: subscribe})
	require.NoError(w.t, err)
	return id
}

func templateValues(thing, phrase, at string) answer {
	return answer{"thing1": answer{"value": thing}, "phrase2": answer{"value": phrase}, "time3": answer{"value": at}}
}

func TestATemplateReachesAFollowerOutsideAnyWindowAndReports(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fan, id := w.fan("a"), w.template(false)
	good := templateValues("取衣服", "已完成", "2026-01-02 10:00")
	send := func(openid, key string) answer {
		return w.post("/cgi-bin/message/template/send", answer{"touser": openid, "template_id": id, "client_msg_id": key, "data": good})
	}
	first := send(fan, "row-1")
	require.Equal(t, 0, first.code())
	require.Equal(t, first.num("msgid"), send(fan, "row-1").num("msgid"), "the same id within 10 minutes is sent once")
	require.Len(t, w.Inbox(fan), 1)
	require.Equal(t, "取衣服 已完成 2026-01-02 10:00", w.Inbox(fan)[0].Text)
	w.Advance(11 * time.Minute)
	require.NotEqual(t, first.num("msgid"), send(fan, "row-1").num("msgid"))
	without := send(fan, "")
	require.NotEqual(t, without.num("msgid"), send(fan, "").num("msgid"))

	require.NoError(t, w.SetRefuses(testApp, fan, true))
	require.Equal(t, 0, send(fan, "").code())
	_, err := w.AddPushFault(PushFault{Kind: PushStatus, Status: "failed: system failed", Count: 1})
	require.NoError(t, err)
	require.Equal(t, 0, send(fan, "").code())
	require.Len(t, w.Inbox(fan), 4)
	require.Equal(t, 43004, send(w.NewPerson("b").OpenID, "").code())
	require.Equal(t, 40003, send("stranger", "").code())
	w.settle()
	g := w.server.seen()
	require.Len(t, g, 6)
	require.Contains(t, g[0].xml, "<Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event><MsgID>")
	require.Contains(t, g[0].xml, "<Status><![CDATA[success]]></Status>")
	require.Contains(t, g[4].xml, "<Status><![CDATA[failed:user block]]></Status>")
	require.Contains(t, g[5].xml, "<Status><![CDATA[failed: system failed]]></Status>")
}

func TestTemplateFieldsAreCheckedByTheirType(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fan, id := w.fan("a"), w.template(false)
	for name, c := range map[string]struct {
		data answer
		bad  string
	}{
		"thing of 21":     {templateValues(strings.Repeat("字", 21), "好", "10:00"), "thing1"},
		"phrase in Latin": {templateValues("x", "ok", "10:00"), "phrase2"},
		"phrase of six":   {templateValues("x", "一二三四五六", "10:00"), "phrase2"},
		"no time":         {templateValues("x", "好", "明天"), "time3"},
		"missing":         {answer{"thing1": answer{"value": "x"}}, "phrase2"},
	} {
		a := w.post("/cgi-bin/message/template/send", answer{"touser": fan, "template_id": id, "data": c.data})
		require.Equal(t, 47003, a.code(), name)
		require.Contains(t, a.str("errmsg"), c.bad, name)
	}
	good := templateValues("x", "好", "10:00")
	sub := w.template(true)
	require.Equal(t, 40037, w.post("/cgi-bin/message/template/send", answer{"touser": fan, "template_id": sub + "x", "data": good}).code())
	require.Empty(t, w.get("/cgi-bin/template/get_all_private_template")["template_list"], "the id was taken over by the other library")
	made := w.post("/cgi-bin/template/api_add_template", answer{"template_id_short": "TM00015"}).str("template_id")
	require.Len(t, w.get("/cgi-bin/template/get_all_private_template")["template_list"], 1)
	require.Equal(t, 0, w.post("/cgi-bin/template/del_private_template", answer{"template_id": made}).code())
	require.Equal(t, 40037, w.post("/cgi-bin/template/del_private_template", answer{"template_id": made}).code())
}

func TestOneAcceptAllowsOneSubscriptionNotification(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.template(true)
	p := w.NewPerson("does not even follow")
	send := func() int {
		return w.post("/cgi-bin/message/subscribe/bizsend", answer{"touser": p.OpenID, "template_id": id, "data": templateValues("x", "好", "10:00")}).code()
	}
	require.Equal(t, 43101, send())
	require.NoError(t, w.AnswerPopup(testApp, p.OpenID, Consent{id, true}, Consent{"other", false}, Consent{"third", true}))
	require.Equal(t, 0, send())
	require.Equal(t, 43101, send())
	require.NoError(t, w.AnswerPopup(testApp, p.OpenID, Consent{id, true}))
	require.NoError(t, w.WithdrawConsent(testApp, p.OpenID, id))
	require.Equal(t, 43101, send())
	require.Len(t, w.get("/wxaapi/newtmpl/gettemplate")["data"], 1)
	w.settle()
	g := w.server.seen()
	require.Equal(t, 3, strings.Count(g[0].xml, "<List>"), "several lists in one container")
	require.Equal(t, 1, strings.Count(g[0].xml, "<SubscribeMsgPopupEvent>"))
	require.Contains(t, g[0].xml, "<TemplateId><![CDATA[other]]></TemplateId><SubscribeStatusString><![CDATA[reject]]></SubscribeStatusString><PopupScene>1</PopupScene>")
	require.Contains(t, g[1].xml, "<SubscribeMsgSentEvent><List>")
	require.Contains(t, g[3].xml, "subscribe_msg_change_event")
}
