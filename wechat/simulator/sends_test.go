package simulator

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const massEvent = "MASSSENDJOBFINISH"

func TestTheDigestOfAMassKnowsContentAndPeopleInAnyOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, c := w.fan("a"), w.fan("b"), w.fan("c")
	send := func(text string, to ...string) answer {
		return w.post("/cgi-bin/message/mass/send", massText(text).with("touser", to).with("send_ignore_reprint", len(text)))
	}
	first := send("1", a, b)
	require.Equal(t, 0, first.code())
	again := send("1", b, a)
	require.Equal(t, 45065, again.code())
	require.Equal(t, first.num("msg_id"), again.num("msg_id"))
	require.Equal(t, 0, send("2", a, b).code())
	require.Equal(t, 0, send("1", a, c).code())
	one := w.upload("/cgi-bin/media/upload?type=image", samplePicture()).str("media_id")
	two := w.upload("/cgi-bin/media/upload?type=image", samplePicture()).str("media_id")
	images := func(ids ...string) int {
		return w.post("/cgi-bin/message/mass/send", answer{"touser": []string{a, b}, "msgtype": "image", "images": answer{"media_ids": ids}}).code()
	}
	require.Equal(t, 0, images(one))
	require.Equal(t, 0, images(one, two))
	require.Equal(t, 45065, images(one))
}

func TestTheResultOfAMassCanComeLateAgainOrForNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to := []string{w.fan("a"), w.fan("b")}
	send := func(kind PushFaultKind) (id string) {
		_, err := w.AddPushFault(PushFault{Kind: kind, Event: massEvent, Delay: time.Hour, Count: 1})
		require.NoError(t, err)
		r := w.post("/cgi-bin/message/mass/send", massText(string(kind)).with("touser", to).with("clientmsgid", string(kind)))
		return strconv.FormatInt(r.num("msg_id"), 10)
	}
	events := func() []string {
		w.settle()
		var all []string
		for _, g := range w.server.seen() {
			all = append(all, g.xml)
		}
		return all
	}
	id := send(PushAgain)
	g := events()
	require.Len(t, g, 2)
	for _, xml := range g {
		require.Contains(t, xml, "<MsgID>"+id+"</MsgID>")
	}
	require.NotEqual(t, g[0], g[1], "a server that knows repeats by their second takes both")

	id = send(PushForeignID)
	g = events()
	require.Len(t, g, 3)
	require.Contains(t, g[2], "<MsgID>9"+id+"</MsgID>")
	require.Equal(t, 40097, w.post("/cgi-bin/message/mass/get", answer{"msg_id": "9" + id}).code())

	id = send(PushLost)
	require.Len(t, events(), 3)
	require.Equal(t, "SEND_SUCCESS", w.post("/cgi-bin/message/mass/get", answer{"msg_id": id}).str("msg_status"))

	id = send(PushLate)
	require.Equal(t, "SENDING", w.post("/cgi-bin/message/mass/get", answer{"msg_id": id}).str("msg_status"))
	require.Equal(t, "SENDING", w.MassJobs(testApp)[3].Status)
	require.Len(t, w.server.seen(), 3)

	_, err := w.AddPushFault(PushFault{Kind: PushLate, Event: massEvent})
	require.ErrorContains(t, err, "delay")
}

func TestALateResultArrivesInTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to := []string{w.fan("a"), w.fan("b")}
	_, err := w.AddPushFault(PushFault{Kind: PushLate, Event: massEvent, Delay: 50 * time.Millisecond})
	require.NoError(t, err)
	r := w.post("/cgi-bin/message/mass/send", massText("x").with("touser", to))
	w.settle()
	require.Len(t, w.server.seen(), 1)
	require.Equal(t, "SEND_SUCCESS", w.post("/cgi-bin/message/mass/get", answer{"msg_id": r.num("msg_id")}).str("msg_status"))
}

func TestTheControlAPITellsWhatMassesReachedWhom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, gone := w.fan("a"), w.fan("b")
	require.NoError(t, w.Unfollow(testApp, gone))
	r := w.post("/cgi-bin/message/mass/send", massText("你好").with("touser", []string{a, gone}).with("clientmsgid", "job-1"))
	var jobs []MassJob
	require.Equal(t, 200, w.sim("GET", "/sim/mass?appid="+testApp, nil, &jobs))
	require.Len(t, jobs, 1)
	jobs[0].At = time.Time{}
	require.Equal(t, MassJob{MsgID: r.num("msg_id"), Kind: "text", ClientMsgID: "job-1", Status: "SEND_SUCCESS", Asked: 2, Sent: 1}, jobs[0])
	require.Equal(t, 200, w.sim("GET", "/sim/mass?appid=none", nil, &jobs))
	require.Empty(t, jobs)

	_, err := w.SendText(testApp, a, "在吗")
	require.NoError(t, err)
	require.Equal(t, 0, w.say(a, "在").code())
	var inbox []Received
	w.sim("GET", "/sim/inbox?openid="+a, nil, &inbox)
	require.Len(t, inbox, 2)
	first := inbox[0].ID
	w.sim("GET", "/sim/inbox?via=mass&openid="+a, nil, &inbox)
	require.Len(t, inbox, 1)
	require.Equal(t, "你好", inbox[0].Text)
	w.sim("GET", "/sim/inbox?openid="+a+"&after="+strconv.FormatInt(first, 10), nil, &inbox)
	require.Len(t, inbox, 1)
	require.Equal(t, ViaCustom, inbox[0].Via)
	var f Follower
	w.sim("GET", "/sim/follower?appid="+testApp+"&openid="+a, nil, &f)
	require.Equal(t, 3, f.MassLeft)
}

func TestAMemberSettlesHisSubscriptionsOnThePhone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.NewPerson("甲")
	care := w.template(true)
	sale, err := w.AddTemplate(testApp, Template{Title: "活动 <提醒>", Content: "{{thing1.DATA}}", Subscribe: true})
	require.NoError(t, err)
	phone := "/phone/" + p.ID + "/" + testApp
	require.Contains(t, w.page(phone), "打钩的允许，其余不要", "who does not follow can allow them, too")
	for range 2 {
		require.Equal(t, phone, w.submit(phone+"/popup", url.Values{"accept": {care}}))
	}
	require.Equal(t, map[string]int{care: 2}, w.follower(p.OpenID).Consents)
	page := w.page(phone)
	for _, text := range []string{"回答订阅弹窗：允许“到店提醒”，不要“活动 &lt;提醒&gt;”", "还能收 2 条", "还能收 0 条"} {
		require.Contains(t, page, text)
	}
	send := func(id string) int {
		return w.post("/cgi-bin/message/subscribe/bizsend", answer{"touser": p.OpenID, "template_id": id, "page": "https://example.com/a", "data": templateValues("<x>", "好", "10:00")}).code()
	}
	require.Equal(t, 0, send(care))
	require.Equal(t, 43101, send(sale))
	require.Contains(t, w.page(phone), "还能收 1 条")
	require.Contains(t, w.page(phone), "&lt;x&gt; 好 10:00")
	require.Contains(t, w.page(phone), "<small>订阅通知")
	require.Contains(t, w.page(phone), `href="https://example.com/a" target="_blank" rel="noreferrer">查看详情`)
	require.Equal(t, phone, w.submit(phone+"/withdraw", url.Values{"template": {care}}))
	require.Contains(t, w.page(phone), "在设置里关掉了订阅通知：到店提醒")
	require.Empty(t, w.follower(p.OpenID).Consents)
	require.Equal(t, 43101, send(care))
	w.settle()
	var names []string
	for _, push := range w.Pushes() {
		names = append(names, push.Event)
	}
	require.Equal(t, []string{"subscribe_msg_popup_event", "subscribe_msg_popup_event", "subscribe_msg_sent_event", "subscribe_msg_change_event"}, names)
}

func (w *world) follower(openid string) Follower {
	w.t.Helper()
	f, err := w.Follower(testApp, openid)
	require.NoError(w.t, err)
	return f
}

func TestThePhoneShowsMassesAndTemplatesAsAMemberSeesThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.NewPerson("甲")
	require.NoError(t, w.FollowQuietly(testApp, p.OpenID))
	picture := w.upload("/cgi-bin/media/upload?type=image", samplePicture()).str("media_id")
	to := []string{p.OpenID, w.fan("乙")}
	require.Equal(t, 0, w.post("/cgi-bin/message/mass/send", massText("春装到店 https://example.com/a").with("touser", to)).code())
	require.Equal(t, 0, w.post("/cgi-bin/message/mass/send", answer{"touser": to, "msgtype": "image", "images": answer{"media_ids": []string{picture}}}).code())
	require.Equal(t, 0, w.post("/cgi-bin/message/template/send", answer{
		"touser": p.OpenID, "template_id": w.template(false), "url": "https://example.com/t", "miniprogram": answer{"appid": "wx1", "pagepath": "pages/t"},
		"data": templateValues("取衣服", "已完成", "10:00"),
	}).code())
	page := w.page("/phone/" + p.ID + "/" + testApp)
	for _, text := range []string{
		"春装到店 <a href=", "<small>群发</small>", `<img alt="图片" src="/sim/media/` + url.PathEscape(picture), `<div class="card template"><b>到店提醒</b>`,
		"取衣服 已完成 10:00", "小程序 pages/t", "<small>模板消息</small>", "这个月群发 2 条",
	} {
		require.Contains(t, page, text)
	}
	// "Do not receive" ends masses and templates, and the account is told of the template only.
	require.Equal(t, "/phone/p1/"+testApp, w.submit("/phone/p1/"+testApp+"/refuses", url.Values{"refuses": {"1"}}))
	before := len(w.Inbox(p.OpenID))
	require.Equal(t, 0, w.post("/cgi-bin/message/mass/send", massText("第三条").with("touser", to)).code())
	require.Equal(t, 0, w.post("/cgi-bin/message/template/send", answer{"touser": p.OpenID, "template_id": w.template(false), "data": templateValues("x", "好", "1:00")}).code())
	require.Len(t, w.Inbox(p.OpenID), before)
	w.settle()
	told := ""
	for _, g := range w.server.seen() {
		told += g.xml
	}
	require.Contains(t, told, "failed:user block")
	require.Contains(t, told, "<TotalCount>2</TotalCount><FilterCount>1</FilterCount><SentCount>1</SentCount>")
}

func TestThePanelSpoilsTheResultsOfSends(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, form := range []url.Values{
		{"kind": {"late"}, "event": {massEvent}, "seconds": {"3"}, "count": {"1"}},
		{"kind": {"again"}, "count": {"2"}},
		{"kind": {"foreign_id"}, "event": {massEvent}, "count": {"1"}},
		{"kind": {"job_status"}, "event": {"TEMPLATESENDJOBFINISH"}, "status": {"failed: system failed"}, "count": {"1"}},
	} {
		require.Equal(t, "/panel", w.submit("/panel/push-fault", form))
	}
	page := w.page("/panel")
	for _, text := range []string{"<b>群发结果</b>：晚到  3s，还有 1 次", "过后再推一次", "编号对不上", "<b>模板消息结果</b>：结果改成 failed: system failed"} {
		require.Contains(t, page, text)
	}
	require.Contains(t, w.submit("/panel/push-fault", url.Values{"kind": {"late"}, "count": {"1"}}), "error=")
	require.Contains(t, w.submit("/panel/push-fault", url.Values{"kind": {"late"}, "seconds": {"x"}}), "error=")
	for _, code := range []int{45028, 43101, 47003, 50002} {
		require.Contains(t, page, `<option value="`+strconv.Itoa(code)+`">`+codeText(code))
		require.NotEmpty(t, codeText(code))
	}
}

func TestTheSendingAPIsCanFailInEveryWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.fan("a"), w.fan("b")
	service := w.template(false)
	notice, err := w.AddTemplate(testApp, Template{Title: "活动提醒", Content: "{{thing1.DATA}}", Subscribe: true})
	require.NoError(t, err)
	good := templateValues("x", "好", "1:00")
	for path, body := range map[string]answer{
		"/cgi-bin/message/mass/send":         massText("x").with("touser", []string{a, b}).with("clientmsgid", "c"),
		"/cgi-bin/message/template/send":     {"touser": a, "template_id": service, "client_msg_id": "c", "data": good},
		"/cgi-bin/message/subscribe/bizsend": {"touser": a, "template_id": notice, "data": good},
	} {
		require.NoError(t, w.AnswerPopup(testApp, a, Consent{notice, true}))
		for _, code := range []int{-1, 45009, 45011, 45028, 48001, 48004, 50002} {
			_, err := w.AddFault(Fault{AppID: testApp, Path: path, Kind: FaultCode, Code: code, Count: 1})
			require.NoError(t, err)
			r := w.post(path, body)
			require.Equal(t, code, r.code(), path)
			require.False(t, strings.HasPrefix(r.str("errmsg"), "error"), "%d has words", code)
		}
		_, err = w.AddFault(Fault{Path: path, Kind: FaultStatus, Count: 1})
		require.NoError(t, err)
		status, _, _ := w.do(http.MethodPost, w.with(path), "", []byte("{}"))
		require.Equal(t, http.StatusBadGateway, status)
		before := len(w.Inbox(a))
		require.Equal(t, 0, w.post(path, body).code(), path)
		require.Len(t, w.Inbox(a), before+1, "what failed was not sent")
	}
	require.Len(t, w.Inbox(a), 3)
}
