package simulator

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func massText(text string) answer {
	return answer{"msgtype": "text", "text": answer{"content": text}}
}

func (a answer) with(k string, v any) answer {
	b := answer{k: v}
	for key, value := range a {
		if key != k {
			b[key] = value
		}
	}
	return b
}

func TestAMassSendReachesFourTimesAMonthAndReports(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetClock(time.Date(2026, 3, 10, 2, 0, 0, 0, time.UTC))
	a, b, gone := w.fan("a"), w.fan("b"), w.fan("c")
	require.NoError(t, w.Unfollow(testApp, gone))
	w.settle()
	body := func(n int) answer { return massText(strconv.Itoa(n)).with("touser", []string{a, b, gone}) }
	for n := range 5 {
		r := w.post("/cgi-bin/message/mass/send", body(n))
		require.Equal(t, 0, r.code())
		require.NotZero(t, r.num("msg_id"))
		require.Equal(t, "SEND_SUCCESS", w.post("/cgi-bin/message/mass/get", answer{"msg_id": strconv.FormatInt(r.num("msg_id"), 10)}).str("msg_status"))
		w.settle()
	}
	require.Len(t, w.Inbox(a), 4)
	g := w.server.seen()[1:]
	require.Len(t, g, 5)
	require.Contains(t, g[0].xml, "<Event><![CDATA[MASSSENDJOBFINISH]]></Event><MsgID>")
	require.Contains(t, g[0].xml, "<Status><![CDATA[send success]]></Status><TotalCount>3</TotalCount><FilterCount>2</FilterCount><SentCount>2</SentCount><ErrorCount>0</ErrorCount>")
	require.Contains(t, g[4].xml, "<SentCount>0</SentCount>")
	require.NotContains(t, []string{a, b, gone}, g[0].query["openid"], "it comes from nobody's openid")
	w.SetClock(time.Date(2026, 3, 31, 16, 0, 1, 0, time.UTC)) // April in Beijing
	w.access = ""
	require.Equal(t, 0, w.post("/cgi-bin/message/mass/send", body(9)).code())
	require.Len(t, w.Inbox(a), 5)
}

func TestAMassSendIsNotRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to := []string{w.fan("a"), w.fan("b")}
	send := func(text, id string) answer {
		body := massText(text).with("touser", to)
		if id != "" {
			body = body.with("clientmsgid", id)
		}
		return w.post("/cgi-bin/message/mass/send", body)
	}
	first := send("1", "job-1")
	require.Equal(t, 45066, send("1", "job-1").code(), "within a minute")
	w.Advance(61 * time.Second)
	again := send("other text", "job-1")
	require.Equal(t, 45065, again.code())
	require.Equal(t, first.num("msg_id"), again.num("msg_id"))
	require.Equal(t, 45067, send("1", strings.Repeat("x", 65)).code())
	digest := send("2", "")
	require.Equal(t, 0, digest.code())
	require.Equal(t, 45065, send("2", "").code(), "the same text to the same people")
	w.Advance(25 * time.Hour)
	w.access = ""
	require.Equal(t, 0, send("2", "").code())
	require.Equal(t, 0, send("1", "job-1").code())
}

func TestTheSizeOfAMassListIsChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fan := w.fan("a")
	send := func(to any) int { return w.post("/cgi-bin/message/mass/send", massText("x").with("touser", to)).code() }
	require.Equal(t, 40130, send([]string{fan}))
	require.Equal(t, 40130, send([]string{}))
	require.Equal(t, 40130, send(fan))
	require.Equal(t, 40130, send(make([]string, 10001)))
	require.Equal(t, 40003, send([]string{"x", "y"}))
	require.Equal(t, 40008, w.post("/cgi-bin/message/mass/send", answer{"touser": []string{fan, w.fan("b")}, "msgtype": "dance"}).code())
}

func TestASendToAllIsAllowedOnceADayAndFourTimesAMonth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetClock(time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC))
	fan, other := w.fan("a"), w.fan("b")
	n := 0
	all := func() int {
		n++
		w.access = ""
		return w.post("/cgi-bin/message/mass/sendall", massText(strconv.Itoa(n)).with("filter", answer{"is_to_all": true})).code()
	}
	for range 4 {
		require.Equal(t, 0, all())
		require.Equal(t, 45028, all())
		w.Advance(24 * time.Hour)
	}
	require.Equal(t, 45028, all(), "four in March")
	require.Len(t, w.Inbox(other), 4)
	tag := w.post("/cgi-bin/tags/create", answer{"tag": answer{"name": "vip"}})["tag"].(map[string]any)["id"]
	require.Equal(t, 0, w.post("/cgi-bin/tags/members/batchtagging", answer{"openid_list": []string{fan}, "tagid": tag}).code())
	w.Advance(30 * 24 * time.Hour)
	w.access = ""
	byTag := massText("vip").with("filter", answer{"is_to_all": false, "tag_id": tag})
	require.Equal(t, 0, w.post("/cgi-bin/message/mass/sendall", byTag).code())
	require.Equal(t, 45159, w.post("/cgi-bin/message/mass/sendall", massText("v").with("filter", answer{"tag_id": 999})).code())
	require.Len(t, w.Inbox(fan), 5)
	require.Len(t, w.Inbox(other), 4)
}

func TestAMassJobCanFailByItsEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to := []string{w.fan("a"), w.fan("b")}
	_, err := w.AddPushFault(PushFault{Kind: PushStatus, Event: "MASSSENDJOBFINISH", Status: "err(20001)", Count: 1})
	require.NoError(t, err)
	r := w.post("/cgi-bin/message/mass/send", massText("x").with("touser", to))
	require.Equal(t, "SEND_FAIL", w.post("/cgi-bin/message/mass/get", answer{"msg_id": r.num("msg_id")}).str("msg_status"))
	require.Empty(t, w.Inbox(to[0]))
	w.settle()
	require.Contains(t, w.server.seen()[0].xml, "<Status><![CDATA[err(20001)]]></Status>")
}

func TestPreviewDeleteAndSpeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fan := w.fan("小王")
	require.Equal(t, 0, w.post("/cgi-bin/message/mass/preview", massText("p").with("touser", fan)).code())
	require.Equal(t, ViaPreview, w.Inbox(fan)[0].Via)
	for range 100 {
		require.Equal(t, 0, w.post("/cgi-bin/message/mass/preview", massText("p").with("towxname", "小王")).code())
	}
	require.Equal(t, 45009, w.post("/cgi-bin/message/mass/preview", massText("p").with("towxname", "小王")).code())
	video := w.upload("/cgi-bin/media/upload?type=video", sampleVideo()).str("media_id")
	to := []string{fan, w.fan("b")}
	r := w.post("/cgi-bin/message/mass/send", answer{"touser": to, "msgtype": "mpvideo", "mpvideo": answer{"media_id": video}})
	require.Equal(t, 0, w.post("/cgi-bin/message/mass/delete", answer{"msg_id": r.num("msg_id")}).code())
	require.Equal(t, "DELETE", w.post("/cgi-bin/message/mass/get", answer{"msg_id": r.num("msg_id")}).str("msg_status"))
	text := w.post("/cgi-bin/message/mass/send", massText("x").with("touser", to))
	require.Equal(t, 40008, w.post("/cgi-bin/message/mass/delete", answer{"msg_id": text.num("msg_id")}).code())
	require.Equal(t, 45083, w.post("/cgi-bin/message/mass/speed/set", answer{"speed": 5}).code())
	require.Equal(t, 0, w.post("/cgi-bin/message/mass/speed/set", answer{"speed": 4}).code())
	require.Equal(t, int64(10), w.post("/cgi-bin/message/mass/speed/get", answer{}).num("realspeed"))
}

func TestMassQuotasEndAfterAHundredADayAndSixtyAMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetClock(time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC))
	send := func() int {
		return w.post("/cgi-bin/message/mass/send", massText("x").with("touser", []string{})).code()
	}
	for range 60 {
		require.Equal(t, 40130, send())
	}
	require.Equal(t, 45011, send())
	w.Advance(time.Minute)
	for range 40 {
		require.Equal(t, 40130, send())
	}
	require.Equal(t, 45009, send())
}
