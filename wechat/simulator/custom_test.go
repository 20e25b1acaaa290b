package simulator

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAMessageAllowsFiveIn48HoursAndTheNextOneStartsAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fan := w.fan("a")
	require.Equal(t, 45015, w.say(fan, "nobody wrote").code())
	_, err := w.SendText(testApp, fan, "1")
	require.NoError(t, err)
	for range 4 {
		require.Equal(t, 0, w.say(fan, "x").code())
	}
	_, err = w.SendText(testApp, fan, "2")
	require.NoError(t, err)
	for range 5 {
		require.Equal(t, 0, w.say(fan, "x").code())
	}
	require.Equal(t, 45047, w.say(fan, "sixth").code())
	_, err = w.SendText(testApp, fan, "3")
	require.NoError(t, err)
	w.Advance(48*time.Hour - time.Minute)
	w.access = ""
	require.Equal(t, 0, w.say(fan, "x").code())
	w.Advance(2 * time.Minute)
	require.Equal(t, 45015, w.say(fan, "too late").code())
	require.Len(t, w.Inbox(fan), 10)
}

func TestFollowScanAndMenuTapsAllowThreeInOneMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.code("QR_LIMIT_STR_SCENE", nil, answer{"scene_str": "a"})
	p := w.NewPerson("a")
	require.NoError(t, w.Follow(testApp, p.OpenID, ""))
	for range 3 {
		require.Equal(t, 0, w.say(p.OpenID, "x").code())
	}
	require.Equal(t, 45047, w.say(p.OpenID, "fourth").code())
	_, err := w.Scan(testApp, p.OpenID, "a")
	require.NoError(t, err)
	require.Equal(t, 0, w.say(p.OpenID, "x").code())
	w.Advance(61 * time.Second)
	require.Equal(t, 45015, w.say(p.OpenID, "late").code())
}

func TestTheTwoWindowsAreCountedApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.NewPerson("a")
	require.NoError(t, w.Follow(testApp, p.OpenID, ""))
	_, err := w.SendText(testApp, p.OpenID, "hi")
	require.NoError(t, err)
	for range 8 {
		require.Equal(t, 0, w.say(p.OpenID, "x").code())
	}
	require.Equal(t, 45047, w.say(p.OpenID, "ninth").code())
}

func TestATapOnAMenuMessageCountsUnderTheShortRule(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fan := w.fan("a")
	_, err := w.SendText(testApp, fan, "hi")
	require.NoError(t, err)
	require.Equal(t, 0, w.post("/cgi-bin/message/custom/send", answer{"touser": fan, "msgtype": "msgmenu", "msgmenu": answer{
		"head_content": "满意吗", "list": []answer{{"id": "101", "content": "满意"}, {"id": 102, "content": "不满意"}},
	}}).code())
	_, err = w.TapReply(testApp, fan, "102")
	require.NoError(t, err)
	w.settle()
	require.Contains(t, w.server.seen()[1].xml, "<Content><![CDATA[不满意]]></Content><bizmsgmenuid><![CDATA[102]]></bizmsgmenuid>")
	f, err := w.Follower(testApp, fan)
	require.NoError(t, err)
	require.Equal(t, 4, f.Left)
	require.Equal(t, 3, f.BriefLeft)
	_, err = w.TapReply(testApp, fan, "103")
	require.Error(t, err)
}

func TestCustomerMessagesOfEveryKindAreChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fan := w.fan("a")
	image := w.upload("/cgi-bin/media/upload?type=image", samplePicture()).str("media_id")
	voice := w.upload("/cgi-bin/media/upload?type=voice", sampleVoice()).str("media_id")
	video := w.upload("/cgi-bin/media/upload?type=video", sampleVideo()).str("media_id")
	thumb := w.upload("/cgi-bin/media/upload?type=thumb", sampleThumb()).str("thumb_media_id")
	news := answer{"title": "t", "description": "d", "url": "https://example.com", "picurl": ""}
	for name, c := range map[string]struct {
		body any
		code int
	}{
		"text":                 {answer{"msgtype": "text", "text": answer{"content": strings.Repeat("字", 682) + "ab"}}, 0},
		"text of 2049 bytes":   {answer{"msgtype": "text", "text": answer{"content": strings.Repeat("字", 683)}}, 45002},
		"empty text":           {answer{"msgtype": "text", "text": answer{"content": ""}}, 44004},
		"image":                {answer{"msgtype": "image", "image": answer{"media_id": image}}, 0},
		"image that is none":   {answer{"msgtype": "image", "image": answer{"media_id": voice}}, 40007},
		"unknown media":        {answer{"msgtype": "voice", "voice": answer{"media_id": "nope"}}, 40007},
		"voice":                {answer{"msgtype": "voice", "voice": answer{"media_id": voice}}, 0},
		"video":                {answer{"msgtype": "video", "video": answer{"media_id": video, "thumb_media_id": thumb}}, 0},
		"news":                 {answer{"msgtype": "news", "news": answer{"articles": []answer{news}}}, 0},
		"two articles":         {answer{"msgtype": "news", "news": answer{"articles": []answer{news, news}}}, 45008},
		"no article":           {answer{"msgtype": "news", "news": answer{"articles": []answer{}}}, 44003},
		"mini program":         {answer{"msgtype": "miniprogrampage", "miniprogrampage": answer{"title": "t", "appid": "wx1", "pagepath": "p", "thumb_media_id": image}}, 0},
		"unknown kind":         {answer{"msgtype": "dance"}, 40008},
		"no kind":              {answer{}, 40008},
		"the wrong type":       {`{"touser":5}`, 47001},
		"no json":              {`{"touser":`, 47001},
		"two objects":          {`{} {}`, 47001},
		"nothing":              {``, 44002},
		"not UTF-8":            {"{\"touser\":\"\xff\"}", 47001},
		"a stranger's openid":  {answer{"touser": "oStranger", "msgtype": "text", "text": answer{"content": "x"}}, 40003},
		"card without an id":   {answer{"msgtype": "wxcard", "wxcard": answer{}}, 40035},
		"article of drafts":    {answer{"msgtype": "mpnewsarticle", "mpnewsarticle": answer{"article_id": "a"}}, 0},
		"menu without entries": {answer{"msgtype": "msgmenu", "msgmenu": answer{"head_content": "h"}}, 44004},
	} {
		// One after the other: every good one uses the allowance, which a new message renews.
		_, err := w.SendText(testApp, fan, "hi")
		require.NoError(t, err)
		if body, isMap := c.body.(answer); isMap && body["touser"] == nil {
			body["touser"] = fan
		}
		require.Equal(t, c.code, w.post("/cgi-bin/message/custom/send", c.body).code(), name)
	}
}

func TestTheRawBodyAndTheMarksOfAMessageAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fan := w.fan("a")
	_, err := w.SendText(testApp, fan, "hi")
	require.NoError(t, err)
	raw := `{"touser":"` + fan + `","msgtype":"text","text":{"content":"<a href=\"https://example.com/?a=1&b=2\">看</a>😀"},"customservice":{"kf_account":"k@x"},"aimsgcontext":{"is_ai_msg":1}}`
	require.Equal(t, 0, w.post("/cgi-bin/message/custom/send", raw).code())
	calls := w.Calls("/cgi-bin/message/custom/send")
	require.Equal(t, raw, string(calls[0].Body))
	require.JSONEq(t, `{"errcode":0,"errmsg":"ok"}`, string(calls[0].Answer))
	require.NotContains(t, calls[0].Query, w.access)
	in := w.Inbox(fan)[0]
	require.Equal(t, `<a href="https://example.com/?a=1&b=2">看</a>😀`, in.Text)
	require.Equal(t, "k@x", in.KFAccount)
	require.True(t, in.AI)
}

func TestWhoIsBlockedOrRefusesGetsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fan := w.fan("a")
	_, err := w.SendText(testApp, fan, "hi")
	require.NoError(t, err)
	require.NoError(t, w.SetRefuses(testApp, fan, true))
	require.Equal(t, 48002, w.say(fan, "x").code())
	require.NoError(t, w.SetRefuses(testApp, fan, false))
	require.Equal(t, 0, w.post("/cgi-bin/tags/members/batchblacklist", answer{"openid_list": []string{fan}}).code())
	require.Equal(t, 43019, w.say(fan, "x").code())
	id, err := w.SendText(testApp, fan, "unheard")
	require.NoError(t, err)
	require.Zero(t, id)
	list := w.post("/cgi-bin/tags/members/getblacklist", answer{"begin_openid": ""})
	require.Equal(t, int64(1), list.num("count"))
	require.Equal(t, 0, w.post("/cgi-bin/tags/members/batchunblacklist", answer{"openid_list": []string{fan}}).code())
	require.Equal(t, 0, w.say(fan, "x").code())
	require.Equal(t, 40032, w.post("/cgi-bin/tags/members/batchblacklist", answer{"openid_list": make([]string, 21)}).code())
	w.settle()
	require.Len(t, w.server.seen(), 1)
}

func TestTypingNeedsAnExchangeInTheLastHalfMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fan := w.fan("a")
	typing := func(command string) int {
		return w.post("/cgi-bin/message/custom/typing", answer{"touser": fan, "command": command}).code()
	}
	require.Equal(t, 45015, typing("Typing"))
	_, err := w.SendText(testApp, fan, "hi")
	require.NoError(t, err)
	require.Equal(t, 45072, typing("Dancing"))
	require.Equal(t, 0, typing("Typing"))
	require.Equal(t, 45081, typing("Typing"))
	require.Equal(t, 0, w.say(fan, "x").code())
	require.Equal(t, 0, typing("Typing"), "a message ends the mark")
	w.Advance(16 * time.Second)
	require.Equal(t, 0, typing("Typing"), "it lasts 15 s")
	w.Advance(15 * time.Second)
	require.Equal(t, 45080, typing("Typing"))
	require.Equal(t, 0, typing("CancelTyping"))
}

func TestTheWrongMethodAndAnUnknownPathAreNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Equal(t, 43002, w.call(http.MethodGet, w.with("/cgi-bin/message/custom/send"), nil).code())
	require.Equal(t, 43001, w.post("/cgi-bin/user/get", answer{}).code())
	require.Equal(t, 40066, w.post("/cgi-bin/no/such", answer{}).code())
	a := w.call(http.MethodGet, "/cgi-bin/user/get", nil)
	require.Equal(t, 41001, a.code())
	require.Contains(t, a.str("errmsg"), "rid: ")
}
