package simulator

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// tell posts a form as the pages' script does and returns the status and what was told.
func (w *world) tell(path string, form url.Values) (int, map[string]string) {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodPost, w.api.URL+path, strings.NewReader(form.Encode()))
	require.NoError(w.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	status, body, err := roundTrip(req)
	require.NoError(w.t, err)
	told := map[string]string{}
	require.NoError(w.t, json.Unmarshal([]byte(body), &told), body)
	return status, told
}

func TestTheAddressSaysWhosePhonesStandSideBySide(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []string{"甲", "乙", "丙"} {
		w.NewPerson(name)
	}
	frames := func(path string) int { return strings.Count(w.page(path), `<article class="phone"`) }
	require.Equal(t, 2, frames("/phones"), "the first two when nobody says more")
	require.Equal(t, 0, frames("/phones?p="))
	require.Equal(t, 2, frames("/phones?p=p1&p=p3."+testApp+"&p=p1"), "nobody twice")
	page := w.page("/phones?p=p1&p=p9&p=p2")
	require.Contains(t, page, "有 1 部手机找不到了")
	require.Contains(t, page, `href="/phones?p=p2" aria-label="收起 甲 的手机"`)
	require.Contains(t, page, `href="/phones?p=p1&amp;p=p2&amp;p=p3"`, "who is not there can be added")

	w.SetStage(Stage{Persons: []string{"p3"}, Links: []Link{{Text: "别处", Note: "口令 <x>", URL: "http://127.0.0.1:1/app"}, {Text: "坏", URL: "javascript:alert(1)"}}})
	page = w.page("/phones")
	require.Equal(t, 1, strings.Count(page, `<article class="phone"`))
	require.Contains(t, page, `href="http://127.0.0.1:1/app" target="_blank" rel="noreferrer">别处`)
	require.Contains(t, page, "口令 &lt;x&gt;")
	require.NotContains(t, page, "javascript:")

	full := url.Values{"name": {"多"}}
	for _, p := range []string{"p1", "p2", "p3", "p4", "p5", "p6", "p7"} {
		full.Add("p", p)
	}
	require.Equal(t, "/phones?p=p1&p=p2&p=p3&p=p4&p=p5&p=p6&p=p7&p=p4", w.submit("/persons", full), "the new one is the fourth")
	full.Add("p", "p8")
	w.submit("/persons", full)
	require.Len(t, w.Persons(), 4, "eight phones are enough")
}

func TestWhatCameIsUnreadUntilThePhoneIsLookedAt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.NewPerson("甲")
	require.NoError(t, w.FollowQuietly(testApp, p.OpenID))
	_, err := w.SendText(testApp, p.OpenID, "在吗")
	require.NoError(t, err)
	require.Equal(t, 0, w.say(p.OpenID, "在").code())
	require.Equal(t, 0, w.say(p.OpenID, "您说").code())
	phone := "/phone/p1/" + testApp
	require.Contains(t, w.page(phone+"/parts"), `data-unread="2"`)
	require.Contains(t, w.page("/people?p="), `<b class="badge">2<`)
	before := w.Chat(p.OpenID)
	status, told := w.tell(phone+"/look", nil)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, phone, told["path"])
	require.Contains(t, w.page(phone+"/parts"), `data-unread="0"`)
	require.Equal(t, before, w.Chat(p.OpenID), "looking says nothing to anybody")
	status, told = w.tell(phone+"/menu", url.Values{"key": {"none"}})
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Equal(t, "没有这个按钮", told["error"])
}

func TestCardsOfTheAccountAreShownAsSuch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.Accounts[0].Name = "小禾 <母婴>" })
	p := w.NewPerson("甲")
	require.NoError(t, w.FollowQuietly(testApp, p.OpenID))
	_, err := w.SendText(testApp, p.OpenID, `看http://a.example/x?b=1&c=<i>，好 javascript:alert(1)`)
	require.NoError(t, err)
	for _, m := range []answer{
		{"msgtype": "news", "news": answer{"articles": []answer{{"title": "活动<u>", "description": "第二件半价", "url": "https://example.com/a", "picurl": "https://example.com/p.png"}}}},
		{"msgtype": "msgmenu", "msgmenu": answer{"head_content": "满意吗", "list": []answer{{"id": "1", "content": "满意"}}, "tail_content": "谢谢"}},
		{"msgtype": "news", "news": answer{"articles": []answer{{"title": "坏", "url": "javascript:alert(1)"}}}},
	} {
		require.Equal(t, 0, w.post("/cgi-bin/message/custom/send", m.with("touser", p.OpenID)).code())
	}
	page := w.page("/phone/p1/" + testApp)
	for _, want := range []string{
		"小禾 &lt;母婴&gt;",
		`看<a href="http://a.example/x?b=1&amp;c=" target="_blank" rel="noreferrer">`, "&lt;i&gt;",
		`<a class="card article" href="https://example.com/a"`, "活动&lt;u&gt;", `src="https://example.com/p.png"`,
		"<p>满意吗</p>", `<button class="option">满意</button>`, "<p>谢谢</p>",
	} {
		require.Contains(t, page, want)
	}
	require.NotContains(t, page, `"javascript:`)
	require.Equal(t, "/phone/p1/"+testApp, w.submit("/phone/p1/"+testApp+"/reply", url.Values{"id": {"1"}}))
}

func TestTheMenuIsTappedOnThePhone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.NewPerson("甲")
	require.NoError(t, w.FollowQuietly(testApp, p.OpenID))
	require.Equal(t, 0, w.post("/cgi-bin/menu/create", answer{"button": []answer{
		{"type": "click", "name": "找店员", "key": "CLERK"},
		{"name": "活动", "sub_button": []answer{{"type": "view", "name": "商城", "url": "https://example.com/shop"}}},
	}}).code())
	page := w.page("/phone/p1/" + testApp)
	require.Contains(t, page, `<button class="plain">找店员</button>`)
	require.Contains(t, page, `data-opens="https://example.com/shop"`)
	status, _ := w.tell("/phone/p1/"+testApp+"/menu", url.Values{"key": {"CLERK"}})
	require.Equal(t, http.StatusOK, status)
	w.settle()
	require.Contains(t, w.server.seen()[0].xml, "<![CDATA[CLICK]]>")
}

func TestThePanelGoesToNextMonthAndToATimeAndNoFurtherThanACentury(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clock := func(v url.Values) (int, map[string]string) { return w.tell("/panel/clock", v) }
	status, _ := clock(url.Values{"set": {"2030-01-31T23:59"}})
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, w.page("/panel/parts"), "2030-01-31 23:59")
	status, _ = clock(url.Values{"month": {"next"}})
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "2030-02-01 00:00", w.Clock().In(beijing()).Format("2006-01-02 15:04"))
	for _, bad := range []url.Values{{"set": {"2200-01-01T00:00"}}, {"set": {"tomorrow"}}, {"advance": {"1000000h"}}, {"advance": {""}}} {
		status, told := clock(bad)
		require.Equal(t, http.StatusUnprocessableEntity, status, bad)
		require.Equal(t, "数字不对", told["error"])
	}
	require.Equal(t, 2030, w.Clock().In(beijing()).Year())
}

func TestWhateverChangesWakesThePages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.NewPerson("甲")
	w.with("") // the token's own call is over
	for what, change := range map[string]func(){
		"clock":   func() { w.submit("/panel/clock", url.Values{"advance": {"1s"}}) },
		"fault":   func() { w.sim("POST", "/sim/faults", answer{"kind": "slow", "delay": "0s"}, nil) },
		"person":  func() { w.submit("/persons", url.Values{"name": {"乙"}}) },
		"call":    func() { w.get("/cgi-bin/getcallbackip") },
		"message": func() { _ = w.Follow(testApp, p.OpenID, "") },
	} {
		w.settle()
		changed := w.change()
		change()
		select {
		case <-changed:
		case <-time.After(5 * time.Second):
			require.Fail(t, "nobody was woken", what)
		}
	}
}

func TestTheStreamHintsAtOnceAndWhenSomethingIsNew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), liveBeat/2)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.api.URL+"/live", http.NoBody)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close() //nolint:errcheck // only read
	require.Equal(t, "text/event-stream", res.Header.Get("Content-Type"))
	hints := bufio.NewScanner(res.Body)
	next := func() bool {
		for hints.Scan() {
			if hints.Text() == "data: look" {
				return true
			}
		}
		return false
	}
	require.True(t, next())
	w.submit("/persons", url.Values{"name": {"甲"}})
	require.True(t, next(), "the beat alone would have come too late")
}

func TestThePagesRunNothingOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.NewPerson("甲")
	for _, path := range []string{"/phones", "/phone/p1/" + testApp, "/panel", "/panel/now", "/people"} {
		_, head, body := w.do(http.MethodGet, path, "", nil)
		require.Contains(t, head.Get("Content-Security-Policy"), "script-src 'self'", path)
		require.NotRegexp(t, `<style|style=|<script>| on[a-z]+=`, string(body), path)
	}
	for _, file := range []string{"style.css", "main.js", "live.js", "forms.js", "phone.js", "row.js"} {
		status, head, body := w.do(http.MethodGet, "/assets/"+file, "", nil)
		require.Equal(t, http.StatusOK, status, file)
		require.NotEmpty(t, body)
		require.Equal(t, "nosniff", head.Get("X-Content-Type-Options"))
	}
	status, _, _ := w.do(http.MethodGet, "/assets/../phones.html", "", nil)
	require.NotEqual(t, http.StatusOK, status)
}
