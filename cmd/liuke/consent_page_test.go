package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

// browser is a member's: it keeps cookies, and goes where it is led.
type browser struct {
	t      *testing.T
	client http.Client
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &browser{t, http.Client{Jar: jar, Timeout: 10 * time.Second}}
}

func (b *browser) do(method, address string, form url.Values) (status int, at, page string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, address, strings.NewReader(form.Encode()))
	require.NoError(b.t, err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := b.client.Do(r)
	require.NoError(b.t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(b.t, err)
	return resp.StatusCode, resp.Request.URL.String(), string(body)
}

func (b *browser) open(address string) (status int, at, page string) {
	b.t.Helper()
	return b.do(http.MethodGet, address, nil)
}

func (b *browser) choose(address, purpose, state string) (status int, page string) {
	b.t.Helper()
	status, _, page = b.do(http.MethodPost, address, url.Values{"purpose": {purpose}, "state": {state}})
	return status, page
}

// enter opens the page from the account's menu, as somebody.
func (b *browser) enter(base, openid string) (status int, at, page string) {
	b.t.Helper()
	b.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if q := r.URL.Query(); strings.HasSuffix(r.URL.Path, "/authorize") && q.Get("sim_openid") == "" {
			q.Set("sim_openid", openid) // a phone knows whose it is
			r.URL.RawQuery = q.Encode()
		}
		return nil
	}
	return b.open(base)
}

func (c *audience) says(name string) map[string]any {
	c.t.Helper()
	out := map[string]any{}
	got := c.must(200, "GET", "/api/members/"+c.ids[name]+"/consents", c.clerk.token, nil)
	for i := range got.items() {
		out[got.str("items", i, "purpose")] = got.get("items", i, "state")
	}
	return out
}

func TestConsentPage_aLetterSwitchesOffAndWeChatsSignInSwitchesOn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.join(t, "甲", "乙")
		c.wrote(t, "甲")
		path := c.campaign([]string{"customer"}, map[string]any{"purpose": "offer", "text": "{member}来活动 {optout}"})
		base := w.url + "/m/" + w.appid + "/consent"
		sample := c.must(200, "GET", path+"/forecast", c.manager.token, nil).str("samples", 0, "text")
		require.Equal(t, "甲来活动 "+base, sample, "who prepares it gets nobody's link")
		c.begin(path)
		c.becomes(t, path, "done")
		link := regexp.MustCompile(regexp.QuoteMeta(base) + `/\S+`).FindString(c.ads("甲")[0])
		require.NotEmpty(t, link)
		require.NotContains(t, link, c.of["甲"].OpenID)

		b := newBrowser(t)
		status, _, page := b.open(link)
		require.Equal(t, 200, status)
		require.NotContains(t, page, "<script")
		require.NotContains(t, page, "甲", "whoever got hold of it is not told whose it is")
		require.Contains(t, page, "活动和优惠 · 接收")
		records := func() int {
			return len(c.must(200, "GET", "/api/members/"+c.ids["甲"]+"/consent_records?limit=100", c.clerk.token, nil).items())
		}
		before := records()
		for range 2 {
			status, page = b.choose(link, "marketing", "withdrawn")
			require.Equal(t, 200, status)
			require.Contains(t, page, "活动和优惠 · 不接收")
		}
		require.Equal(t, before+1, records(), "the second time says nothing new")
		require.Equal(t, "withdrawn", c.says("甲")["marketing"])
		status, page = b.choose(link, "marketing", "given")
		require.Equal(t, 403, status)
		require.Contains(t, page, "确认是您本人")
		status, _ = b.choose(link, "fun", "withdrawn")
		require.Equal(t, 422, status)

		// What is queued obeys it when it leaves.
		next := c.campaign([]string{"customer"}, map[string]any{"purpose": "offer", "text": "再来活动"})
		c.begin(next)
		c.becomes(t, next, "done")
		require.Equal(t, "skipped no_consent", c.reached(next)["甲"])

		// By the account's menu, as himself: on again, then all off.
		status, mine, page := b.enter(base, c.of["甲"].OpenID)
		require.Equal(t, 200, status)
		require.Contains(t, page, "同意接收")
		status, _ = b.choose(mine, "marketing", "given")
		require.Equal(t, 200, status)
		require.Equal(t, map[string]any{"service": nil, "marketing": "given", "profiling": nil}, c.says("甲"))
		last := c.must(200, "GET", "/api/members/"+c.ids["甲"]+"/consent_records?limit=1", c.clerk.token, nil)
		require.Equal(t, []string{"page", "可以给您发活动和优惠信息吗？"}, []string{last.str("items", 0, "how"), last.str("items", 0, "text")})
		_, _ = b.choose(mine, "all", "")
		require.Equal(t, map[string]any{"service": "withdrawn", "marketing": "withdrawn", "profiling": "withdrawn"}, c.says("甲"))
		require.Equal(t, "given", c.says("乙")["marketing"], "nobody else's")

		// Forged, cut, of another kind, of another account, of nobody, without a state.
		end := strings.LastIndex(link, "/") + 1
		spoiled := []byte(link)
		spoiled[end+6] ^= 1
		for name, address := range map[string]string{
			"forged": string(spoiled), "cut": link[:len(link)-1], "longer": link + "A", "empty": base + "/x",
			"unknown account": strings.Replace(link, w.appid, "wx9999999999999999", 1),
		} {
			status, _, page := b.open(address)
			require.Equal(t, 404, status, name)
			require.Contains(t, page, "这个链接不对", name)
		}
		secret := []string{"--appid", "wx1111111111111111", "--secret", testSecret, "--token", testToken, "--aes-key", testAESKey}
		w.command(t, ownerPassword+"\n", append([]string{"account", "add", "--name", "别家", "--owner-phone", "13800000099", "--owner-name", "别人"}, secret...)...)
		status, _, _ = b.open(strings.Replace(link, w.appid, "wx1111111111111111", 1))
		require.Equal(t, 404, status)
		stranger := w.sim.NewPerson("路人")
		status, _, page = newBrowser(t).enter(base, stranger.OpenID)
		require.Equal(t, 404, status)
		require.Contains(t, page, "还不是这里的会员")
		status, _, page = newBrowser(t).open(base + "?code=abc&state=xyz")
		require.Equal(t, 404, status)
		require.Contains(t, page, "没有认出您")
	})
}

func TestCampaign_aTestReachesOnlyTheOneWhoAsked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		c := w.gather(t)
		c.join(t, "甲", "乙")
		path := c.campaign([]string{"customer"}, map[string]any{"purpose": "offer", "text": "{member}，{clerk}请您来活动"})
		try := func(status int, body map[string]any) answer {
			return c.must(status, "POST", path+"/test", c.manager.token, body)
		}
		require.Equal(t, "not_linked", try(409, map[string]any{}).str("reason"))

		code := w.must(201, "POST", "/api/me/link_code", c.manager.token, nil)
		phone := w.sim.NewPerson("店长的微信")
		_, err := w.sim.ScanURL(phone.OpenID, code.str("url"))
		require.NoError(t, err)
		eventually(t, func() bool { return w.must(200, "GET", "/api/me/link", c.manager.token, nil).get("linked") == true }, "linked")
		require.Equal(t, "no_window", try(409, map[string]any{}).str("reason"))
		w.write(t, phone, "试发")
		eventually(t, func() bool {
			return c.do("POST", path+"/test", c.manager.token, map[string]any{"member_id": c.ids["甲"]}).status == http.StatusAccepted
		}, "his window is open")
		require.Equal(t, "乙，王芳请您来活动", try(202, map[string]any{"member_id": c.ids["乙"]}).str("text"))
		try(404, map[string]any{"member_id": model.NewID()})
		eventually(t, func() bool {
			got := strings.Join(w.inbox(phone), "|")
			return strings.Contains(got, "甲，王芳请您来活动") && strings.Contains(got, "乙，王芳请您来活动")
		}, "both have come")
		require.Empty(t, c.ads("甲"))
		require.Empty(t, c.reached(path), "nobody is a recipient")
		for range model.UserWindowSends - 2 {
			try(202, map[string]any{})
		}
		require.Equal(t, "no_window", try(409, map[string]any{}).str("reason"), "his allowance is used up")
		none := c.must(201, "POST", "/api/campaigns", c.manager.token, map[string]any{
			"name": "没人", "filter": map[string]any{"field": "bound", "is": false}, "channels": []any{"task"}, "content": map[string]any{"purpose": "offer", "task": "打电话"},
		}).str("id")
		require.Equal(t, "no_text", c.must(409, "POST", "/api/campaigns/"+none+"/test", c.manager.token, map[string]any{}).str("reason"))
		c.must(403, "POST", path+"/test", c.clerk.token, map[string]any{})
	})
}
