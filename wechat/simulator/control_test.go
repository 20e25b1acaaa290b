package simulator

import (
	"bytes"
	"encoding/json"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/stretchr/testify/require"
)

func (w *world) sim(method, path string, body any, out any) int {
	w.t.Helper()
	var data []byte
	if body != nil {
		var err error
		data, err = json.Marshal(body)
		require.NoError(w.t, err)
	}
	status, _, answer := w.do(method, path, "application/json", data)
	if out != nil {
		require.NoError(w.t, json.Unmarshal(answer, out), string(answer))
	}
	return status
}

func TestTheControlAPIDoesWhatTheMethodsDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var p Person
	require.Equal(t, 200, w.sim("POST", "/sim/persons", answer{"name": "李雷"}, &p))
	me := answer{"appid": testApp, "openid": p.OpenID}
	url := w.code("QR_STR_SCENE", 60, answer{"scene_str": "c1"}).str("url")
	var scanned Scanned
	require.Equal(t, 200, w.sim("POST", "/sim/scan", answer{"openid": p.OpenID, "url": url}, &scanned))
	require.Equal(t, Scanned{testApp, p.OpenID, "c1", true}, scanned)
	require.Equal(t, 400, w.sim("POST", "/sim/follow", me, nil), "follows already")
	for _, m := range []answer{
		{"kind": "text", "text": "hi"},
		{"kind": "image"},
		{"kind": "voice"},
		{"kind": "video"},
		{"kind": "shortvideo"},
		{"kind": "location", "lat": 1, "lng": 2, "text": "x"},
		{"kind": "link", "title": "t", "url": "https://example.com"},
		{"kind": "raw", "fields": []answer{{"name": "MsgType", "value": "hologram"}, {"name": "Box", "fields": []answer{{"name": "N", "value": "1", "number": true}}}}},
	} {
		require.Equal(t, 200, w.sim("POST", "/sim/messages", m.with("appid", testApp).with("openid", p.OpenID), nil), m)
	}
	require.Equal(t, 400, w.sim("POST", "/sim/messages", me.with("kind", "dance"), nil))
	require.Equal(t, 400, w.sim("POST", "/sim/messages", me.with("kin", "text"), nil), "unknown fields are refused")
	require.Equal(t, 200, w.sim("POST", "/sim/settle", nil, nil))
	var pushes []Push
	w.sim("GET", "/sim/pushes?after=8", nil, &pushes)
	require.Len(t, pushes, 1)
	require.Contains(t, pushes[0].XML, "<Box><N>1</N></Box>")
	require.True(t, pushes[0].Delivered)

	require.Equal(t, 0, w.say(p.OpenID, "你好").code())
	var inbox []Received
	w.sim("GET", "/sim/inbox?openid="+p.OpenID, nil, &inbox)
	require.Len(t, inbox, 1)
	require.Equal(t, "你好", inbox[0].Text)
	var f Follower
	w.sim("GET", "/sim/follower?appid="+testApp+"&openid="+p.OpenID, nil, &f)
	require.Equal(t, 2, f.BriefLeft)

	var clock clockView
	require.Equal(t, 200, w.sim("POST", "/sim/clock", answer{"advance": "48h"}, &clock))
	require.InDelta(t, 48, clock.Now.Sub(clock.Real).Hours(), 0.01)
	require.Equal(t, 200, w.sim("POST", "/sim/clock", answer{"set": "2030-01-01T00:00:00Z"}, &clock))
	require.Equal(t, 2030, clock.Now.Year())
	w.access = ""

	require.Equal(t, 200, w.sim("POST", "/sim/faults", answer{"kind": "slow", "delay": "1ms", "count": 2}, nil))
	require.Equal(t, 400, w.sim("POST", "/sim/faults", answer{"kind": "earthquake"}, nil))
	require.Equal(t, 200, w.sim("POST", "/sim/push-faults", answer{"kind": "lost", "count": 1}, nil))
	var faults []Fault
	w.sim("GET", "/sim/faults", nil, &faults)
	require.Equal(t, time.Millisecond, faults[0].Delay)
	require.Equal(t, 200, w.sim("DELETE", "/sim/faults", nil, nil))
	require.Empty(t, w.Faults())
	require.Empty(t, w.PushFaults())

	require.Equal(t, 200, w.sim("POST", "/sim/quotas", answer{"appid": testApp, "path": "/cgi-bin/user/get", "per_day": 1}, nil))
	w.get("/cgi-bin/user/get")
	require.Equal(t, 45009, w.get("/cgi-bin/user/get").code())
	var calls []Call
	w.sim("GET", "/sim/calls?path=/cgi-bin/user/get", nil, &calls)
	require.Len(t, calls, 2)
	require.Equal(t, 45009, calls[1].Code)
	require.Equal(t, 200, w.sim("POST", "/sim/accounts/verify", answer{"appid": testApp}, nil))
	require.Equal(t, 200, w.sim("POST", "/sim/revoke", answer{"appid": testApp}, nil))
	require.Equal(t, 40001, w.get("/cgi-bin/getcallbackip").code())
	require.Equal(t, 200, w.sim("POST", "/sim/unfollow", me, nil))
}

func TestAForeignPageCannotActOnTheSimulator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	req, err := http.NewRequest(http.MethodPost, w.api.URL+"/sim/persons", strings.NewReader(`{"name":"x"}`))
	require.NoError(t, err)
	req.Header.Set("Origin", "https://evil.example")
	status, _, err := roundTrip(req)
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, status)
}

// submit posts a form of the phone and returns the page it leads to.
func (w *world) submit(path string, form url.Values) string {
	w.t.Helper()
	status, head, _ := w.do(http.MethodPost, path, "application/x-www-form-urlencoded", []byte(form.Encode()))
	require.Equal(w.t, http.StatusSeeOther, status)
	return head.Get("Location")
}

func (w *world) page(path string) string {
	w.t.Helper()
	status, _, body := w.do(http.MethodGet, path, "", nil)
	require.Equal(w.t, http.StatusOK, status)
	return string(body)
}

func qrPNG(t *testing.T, text string) []byte {
	t.Helper()
	m, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 240, 240, nil)
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}

func TestAVisitorPlaysAMemberInTheBrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Equal(t, "/phones?p=p1", w.submit("/persons", url.Values{"name": {"韩梅梅 <script>"}, "p": {""}}))
	phone := "/phone/p1/" + testApp
	require.Contains(t, w.page("/phones?p=p1"), "韩梅梅 &lt;script&gt;")
	require.Contains(t, w.page(phone), "关注公众号")

	target := w.code("QR_STR_SCENE", 600, answer{"scene_str": "c1"}).str("url")
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", "code.png")
	require.NoError(t, err)
	_, err = part.Write(qrPNG(t, target))
	require.NoError(t, err)
	require.NoError(t, form.Close())
	status, head, _ := w.do(http.MethodPost, phone+"/scan", form.FormDataContentType(), b.Bytes())
	require.Equal(t, http.StatusSeeOther, status)
	require.Equal(t, phone, head.Get("Location"), "no error")

	openid := w.Persons()[0].OpenID
	require.Equal(t, phone, w.submit(phone+"/text", url.Values{"text": {"在吗\r\n?"}}))
	require.Equal(t, 0, w.say(openid, "在的 <b>").code())
	for act, v := range map[string]url.Values{
		"image": {}, "voice": {}, "video": {}, "refuses": {"refuses": {"0"}},
		"location": {"lat": {"1"}, "lng": {"2"}, "label": {"家"}}, "link": {"title": {"t"}, "url": {"https://example.com"}},
		"odd": {"odd": {"lists"}},
	} {
		require.Equal(t, phone, w.submit(phone+"/"+act, v), act)
	}
	for _, odd := range []string{"kind", "event", "control"} {
		require.Equal(t, phone, w.submit(phone+"/odd", url.Values{"odd": {odd}}))
	}
	chat := w.page(phone + "/parts")
	for _, text := range []string{"在吗\n?", "在的 &lt;b&gt;", "客服消息", "语音 2″", "<video", "<img", "<small>位置</small>", "关注了公众号"} {
		require.Contains(t, chat, text)
	}
	require.Contains(t, w.submit(phone+"/scan", url.Values{"url": {"https://example.com"}}), "error=")
	require.Contains(t, w.submit(phone+"/dance", nil), "error=")
	require.Equal(t, phone, w.submit(phone+"/unfollow", nil))
	require.Contains(t, w.page(phone+"?error=x"), "关注公众号")
	w.settle()
	require.Len(t, w.server.seen(), 12)
	status, _, _ = w.do(http.MethodGet, "/phone/p9/"+testApp, "", nil)
	require.Equal(t, http.StatusNotFound, status)
}

func TestThePanelMovesTheClockAndSetsFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.Equal(t, "/panel", w.submit("/panel/clock", url.Values{"advance": {"48h"}}))
	require.InDelta(t, 48, time.Until(w.Clock()).Hours(), 0.1)
	require.Contains(t, w.submit("/panel/clock", url.Values{"advance": {"soon"}}), "error=")
	require.Equal(t, "/panel", w.submit("/panel/fault", url.Values{"kind": {"errcode"}, "code": {"-1"}, "count": {"3"}, "path": {"/cgi-bin/user/get"}}))
	require.Equal(t, "/panel", w.submit("/panel/push-fault", url.Values{"kind": {"duplicate"}, "count": {"1"}}))
	require.Equal(t, "/panel", w.submit("/panel/quota", url.Values{"appid": {testApp}, "path": {"/cgi-bin/user/get"}, "per_day": {"7"}}))
	page := w.page("/panel")
	for _, text := range []string{"返回错误码 -1（系统繁忙），还有 3 次", "重复推送", "0 / 7", "/cgi-bin/user/get", "0 / 100000"} {
		require.Contains(t, page, text)
	}
	require.Equal(t, "/panel", w.submit("/panel/revoke", url.Values{"appid": {testApp}}))
	require.Equal(t, "/panel", w.submit("/panel/remove", url.Values{"id": {"1"}}))
	require.Empty(t, w.Faults())
	require.Equal(t, "/panel", w.submit("/panel/clear", nil))
	require.Empty(t, w.PushFaults())
	require.Equal(t, "/panel", w.submit("/panel/clock", url.Values{"real": {"1"}}))
	require.InDelta(t, 0, time.Until(w.Clock()).Seconds(), 5)
}

func TestManyPeopleAndCallersAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.with("")
	var wg sync.WaitGroup
	for range 20 {
		p := w.NewPerson("a")
		wg.Go(func() {
			_ = w.Follow(testApp, p.OpenID, "")
			for range 10 {
				_, _ = w.SendText(testApp, p.OpenID, "hi")
				_, _, _ = w.do(http.MethodGet, "/cgi-bin/user/info?openid="+p.OpenID+"&access_token="+w.access, "", nil)
				_, _, _ = w.do(http.MethodGet, "/panel", "", nil)
			}
		})
	}
	wg.Wait()
	w.settle()
	require.Len(t, w.server.seen(), 220)
	for _, p := range w.Pushes() {
		require.True(t, p.Delivered)
		require.Len(t, p.Tries, 1)
	}
}

func TestNewNamesWhatIsWrongWithItsOptions(t *testing.T) {
	t.Parallel()
	_, err := New(Options{})
	require.ErrorContains(t, err, "Now")
	_, err = New(Options{Now: time.Now, Accounts: []Account{{AppID: "wx", Secret: "s"}}})
	require.ErrorContains(t, err, "token")
	_, err = New(Options{Now: time.Now, Accounts: []Account{{AppID: "wx", Secret: "s", Token: "t", AESKey: "short"}}})
	require.ErrorContains(t, err, "43")
}
