package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (w *world) code(action string, expire any, scene answer) answer {
	w.t.Helper()
	body := answer{"action_name": action, "action_info": answer{"scene": scene}}
	if expire != nil {
		body["expire_seconds"] = expire
	}
	return w.post("/cgi-bin/qrcode/create", body)
}

func TestAScanFollowsWithThePrefixAndAFollowersScanComesWithout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.code("QR_LIMIT_STR_SCENE", nil, answer{"scene_str": "clerk-7"}).str("ticket")
	p := w.NewPerson("a")
	done, err := w.Scan(testApp, p.OpenID, "clerk-7")
	require.NoError(t, err)
	require.True(t, done.Followed)
	w.settle()
	done, err = w.Scan(testApp, p.OpenID, "clerk-7")
	require.NoError(t, err)
	require.False(t, done.Followed)
	w.settle()
	g := w.server.seen()
	require.Contains(t, g[0].xml, "<Event><![CDATA[subscribe]]></Event><EventKey><![CDATA[qrscene_clerk-7]]></EventKey><Ticket><![CDATA["+ticket+"]]></Ticket>")
	require.Contains(t, g[1].xml, "<Event><![CDATA[SCAN]]></Event><EventKey><![CDATA[clerk-7]]></EventKey><Ticket><![CDATA["+ticket+"]]></Ticket>")
	info := w.get("/cgi-bin/user/info?openid=" + p.OpenID)
	require.Equal(t, "ADD_SCENE_QR_CODE", info.str("subscribe_scene"))
	require.Equal(t, "clerk-7", info.str("qr_scene_str"))
	require.NotContains(t, info, "nickname")
}

func TestAPlainFollowHasAnEmptyKeyAndUnfollowEndsEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.NewPerson("a")
	require.NoError(t, w.Follow(testApp, p.OpenID, ""))
	require.Error(t, w.Follow(testApp, p.OpenID, ""), "follows already")
	_, err := w.SendText(testApp, p.OpenID, "hi")
	require.NoError(t, err)
	require.NoError(t, w.Unfollow(testApp, p.OpenID))
	w.settle()
	g := w.server.seen()
	require.Contains(t, g[0].xml, "<EventKey><![CDATA[]]></EventKey></xml>")
	require.Contains(t, g[2].xml, "<![CDATA[unsubscribe]]>")
	_, err = w.SendText(testApp, p.OpenID, "hi")
	require.Error(t, err)
	require.Equal(t, 43004, w.say(p.OpenID, "x").code())
	require.Equal(t, answer{"subscribe": json.Number("0"), "openid": p.OpenID}, w.get("/cgi-bin/user/info?openid="+p.OpenID))
}

func TestATemporaryCodeCannotBeScannedAfterItsLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	url := w.code("QR_STR_SCENE", 600, answer{"scene_str": "m1"}).str("url")
	p := w.NewPerson("a")
	w.Advance(599 * time.Second)
	require.Len(t, w.Codes(testApp), 1)
	w.Advance(2 * time.Second)
	require.Empty(t, w.Codes(testApp))
	_, err := w.ScanURL(p.OpenID, url)
	require.Error(t, err)
	_, err = w.Scan(testApp, p.OpenID, "no-such-scene")
	require.Error(t, err)
	_, err = w.ScanURL(p.OpenID, "http://weixin.qq.com/q/unknown")
	require.Error(t, err)
	require.Empty(t, w.server.seen())
}

func TestCodesOfTheFourKindsKeepTheirLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	scene := func() string { return w.Codes(testApp)[0].Scene }
	a := w.code("QR_SCENE", 2592000, answer{"scene_id": 4294967295})
	require.Equal(t, int64(2592000), a.num("expire_seconds"))
	require.True(t, strings.HasPrefix(a.str("url"), "http://weixin.qq.com/q/"))
	require.Equal(t, int64(60), w.code("QR_SCENE", nil, answer{"scene_id": 5}).num("expire_seconds"), "the default")
	require.Equal(t, "5", scene())
	w.code("QR_SCENE", 60, answer{"scene_id": 0})
	require.Equal(t, "4294967295", scene(), "out of range turns silently into this")
	a = w.code("QR_LIMIT_SCENE", nil, answer{"scene_id": 100000})
	require.NotContains(t, a, "expire_seconds")
	require.Equal(t, "100000", scene())
	w.code("QR_LIMIT_SCENE", nil, answer{"scene_id": 100001})
	require.Equal(t, "4294967295", scene())
	require.NotEmpty(t, w.code("QR_LIMIT_STR_SCENE", nil, answer{"scene_str": strings.Repeat("x", 64)}).str("ticket"))
	require.Equal(t, 40097, w.code("QR_LIMIT_STR_SCENE", nil, answer{"scene_str": strings.Repeat("x", 65)}).code())
	require.Equal(t, 40097, w.code("QR_STR_SCENE", 60, answer{"scene_str": ""}).code())
	require.Equal(t, 40097, w.code("QR_STR_SCENE", 2592001, answer{"scene_str": "x"}).code())
	require.Equal(t, 40097, w.code("QR_ODD", 60, answer{"scene_str": "x"}).code())
}

func TestPermanentCodesComeFromACountedStockAndRepeatAreTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.SetPermanentStock(testApp, 2))
	first := w.code("QR_LIMIT_STR_SCENE", nil, answer{"scene_str": "a"})
	require.Equal(t, first, w.code("QR_LIMIT_STR_SCENE", nil, answer{"scene_str": "a"}))
	second := w.code("QR_LIMIT_SCENE", nil, answer{"scene_id": 1})
	require.NotEqual(t, first.str("ticket"), second.str("ticket"))
	require.Equal(t, 45029, w.code("QR_LIMIT_STR_SCENE", nil, answer{"scene_str": "b"}).code())
	t1, t2 := w.code("QR_STR_SCENE", 60, answer{"scene_str": "a"}), w.code("QR_STR_SCENE", 60, answer{"scene_str": "a"})
	require.NotEqual(t, t1.str("url"), t2.str("url"), "temporary ones are new each time and cost no stock")
}

func TestTheSameSeedMakesTheSamePeopleAndPermanentCodes(t *testing.T) {
	t.Parallel()
	made := func(seed int64) (string, string) {
		w := newWorld(t, func(o *Options) { o.Seed = seed })
		w.NewPerson("a")
		return w.NewPerson("b").OpenID, w.code("QR_LIMIT_STR_SCENE", nil, answer{"scene_str": "a"}).str("url")
	}
	p1, u1 := made(1)
	p2, u2 := made(1)
	p3, u3 := made(2)
	require.Equal(t, p1, p2)
	require.Equal(t, u1, u2)
	require.NotEqual(t, p1, p3)
	require.NotEqual(t, u1, u3)
	require.Len(t, p1, 28)
}

func TestACodeOfAnEarlierRunCanBeAdopted(t *testing.T) {
	t.Parallel()
	old := newWorld(t)
	old.code("QR_LIMIT_STR_SCENE", nil, answer{"scene_str": "a"})
	w := newWorld(t)
	c := old.Codes(testApp)[0]
	require.NoError(t, w.AdoptCode(c))
	_, err := w.ScanURL(w.NewPerson("a").OpenID, c.URL)
	require.NoError(t, err)
	require.Equal(t, c.Ticket, w.code("QR_LIMIT_STR_SCENE", nil, answer{"scene_str": "a"}).str("ticket"))
}

func TestAPersonHasAnotherOpenIDAtEveryAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.AddAccount(Account{AppID: otherApp, Secret: "s", Token: "t"}))
	p := w.NewPerson("a")
	require.NotEqual(t, p.OpenIDs[testApp], p.OpenIDs[otherApp])
	require.Equal(t, 40003, w.say(p.OpenIDs[otherApp], "x").code())
	require.NoError(t, w.Follow(otherApp, p.OpenID, ""), "any openid of the person will do here")
	f, err := w.Follower(otherApp, p.OpenID)
	require.NoError(t, err)
	require.True(t, f.Subscribed)
	require.Equal(t, p.OpenIDs[otherApp], f.OpenID)
}

func TestTheMenuOpensTheShortWindowOnlyForClicksAndScans(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fan := w.fan("a")
	require.Equal(t, 46003, w.get("/cgi-bin/menu/get").code())
	require.Equal(t, 0, w.post("/cgi-bin/menu/create", answer{"button": []answer{
		{"type": "click", "name": "优惠", "key": "K1"},
		{"name": "更多", "sub_button": []answer{{"type": "view", "name": "商城", "url": "https://example.com/"}}},
	}}).code())
	require.NoError(t, w.TapMenu(testApp, fan, "https://example.com/"))
	require.Equal(t, 45015, w.say(fan, "x").code(), "VIEW opens nothing")
	require.NoError(t, w.TapMenu(testApp, fan, "K1"))
	require.Equal(t, 0, w.say(fan, "x").code())
	require.Error(t, w.TapMenu(testApp, fan, "K2"))
	w.settle()
	require.Contains(t, w.server.seen()[1].xml, "<Event><![CDATA[CLICK]]></Event><EventKey><![CDATA[K1]]></EventKey>")
	require.Equal(t, 40016, w.post("/cgi-bin/menu/create", answer{"button": []answer{}}).code())
	require.Equal(t, 40019, w.post("/cgi-bin/menu/create", answer{"button": []answer{{"type": "click", "name": "x"}}}).code())
	require.Equal(t, 0, w.get("/cgi-bin/menu/delete").code())
}

func TestTheWebSignInGivesEachCodeOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.NewPerson("张三")
	page := "/connect/oauth2/authorize?appid=" + testApp + "&redirect_uri=http%3A%2F%2F127.0.0.1%2Fback%3Fa%3D1&response_type=code&scope=snsapi_userinfo&state=s1"
	status, _, body := w.do(http.MethodGet, page, "", nil)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, string(body), "sim_openid="+p.OpenID)
	code := func(extra string) string {
		status, h, _ := w.do(http.MethodGet, page+"&sim_openid="+p.OpenID+extra, "", nil)
		require.Equal(t, http.StatusFound, status)
		require.Contains(t, h.Get("Location"), "http://127.0.0.1/back?a=1&code=")
		require.True(t, strings.HasSuffix(h.Get("Location"), "&state=s1"))
		_, rest, _ := strings.Cut(h.Get("Location"), "code=")
		c, _, _ := strings.Cut(rest, "&")
		return c
	}
	access := func(c string) answer {
		return w.call(http.MethodGet, "/sns/oauth2/access_token?appid="+testApp+"&secret="+testSecret+"&grant_type=authorization_code&code="+c, nil)
	}
	c := code("")
	a := access(c)
	require.Equal(t, p.OpenID, a.str("openid"))
	require.NotContains(t, a, "is_snapshotuser")
	require.Equal(t, 40163, access(c).code())
	require.Equal(t, 40029, access("nonsense").code())
	info := w.call(http.MethodGet, "/sns/userinfo?access_token="+a.str("access_token")+"&openid="+p.OpenID, nil)
	require.Equal(t, "张三", info.str("nickname"))
	require.Equal(t, 40001, w.call(http.MethodGet, "/cgi-bin/user/info?openid="+p.OpenID+"&access_token="+a.str("access_token"), nil).code(), "not an API token")
	late := code("")
	w.Advance(6 * time.Minute)
	require.Equal(t, 42003, access(late).code())
	virtual := access(code("&sim_snapshot=1"))
	require.Equal(t, int64(1), virtual.num("is_snapshotuser"))
	require.NotEqual(t, p.OpenID, virtual.str("openid"))
	w.Advance(2 * time.Hour)
	require.Equal(t, 42001, w.call(http.MethodGet, "/sns/userinfo?access_token="+a.str("access_token")+"&openid="+p.OpenID, nil).code())
	again := w.call(http.MethodGet, "/sns/oauth2/refresh_token?grant_type=refresh_token&appid="+testApp+"&refresh_token="+a.str("refresh_token"), nil)
	require.Equal(t, 0, w.call(http.MethodGet, "/sns/auth?access_token="+again.str("access_token")+"&openid="+p.OpenID, nil).code())
}
