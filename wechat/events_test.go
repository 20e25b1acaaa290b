package wechat

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse_givesEveryMessageKindItsForm(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		plain string
		want  Body
	}{
		"text":         {message("text", cdata("Content", "hi")), Text{Content: "hi"}},
		"menu answer":  {message("text", "<Content>yes</Content><bizmsgmenuid>101</bizmsgmenuid>"), Text{"yes", "101"}},
		"image":        {message("image", "<PicUrl>http://p/1</PicUrl><MediaId>m</MediaId>"), Image{"http://p/1", "m"}},
		"voice":        {message("voice", "<MediaId>m</MediaId><Format>amr</Format><MediaId16K>n</MediaId16K><Recognition>r</Recognition>"), Voice{"m", "amr", "n", "r"}},
		"video":        {message("video", "<MediaId>m</MediaId><ThumbMediaId>t</ThumbMediaId>"), Video{"m", "t", false}},
		"shortvideo":   {message("shortvideo", "<MediaId>m</MediaId><ThumbMediaId>t</ThumbMediaId>"), Video{"m", "t", true}},
		"location":     {message("location", "<Location_X>23.5</Location_X><Location_Y>113.25</Location_Y><Scale>20</Scale><Label>路</Label>"), Location{23.5, 113.25, 20, "路"}},
		"odd location": {message("location", "<Location_X>NaN</Location_X><Location_Y>1e400</Location_Y><Scale>x</Scale>"), Location{}},
		"link":         {message("link", "<Title>t</Title><Description>d</Description><Url>u</Url>"), Link{"t", "d", "u"}},
		"unknown":      {message("file", "<Name>a</Name><Box><Id>1</Id><Id>2</Id></Box>"), Unknown{[]Field{{"Name", "a"}, {"Box/Id", "1"}, {"Box/Id", "2"}}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			push := mustParse(t, c.plain)
			require.Equal(t, c.want, push.Body)
			require.Equal(t, "24000000000000001", push.MsgID)
			require.Empty(t, push.Event)
			require.Equal(t, "openid", push.OpenID())
			require.Equal(t, testNow().Unix()-1, push.CreateTime.Unix())
		})
	}
}

func TestParse_givesEveryEventItsForm(t *testing.T) {
	t.Parallel()
	key := func(value string) string { return cdata("EventKey", value) }
	ticket := "<Ticket>T+/=</Ticket>"
	pics := "<SendPicsInfo><Count>2</Count><PicList><item><PicMd5Sum>a</PicMd5Sum></item><item><PicMd5Sum>b</PicMd5Sum></item></PicList></SendPicsInfo>"
	scan := "<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>r</ScanResult></ScanCodeInfo>"
	place := "<SendLocationInfo><Location_X>1.5</Location_X><Location_Y>2.5</Location_Y><Scale>15</Scale><Label>l</Label><Poiname>p</Poiname></SendLocationInfo>"
	person := "<OpenID>person</OpenID><UnionID>u</UnionID><AppID>wx1</AppID><RevokeInfo>205</RevokeInfo>"
	cases := map[string]struct {
		name, rest string
		want       Body
		openid     string
	}{
		"follow":                  {"subscribe", key(""), Subscribe{}, "openid"},
		"follow by code":          {"subscribe", key("qrscene_c7") + ticket, Subscribe{"qrscene_c7", "c7", "T+/="}, "openid"},
		"follow with an odd key":  {"subscribe", key("last_trade_no_1"), Subscribe{EventKey: "last_trade_no_1"}, "openid"},
		"unfollow":                {"unsubscribe", key(""), Unsubscribe{}, "openid"},
		"scan":                    {"SCAN", key("c7") + ticket, Scan{"c7", "T+/="}, "openid"},
		"position":                {"LOCATION", "<Latitude>1.5</Latitude><Longitude>-2.5</Longitude><Precision>30</Precision>", LocationReport{1.5, -2.5, 30}, "openid"},
		"click":                   {"CLICK", key("K"), Click{"K"}, "openid"},
		"view":                    {"VIEW", key("http://a/?b&c") + "<MenuId>5</MenuId>", View{"http://a/?b&c", "5"}, "openid"},
		"mini-program":            {"view_miniprogram", key("pages/x") + "<MenuId>5</MenuId>", ViewMiniProgram{"pages/x", "5"}, "openid"},
		"scan and push":           {"scancode_push", key("K") + scan, MenuScan{"K", "qrcode", "r", false}, "openid"},
		"scan and wait":           {"scancode_waitmsg", key("K") + scan, MenuScan{"K", "qrcode", "r", true}, "openid"},
		"camera":                  {"pic_sysphoto", key("K") + pics, MenuPictures{"K", 2, []string{"a", "b"}}, "openid"},
		"camera or album":         {"pic_photo_or_album", key("K") + pics, MenuPictures{"K", 2, []string{"a", "b"}}, "openid"},
		"album":                   {"pic_weixin", key("K") + pics, MenuPictures{"K", 2, []string{"a", "b"}}, "openid"},
		"place":                   {"location_select", key("K") + place, MenuLocation{"K", 1.5, 2.5, 15, "l", "p"}, "openid"},
		"template":                {"TEMPLATESENDJOBFINISH", "<MsgID>7</MsgID><Status>failed: system failed</Status>", TemplateSendFinished{"7", "failed: system failed"}, "openid"},
		"template, old spelling":  {"templatesendjobfinish", "<MsgId>7</MsgId><Status>success</Status>", TemplateSendFinished{"7", "success"}, "openid"},
		"session opened":          {"kf_create_session", "<KfAccount>a@b</KfAccount>", KfSession{KfCreate, "a@b", ""}, "openid"},
		"session closed":          {"kf_close_session", "<KfAccount>a@b</KfAccount>", KfSession{KfClose, "a@b", ""}, "openid"},
		"session passed on":       {"kf_switch_session", "<FromKfAccount>a@b</FromKfAccount><ToKfAccount>c@b</ToKfAccount>", KfSession{KfSwitch, "a@b", "c@b"}, "openid"},
		"person changed":          {"user_info_modified", person, AuthorizationChange{AuthorizationModified, "person", "u", "wx1", "205"}, "person"},
		"authorization withdrawn": {"user_authorization_revoke", person, AuthorizationChange{AuthorizationRevoked, "person", "u", "wx1", "205"}, "person"},
		"WeChat account closed":   {"user_authorization_cancellation", "<OpenID>person</OpenID>", AuthorizationChange{Kind: AuthorizationEnded, OpenID: "person"}, "person"},
		"unknown":                 {"card_pay", key("K") + "<A><B>1</B></A>", Unknown{[]Field{{"EventKey", "K"}, {"A/B", "1"}}}, "openid"},
		"about the account":       {"PUBLISHJOBFINISH", "<X>1</X>", Unknown{[]Field{{"X", "1"}}}, ""},
		"account verification":    {"qualification_verify_success", "<X>1</X>", Unknown{[]Field{{"X", "1"}}}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			push := mustParse(t, event(c.name, c.rest))
			require.Equal(t, c.want, push.Body)
			require.Equal(t, c.openid, push.OpenID())
		})
	}
}

func TestParse_keepsEveryListOfASubscriptionEvent(t *testing.T) {
	t.Parallel()
	lists := "<List><TemplateId>T1</TemplateId><SubscribeStatusString>accept</SubscribeStatusString><PopupScene>2</PopupScene></List>" +
		"<List><TemplateId>T2</TemplateId><SubscribeStatusString>reject</SubscribeStatusString><PopupScene>1</PopupScene></List>"
	want := []SubscribeChoice{{"T1", true, 2}, {"T2", false, 1}}
	popup := mustParse(t, event("subscribe_msg_popup_event", "<SubscribeMsgPopupEvent>"+lists+"</SubscribeMsgPopupEvent>"))
	require.Equal(t, SubscribePopup{want}, popup.Body)
	for _, container := range []string{"SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent"} {
		change := mustParse(t, event("subscribe_msg_change_event", "<"+container+">"+lists+"</"+container+">"))
		require.Equal(t, SubscribeChange{want}, change.Body)
	}
	sent := mustParse(t, event("subscribe_msg_sent_event", "<SubscribeMsgSentEvent><List><TemplateId>T1</TemplateId><MsgID>9</MsgID>"+
		"<ErrorCode>43101</ErrorCode><ErrorStatus>refused</ErrorStatus></List><List><TemplateId>T2</TemplateId></List></SubscribeMsgSentEvent>"))
	require.Equal(t, SubscribeSent{[]SubscribeResult{{"T1", "9", 43101, "refused"}, {TemplateID: "T2"}}}, sent.Body)
}

func TestParse_readsTheResultOfAMassSend(t *testing.T) {
	t.Parallel()
	push := mustParse(t, event("MASSSENDJOBFINISH", `<MsgID>1000001625</MsgID><Status>err(30003)</Status><TotalCount>10</TotalCount>
<FilterCount>8</FilterCount><SentCount>7</SentCount><ErrorCount>1</ErrorCount><CopyrightCheckResult><Count>2</Count><ResultList>
<item><ArticleIdx>1</ArticleIdx><UserDeclareState>0</UserDeclareState><AuditState>2</AuditState><OriginalArticleUrl>http://o</OriginalArticleUrl>
<OriginalArticleType>1</OriginalArticleType><CanReprint>1</CanReprint><NeedReplaceContent>1</NeedReplaceContent><NeedShowReprintSource>1</NeedShowReprintSource></item>
<item><ArticleIdx>2</ArticleIdx></item></ResultList><CheckState>2</CheckState></CopyrightCheckResult><ArticleUrlResult><Count>1</Count>
<ResultList><item><ArticleIdx>1</ArticleIdx><ArticleUrl>http://a</ArticleUrl></item></ResultList></ArticleUrlResult>`))
	require.Equal(t, MassSendFinished{
		MsgID: "1000001625", Status: "err(30003)", TotalCount: 10, FilterCount: 8, SentCount: 7, ErrorCount: 1, CheckState: 2,
		Copyright: []CopyrightItem{
			{Index: 1, AuditState: 2, OriginalURL: "http://o", OriginalType: 1, CanReprint: true, NeedReplace: true, NeedReprintSource: true},
			{Index: 2},
		},
		Articles: []ArticleURL{{1, "http://a"}},
	}, push.Body)
	require.Empty(t, push.OpenID())
	require.Equal(t, "1000001625", push.MsgID)
}

func TestDedupeKey_isTheSameForARepeatAndDiffersOtherwise(t *testing.T) {
	t.Parallel()
	list := func(id string) string { return "<E><List><TemplateId>" + id + "</TemplateId></List></E>" }
	distinct := []string{
		message("text", cdata("Content", "a")),
		"<xml><FromUserName>other</FromUserName><MsgType>text</MsgType><MsgId>24000000000000001</MsgId></xml>",
		"<xml><FromUserName>openid</FromUserName><MsgType>text</MsgType><MsgId>24000000000000002</MsgId></xml>",
		"<xml><FromUserName>openid2400</FromUserName><MsgType>text</MsgType><MsgId>0000000000001</MsgId></xml>",
		"<xml>" + common + "<MsgType>odd</MsgType><A>1</A></xml>",
		"<xml>" + common + "<MsgType>odd</MsgType><A>2</A></xml>",
		event("subscribe", ""),
		event("unsubscribe", ""),
		event("SCAN", cdata("EventKey", "a")),
		event("SCAN", cdata("EventKey", "b")),
		event("CLICK", cdata("EventKey", "a")),
		event("TEMPLATESENDJOBFINISH", "<MsgID>1</MsgID>"),
		event("TEMPLATESENDJOBFINISH", "<MsgID>2</MsgID>"),
		event("subscribe_msg_popup_event", list("T1")),
		event("subscribe_msg_popup_event", list("T2")),
		event("subscribe_msg_popup_event", list("T1")+list("T2")),
		event("user_authorization_revoke", "<OpenID>a</OpenID><RevokeInfo>201</RevokeInfo>"),
		event("user_authorization_revoke", "<OpenID>b</OpenID><RevokeInfo>201</RevokeInfo>"),
		event("user_authorization_revoke", "<OpenID>b</OpenID><RevokeInfo>202</RevokeInfo>"),
		event("card_pay", "<A>1</A>"),
		event("card_pay", "<A>2</A>"),
	}
	seen := map[[32]byte]string{}
	for _, plain := range distinct {
		key := mustParse(t, plain).DedupeKey()
		require.Equal(t, key, mustParse(t, plain).DedupeKey())
		require.NotContains(t, seen, key, plain)
		seen[key] = plain
	}
	// WeChat may word a repeated message differently, MsgId alone decides.
	require.Equal(t, mustParse(t, distinct[0]).DedupeKey(), mustParse(t, message("text", cdata("Content", "b"))).DedupeKey())
}
