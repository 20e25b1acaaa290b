package simulator

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// The limits of parametric codes (WeChat: "create a parametric QR code").
const (
	permanentStock  = 100_000
	maxPermanentID  = 100_000
	maxTemporaryID  = 4294967295
	strangeSceneID  = 4294967295 // what an id out of range silently becomes
	maxSceneLength  = 64
	defaultCodeLife = 60
	maxCodeLife     = 30 * 24 * 3600
	maxTemporary    = 300_000 // codes kept; the oldest are forgotten
)

type code struct {
	Code
	sceneID  int64
	sceneStr string
}

func (c *code) alive(now time.Time) bool { return c.Permanent || now.Before(c.ExpiresAt) }

// newCode makes a code. A permanent one asked for twice is the same one.
func (s *Simulator) newCode(acc *account, sceneID int64, sceneStr string, permanent bool, life time.Duration) (*code, *fail) {
	c := &code{Code: Code{AppID: acc.AppID, Scene: sceneStr, Permanent: permanent}, sceneID: sceneID, sceneStr: sceneStr}
	if sceneStr == "" {
		c.Scene = strconv.FormatInt(sceneID, 10)
	}
	key := strconv.FormatBool(sceneStr == "") + c.Scene
	if permanent {
		if old, ok := acc.permanent[key]; ok {
			return old, nil
		}
		if len(acc.permanent) >= acc.stock {
			return nil, failed(45029)
		}
		c.Ticket = "gQ" + s.id(90, "ticket", acc.AppID, key) + "=="
		c.URL = "http://weixin.qq.com/q/" + s.id(22, "url", acc.AppID, key)
		acc.permanent[key] = c
	} else {
		c.Ticket = "gQ" + s.fresh(90, "ticket") + "=="
		c.URL = "http://weixin.qq.com/q/" + s.fresh(22, "url")
		c.ExpiresAt = s.now().Add(life)
	}
	s.keep(acc, c)
	return c, nil
}

func (s *Simulator) keep(acc *account, c *code) {
	s.tickets[c.Ticket], s.urls[c.URL] = c, c
	acc.codes = append(acc.codes, c)
	if len(acc.codes)-len(acc.permanent) <= maxTemporary {
		return
	}
	dropped := 0
	acc.codes = slices.DeleteFunc(acc.codes, func(c *code) bool {
		if c.Permanent || dropped >= maxTemporary/10 {
			return false
		}
		dropped++
		delete(s.tickets, c.Ticket)
		delete(s.urls, c.URL)
		return true
	})
}

// Scan holds the phone before the newest code of that scene. A person who does not follow follows thereby.
func (s *Simulator) Scan(appid, openid, scene string) (Scanned, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.relation(appid, openid)
	if err != nil {
		return Scanned{}, err
	}
	for _, c := range slices.Backward(r.acc.codes) {
		if c.Scene == scene {
			return s.scan(r, c)
		}
	}
	return Scanned{}, fmt.Errorf("scene %q: %w", scene, errNoCode)
}

// ScanURL holds the phone before the code whose picture carries url. The openid may be any of the person's.
func (s *Simulator) ScanURL(openid, url string) (Scanned, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.urls[url]
	if !ok {
		return Scanned{}, errNoCode
	}
	r, err := s.relation(c.AppID, openid)
	if err != nil {
		return Scanned{}, err
	}
	return s.scan(r, c)
}

func (s *Simulator) scan(r *relation, c *code) (Scanned, error) {
	if !c.alive(s.now()) {
		return Scanned{}, errExpired
	}
	if err := s.full(); err != nil {
		return Scanned{}, err
	}
	done := Scanned{AppID: r.acc.AppID, OpenID: r.openid, Scene: c.Scene, Followed: !r.subscribed}
	if done.Followed {
		s.follow(r, c)
		return done, nil
	}
	r.allow.trigger(s.now())
	s.note(r, textScanned)
	s.pushEvent(r, Field{Name: "Event", Value: "SCAN"}, Field{Name: "EventKey", Value: c.Scene}, Field{Name: "Ticket", Value: c.Ticket})
	return done, nil
}

// Codes returns the account's codes that can be scanned, newest first, at most 5,000.
func (s *Simulator) Codes(appid string) []Code {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Code{}
	acc, ok := s.accounts[appid]
	if !ok {
		return all
	}
	now := s.now()
	for _, c := range slices.Backward(acc.codes) {
		if c.alive(now) && len(all) < maxKept {
			all = append(all, c.Code)
		}
	}
	return all
}

// AdoptCode makes a code known that an earlier run of the simulator gave out.
func (s *Simulator) AdoptCode(c Code) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	acc, err := s.account(c.AppID)
	if err != nil {
		return err
	}
	if c.Scene == "" || c.Ticket == "" || c.URL == "" || (!c.Permanent && c.ExpiresAt.IsZero()) {
		return errors.New("simulator: the code is not complete")
	}
	if _, known := s.tickets[c.Ticket]; known {
		return nil
	}
	adopted := &code{Code: c, sceneStr: c.Scene}
	if c.Permanent {
		acc.permanent["false"+c.Scene] = adopted
	}
	s.keep(acc, adopted)
	return nil
}

// SetPermanentStock says how many permanent codes the account may have, 100,000 unless told.
func (s *Simulator) SetPermanentStock(appid string, n int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	acc, err := s.account(appid)
	if err != nil {
		return err
	}
	acc.stock = n
	return nil
}
