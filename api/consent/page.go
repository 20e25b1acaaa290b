package consent

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/consent"
	"liuke/service/fault"
)

// The pages of members: plain HTML in WeChat's browser, without script, made for one thumb. They are no part of the API.
const (
	entrance   = consent.PagePath + ":appid/consent"
	stateName  = "liuke_page"
	maxForm    = 4 << 10
	stateBytes = 18
)

// MountPages adds them to the router. stranger counts a caller and tells how long he has to wait.
func (r *Room) MountPages(engine *gin.Engine, stranger func(*http.Request) time.Duration) {
	r.stranger = stranger
	pages := engine.Group("", r.hold)
	pages.GET(entrance, r.enter)
	pages.GET(entrance+"/:link", r.page)
	pages.POST(entrance+"/:link", r.choose)
}

// hold keeps who comes too often waiting.
func (r *Room) hold(c *gin.Context) {
	if wait := r.stranger(c.Request); wait > 0 {
		c.Header("Retry-After", strconv.FormatInt(rest.Seconds(wait), 10))
		r.refuse(c, rest.TooSoon(wait))
		c.Abort()
	}
}

// enter asks WeChat who it is, or takes its answer and leads to his page. The state ties the answer to this browser, so
// that nobody is led to the page of somebody else by an address he was sent.
func (r *Room) enter(c *gin.Context) {
	ctx, appID, path := c.Request.Context(), c.Param("appid"), strings.TrimSuffix(c.Request.URL.Path, "/")
	c.SetSameSite(http.SameSiteLaxMode)
	secure := c.Request.TLS != nil || c.GetHeader("X-Forwarded-Proto") == "https"
	if code := c.Query("code"); code != "" {
		kept, err := c.Cookie(stateName)
		if err != nil || subtle.ConstantTimeCompare([]byte(kept), []byte(c.Query("state"))) != 1 {
			r.refuse(c, fault.New(fault.NotFound, "code_unknown"))
			return
		}
		c.SetCookie(stateName, "", -1, path, "", secure, true)
		page, err := r.consents.Entered(ctx, appID, code)
		if err != nil {
			r.refuse(c, err)
			return
		}
		c.Redirect(http.StatusSeeOther, page)
		return
	}
	random := make([]byte, stateBytes)
	_, _ = rand.Read(random) // it never fails
	state := base64.RawURLEncoding.EncodeToString(random)
	address, err := r.consents.Enter(ctx, appID, state)
	if err != nil {
		r.refuse(c, err)
		return
	}
	c.SetCookie(stateName, state, 600, path, "", secure, true)
	c.Redirect(http.StatusFound, address)
}

func (r *Room) page(c *gin.Context) {
	p, err := r.consents.Open(c.Request.Context(), c.Param("appid"), c.Param("link"))
	if err != nil {
		r.refuse(c, err)
		return
	}
	words := wordsFor(c)
	v := pageView{Words: words, Account: p.Account, Allows: p.Allows, Saved: c.Query("saved") != "", Entrance: consent.PagePath + c.Param("appid") + "/consent"}
	for _, purpose := range consent.Purposes() {
		on := p.States[purpose] == model.ConsentGiven || purpose == model.ConsentForService && p.States[purpose] == ""
		v.Any = v.Any || on
		v.Purposes = append(v.Purposes, purposeView{Name: purpose, Words: words.purposes[purpose], On: on})
	}
	r.show(c, http.StatusOK, "page", v)
}

// choose takes one switch, or all off.
func (r *Room) choose(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxForm)
	var said []consent.Word
	switch purpose, state := c.PostForm("purpose"), c.PostForm("state"); purpose {
	case "all":
		for _, p := range consent.Purposes() {
			said = append(said, consent.Word{Purpose: p, State: model.ConsentWithdrawn})
		}
	default:
		said = []consent.Word{{Purpose: purpose, State: state, Text: wordsFor(c).purposes[purpose].Asked}}
	}
	if err := r.consents.Choose(c.Request.Context(), c.Param("appid"), c.Param("link"), said); err != nil {
		r.refuse(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, c.Request.URL.Path+"?saved=1")
}

// refuse says in words why there is no page.
func (r *Room) refuse(c *gin.Context, err error) {
	words, status := wordsFor(c), http.StatusInternalServerError
	text := words.failures["other"]
	var f *fault.Error
	if errors.As(err, &f) {
		if known := statuses()[f.Kind]; known != 0 {
			status = known
		}
		if f.Kind == fault.NotFound {
			text = words.failures["link_unknown"]
		}
		if known := words.failures[f.Reason]; known != "" {
			text = known
		}
	} else {
		r.log.LogAttrs(c.Request.Context(), slog.LevelError, "a member's page failed", slog.Any("error", err))
	}
	r.show(c, status, "refusal", pageView{Words: words, Text: text})
}

// statuses are those of the faults that a page may meet; any other is our own.
func statuses() map[fault.Kind]int {
	return map[fault.Kind]int{
		fault.NotFound: http.StatusNotFound, fault.Forbidden: http.StatusForbidden, fault.Invalid: http.StatusUnprocessableEntity,
		fault.Unavailable: http.StatusServiceUnavailable, fault.TooMany: http.StatusTooManyRequests,
	}
}

type purposeView struct {
	Name  string
	Words purposeWords
	On    bool
}

type pageView struct {
	Words         pageWords
	Account, Text string
	Purposes      []purposeView
	Any           bool // something is on
	Allows, Saved bool
	Entrance      string
}

// show writes a page under a policy that lets nothing but its own style in and its own form out.
func (r *Room) show(c *gin.Context, status int, name string, v pageView) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(r.style[:])+"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("X-Robots-Tag", "noindex")
	c.Status(status)
	_ = r.pages.ExecuteTemplate(c.Writer, name, v) // who has gone sees nothing
}

const style = `body{margin:0;background:#f4f5f7;color:#1c2127;font:17px/1.5 system-ui,sans-serif}main{max-width:480px;margin:0 auto;padding:20px 16px 32px}h1{margin:0 0 4px;font-size:22px}h2{margin:0;font-size:18px}p{margin:4px 0 12px;overflow-wrap:anywhere}.soft{color:#565f6b;font-size:15px}section{margin:12px 0;padding:16px;border-radius:12px;background:#fff}button,.go{display:block;box-sizing:border-box;width:100%;min-height:48px;padding:10px 16px;border:1px solid #8b929c;border-radius:24px;background:#fff;color:#1c2127;font:inherit;text-align:center;text-decoration:none}.on{border-color:#09623f;background:#09623f;color:#fff}.saved{padding:12px 16px;border-radius:12px;background:#e2f3ea;color:#09623f}`

func pages() *template.Template {
	return template.Must(template.New("").Parse(`
{{define "head"}}<!doctype html><html lang="{{.Words.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{{.Words.Title}}</title><style>` + style + `</style></head><body><main>{{end}}
{{define "page"}}{{template "head" .}}<h1>{{.Words.Title}}</h1><p class="soft">{{.Account}}</p>
{{if .Saved}}<p class="saved" role="status">{{.Words.Saved}}</p>{{end}}
{{range .Purposes}}<section><h2>{{.Words.Name}}{{if .On}} · {{$.Words.IsOn}}{{else}} · {{$.Words.IsOff}}{{end}}</h2><p class="soft">{{.Words.Why}}</p>
{{if .On}}<form method="post"><input type="hidden" name="purpose" value="{{.Name}}"><input type="hidden" name="state" value="withdrawn"><button aria-label="{{$.Words.Off}}：{{.Words.Name}}">{{$.Words.Off}}</button></form>
{{else if $.Allows}}<p>{{.Words.Asked}}</p><form method="post"><input type="hidden" name="purpose" value="{{.Name}}"><input type="hidden" name="state" value="given"><button class="on" aria-label="{{$.Words.On}}：{{.Words.Name}}">{{$.Words.On}}</button></form>{{end}}</section>{{end}}
{{if .Any}}<section><h2>{{.Words.NoMore}}</h2><p class="soft">{{.Words.NoMoreWhy}}</p><form method="post"><input type="hidden" name="purpose" value="all"><button>{{.Words.NoMore}}</button></form></section>{{end}}
{{if not .Allows}}<p class="soft">{{.Words.Confirm}}</p><a class="go" href="{{.Entrance}}">{{.Words.Open}}</a>{{end}}</main></body></html>{{end}}
{{define "refusal"}}{{template "head" .}}<h1>{{.Words.Title}}</h1><p>{{.Text}}</p></main></body></html>{{end}}`))
}
