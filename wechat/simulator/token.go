package simulator

import (
	"slices"
	"time"
)

// The token rules (WeChat: "get access token", "get stable access token").
const (
	tokenLife     = 7200 * time.Second
	tokenOverlap  = 5 * time.Minute
	forcePerDay   = 20
	forceSpacing  = 30 * time.Second
	clearPerMonth = 10
)

type token struct {
	value   string
	acc     *account
	expires time.Time
	dead    time.Time // no longer valid from then on; zero = lives until it expires
}

func (t *token) valid(now time.Time) bool {
	return now.Before(t.expires) && (t.dead.IsZero() || now.Before(t.dead))
}

// forcing counts the calls with force_refresh.
type forcing struct {
	day  dayCount
	last time.Time
}

type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"`
}

func (s *Simulator) issue(acc *account) *token {
	t := &token{value: s.fresh(136, "token"), acc: acc, expires: s.now().Add(tokenLife)}
	s.tokens[t.value] = t
	acc.issued = append(acc.issued, t)
	if len(acc.issued) > maxTokens {
		delete(s.tokens, acc.issued[0].value)
		acc.issued = slices.Delete(acc.issued, 0, 1)
	}
	return t
}

func (t *token) answer(now time.Time) tokenAnswer {
	return tokenAnswer{AccessToken: t.value, ExpiresIn: int(t.expires.Sub(now) / time.Second)}
}

// authorize finds the account of the access_token in the query.
func (c *call) authorize() *fail {
	value := c.query.Get("access_token")
	if value == "" {
		return failed(41001)
	}
	t, known := c.tokens[value]
	switch {
	case !known && len(value) < 64:
		return failed(40014)
	case !known, !t.dead.IsZero() && !c.at.Before(t.dead):
		return failed(40001)
	case !c.at.Before(t.expires):
		return failed(42001)
	}
	c.acc = t.acc
	return nil
}

// credentials checks app id and secret.
func (c *call) credentials(appid, secret string) (*account, *fail) {
	if appid == "" {
		return nil, failed(41002)
	}
	if secret == "" {
		return nil, failed(41004)
	}
	acc, known := c.accounts[appid]
	if !known {
		return nil, failed(40013)
	}
	if acc.Secret != secret {
		return nil, failed(40125)
	}
	return acc, nil
}

// getToken is the old way: every call makes a new token and lets the former live 5 minutes more.
func getToken(c *call) (any, *fail) {
	if c.query.Get("grant_type") != "client_credential" {
		return nil, failed(40002)
	}
	acc, f := c.credentials(c.query.Get("appid"), c.query.Get("secret"))
	if f != nil {
		return nil, f
	}
	if f := acc.quota(c.r.URL.Path).take(c.at); f != nil {
		return nil, f
	}
	if acc.plain != nil && acc.plain.dead.IsZero() {
		acc.plain.dead = c.at.Add(tokenOverlap)
	}
	acc.plain = c.issue(acc)
	return acc.plain.answer(c.at), nil
}

// getStableToken gives the same token until its last 5 minutes. It has nothing to do with getToken's tokens.
func getStableToken(c *call) (any, *fail) {
	var in struct {
		GrantType string `json:"grant_type"`
		AppID     string `json:"appid"`
		Secret    string `json:"secret"`
		Force     bool   `json:"force_refresh"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	if in.GrantType != "client_credential" {
		return nil, failed(40002)
	}
	acc, f := c.credentials(in.AppID, in.Secret)
	if f != nil {
		return nil, f
	}
	if f := acc.quota(c.r.URL.Path).take(c.at); f != nil {
		return nil, f
	}
	if in.Force {
		if acc.forced.day.at(c.at) >= forcePerDay {
			return nil, failed(45009)
		}
		if !acc.forced.last.IsZero() && c.at.Sub(acc.forced.last).Abs() < forceSpacing {
			return nil, failed(45011)
		}
		acc.forced.day.add(c.at)
		acc.forced.last = c.at
		if acc.stable != nil {
			acc.stable.dead = c.at
		}
	}
	if old := acc.stable; old == nil || !old.valid(c.at) || old.expires.Sub(c.at) <= tokenOverlap {
		acc.stable = c.issue(acc)
	}
	return acc.stable.answer(c.at), nil
}

// RevokeTokens kills all tokens of the account at once: they answer 40001, and the next one asked for is new.
func (s *Simulator) RevokeTokens(appid string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	acc, err := s.account(appid)
	if err != nil {
		return err
	}
	for _, t := range acc.issued {
		t.dead = s.now()
	}
	return nil
}

type jsTicket struct {
	value   string
	expires time.Time
}

func getTicket(c *call) (any, *fail) {
	if c.query.Get("type") != "jsapi" {
		return nil, failed(40097)
	}
	if c.acc.ticket == nil || !c.at.Before(c.acc.ticket.expires) {
		c.acc.ticket = &jsTicket{value: c.fresh(86, "jsapi"), expires: c.at.Add(tokenLife)}
	}
	return struct {
		done
		Ticket    string `json:"ticket"`
		ExpiresIn int    `json:"expires_in"`
	}{ok(), c.acc.ticket.value, int(c.acc.ticket.expires.Sub(c.at) / time.Second)}, nil
}

func getIPs(*call) (any, *fail) {
	return map[string][]string{"ip_list": {"127.0.0.1"}}, nil
}
