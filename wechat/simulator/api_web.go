package simulator

import (
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// The lives of what web sign-in gives out.
const (
	webCodeLife    = 5 * time.Minute
	webTokenLife   = 7200 * time.Second
	webRefreshLife = 30 * 24 * time.Hour
	maxWebTokens   = 10_000
)

type webCode struct {
	rel      *relation
	scope    string
	snapshot bool
	expires  time.Time
	used     bool
}

type webToken struct {
	rel      *relation
	scope    string
	openid   string
	snapshot bool
	refresh  string
	expires  time.Time
	ends     time.Time // of the refresh token
}

// authorizePage is /connect/oauth2/authorize. A phone knows who holds it; here the page asks, or the parameter
// sim_openid says it. sim_snapshot=1 plays the snapshot page, whose openid is not the person's.
func (s *Simulator) authorizePage(choose *template.Template) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		back, err := url.Parse(q.Get("redirect_uri"))
		scope := q.Get("scope")
		if err != nil || back.Host == "" || (back.Scheme != "http" && back.Scheme != "https") ||
			q.Get("response_type") != "code" || (scope != "snsapi_base" && scope != "snsapi_userinfo") {
			http.Error(w, "redirect_uri 或 scope 参数错误", http.StatusBadRequest)
			return
		}
		s.mu.Lock()
		acc, err := s.account(q.Get("appid"))
		s.mu.Unlock()
		if err != nil {
			http.Error(w, "appid 参数错误", http.StatusBadRequest)
			return
		}
		openid := q.Get("sim_openid")
		if openid == "" {
			show(w, choose, "authorize", map[string]any{"Persons": s.Persons(), "Query": template.URL(q.Encode()), "AppID": acc.AppID}) //nolint:gosec // Encode has escaped it
			return
		}
		code, err := s.webCode(acc.AppID, openid, scope, q.Get("sim_snapshot") == "1")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		with := back.Query()
		with.Set("code", code)
		with.Set("state", q.Get("state"))
		back.RawQuery = with.Encode()
		http.Redirect(w, r, back.String(), http.StatusFound)
	}
}

func (s *Simulator) webCode(appid, openid, scope string, snapshot bool) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.relation(appid, openid)
	if err != nil {
		return "", err
	}
	now := s.now()
	maps.DeleteFunc(s.webCodes, func(_ string, c *webCode) bool { return now.Sub(c.expires) > time.Hour })
	if len(s.webCodes) >= maxWebTokens {
		clear(s.webCodes)
	}
	value := s.fresh(32, "web code")
	s.webCodes[value] = &webCode{rel: r, scope: scope, snapshot: snapshot, expires: now.Add(webCodeLife)}
	return value, nil
}

type webAnswer struct {
	AccessToken  string `json:"access_token"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token"`
	OpenID       string `json:"openid"`
	Scope        string `json:"scope"`
	Snapshot     int    `json:"is_snapshotuser,omitempty"`
}

func webAccess(c *call) (any, *fail) {
	q := c.query
	if q.Get("grant_type") != "authorization_code" {
		return nil, failed(40002)
	}
	acc, f := c.credentials(q.Get("appid"), q.Get("secret"))
	if f != nil {
		return nil, f
	}
	if f := acc.quota(c.r.URL.Path).take(c.at); f != nil {
		return nil, f
	}
	if q.Get("code") == "" {
		return nil, failed(41008)
	}
	code, known := c.webCodes[q.Get("code")]
	switch {
	case !known || code.rel.acc != acc:
		return nil, failed(40029)
	case code.used:
		return nil, failed(40163)
	case !c.at.Before(code.expires):
		return nil, failed(42003)
	}
	code.used = true
	t := &webToken{rel: code.rel, scope: code.scope, openid: code.rel.openid, snapshot: code.snapshot, refresh: c.fresh(86, "web refresh"), ends: c.at.Add(webRefreshLife)}
	if t.snapshot {
		t.openid = "o" + c.fresh(27, "virtual")
	}
	return c.webAnswer(t), nil
}

// webAnswer gives the token a new value and a new life.
func (c *call) webAnswer(t *webToken) webAnswer {
	maps.DeleteFunc(c.webTokens, func(_ string, o *webToken) bool { return o == t || !c.at.Before(o.ends) })
	for value := range c.webTokens {
		if len(c.webTokens) < maxWebTokens {
			break
		}
		delete(c.webTokens, value)
	}
	value := c.fresh(86, "web token")
	t.expires = c.at.Add(webTokenLife)
	c.webTokens[value] = t
	answer := webAnswer{AccessToken: value, ExpiresIn: int(webTokenLife / time.Second), RefreshToken: t.refresh, OpenID: t.openid, Scope: t.scope}
	if t.snapshot {
		answer.Snapshot = 1
	}
	return answer
}

func webRefresh(c *call) (any, *fail) {
	if c.query.Get("grant_type") != "refresh_token" {
		return nil, failed(40002)
	}
	for _, t := range c.webTokens {
		if t.refresh != c.query.Get("refresh_token") || t.rel.acc.AppID != c.query.Get("appid") {
			continue
		}
		if !c.at.Before(t.ends) {
			return nil, failed(42002)
		}
		return c.webAnswer(t), nil
	}
	return nil, failed(40030)
}

func (c *call) webToken() (*webToken, *fail) {
	value := c.query.Get("access_token")
	if value == "" {
		return nil, failed(41001)
	}
	t, known := c.webTokens[value]
	switch {
	case !known:
		return nil, failed(40001)
	case !c.at.Before(t.expires):
		return nil, failed(42001)
	case t.openid != c.query.Get("openid"):
		return nil, failed(40003)
	}
	return t, nil
}

func webCheck(c *call) (any, *fail) {
	if _, f := c.webToken(); f != nil {
		return nil, f
	}
	return ok(), nil
}

// webUserInfo tells nickname and picture; sex and place have been empty since 2021-10-20.
func webUserInfo(c *call) (any, *fail) {
	t, f := c.webToken()
	if f != nil {
		return nil, f
	}
	if t.scope != "snsapi_userinfo" {
		return nil, failed(48001)
	}
	name := t.rel.person.name
	if t.snapshot {
		name = "微信用户"
	}
	return map[string]any{
		"openid": t.openid, "nickname": name, "sex": 0, "province": "", "city": "", "country": "",
		"headimgurl": "", "privilege": []string{},
	}, nil
}
