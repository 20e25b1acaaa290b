package simulator

import (
	"fmt"
	"maps"
	"strconv"
	"time"
)

// The values of subscribe_scene that the phone can cause.
const (
	bySearch = "ADD_SCENE_SEARCH"
	byCode   = "ADD_SCENE_QR_CODE"
)

type person struct {
	id     string
	name   string
	number int
	rels   map[string]*relation // by app id
}

// relation is how one person stands to one account.
type relation struct {
	acc    *account
	person *person
	openid string

	subscribed bool
	ever       bool // has followed at some time
	since      time.Time
	how        string // subscribe_scene
	qrScene    int64
	qrSceneStr string
	tags       []int
	remark     string
	blocked    bool
	refuses    bool

	allow    allowance
	exchange time.Time // last message in either direction
	typing   time.Time // shows as typing until then
	mass     monthCount
	consents map[string]int // subscription template id -> sends left
	chat     []Entry
	looked   int64 // id of the last entry that was there when the phone was last looked at
}

// NewPerson makes a person who follows nobody yet. When the simulator holds 100,000 persons it returns the last one.
func (s *Simulator) NewPerson(name string) Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.persons); n >= maxPersons {
		return s.show(s.persons[n-1])
	}
	n := len(s.persons) + 1
	p := &person{id: "p" + strconv.Itoa(n), name: name, number: n, rels: map[string]*relation{}}
	s.persons = append(s.persons, p)
	for _, appid := range s.appIDs {
		s.relate(s.accounts[appid], p)
	}
	return s.show(p)
}

// Persons returns everybody in the order they were made.
func (s *Simulator) Persons() []Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Person, 0, len(s.persons))
	for _, p := range s.persons {
		all = append(all, s.show(p))
	}
	return all
}

func (s *Simulator) show(p *person) Person {
	v := Person{ID: p.id, Name: p.name, OpenIDs: make(map[string]string, len(p.rels))}
	for i, appid := range s.appIDs {
		v.OpenIDs[appid] = p.rels[appid].openid
		if i == 0 {
			v.OpenID = p.rels[appid].openid
		}
	}
	return v
}

func (s *Simulator) relate(acc *account, p *person) {
	openid := "o" + s.id(27, "openid", acc.AppID, strconv.Itoa(p.number))
	r := &relation{acc: acc, person: p, openid: openid, consents: map[string]int{}}
	p.rels[acc.AppID] = r
	s.relations[openid] = r
}

// relation finds the person behind any of the person's openids and how that person stands to the account.
func (s *Simulator) relation(appid, openid string) (*relation, error) {
	if _, err := s.account(appid); err != nil {
		return nil, err
	}
	r, ok := s.relations[openid]
	if !ok {
		return nil, fmt.Errorf("simulator: nobody has the openid %q", openid)
	}
	return r.person.rels[appid], nil
}

func (s *Simulator) follower(appid, openid string) (*relation, error) {
	r, err := s.relation(appid, openid)
	if err != nil {
		return nil, err
	}
	if !r.subscribed {
		return nil, errNotFollowing
	}
	return r, nil
}

// Follow makes the person follow the account: without a scene by search, with one by scanning the code that carries it.
func (s *Simulator) Follow(appid, openid, scene string) error {
	if scene != "" {
		_, err := s.Scan(appid, openid, scene)
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.relation(appid, openid)
	if err != nil {
		return err
	}
	if r.subscribed {
		return errFollows
	}
	s.follow(r, nil)
	return nil
}

// FollowQuietly makes the person a follower without any push, for an account server that knows it already.
func (s *Simulator) FollowQuietly(appid, openid string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.relation(appid, openid)
	if err != nil {
		return err
	}
	if !r.subscribed {
		s.subscribe(r, nil)
	}
	return nil
}

func (s *Simulator) subscribe(r *relation, c *code) {
	r.subscribed, r.since, r.how, r.qrScene, r.qrSceneStr = true, s.now(), bySearch, 0, ""
	if c != nil {
		r.how, r.qrScene, r.qrSceneStr = byCode, c.sceneID, c.sceneStr
	}
	if !r.ever {
		r.ever = true
		r.acc.openids = append(r.acc.openids, r.openid)
	}
}

func (s *Simulator) follow(r *relation, c *code) {
	s.subscribe(r, c)
	r.allow.trigger(s.now())
	fields := []Field{{Name: "Event", Value: "subscribe"}}
	if c == nil {
		fields = append(fields, Field{Name: "EventKey"})
	} else {
		fields = append(fields, Field{Name: "EventKey", Value: "qrscene_" + c.Scene}, Field{Name: "Ticket", Value: c.Ticket})
	}
	s.note(r, textFollowed)
	s.pushEvent(r, fields...)
}

// Unfollow makes the person leave the account.
func (s *Simulator) Unfollow(appid, openid string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.follower(appid, openid)
	if err != nil {
		return err
	}
	r.subscribed, r.tags, r.remark, r.allow = false, nil, "", allowance{}
	s.note(r, textUnfollowed)
	s.pushEvent(r, Field{Name: "Event", Value: "unsubscribe"}, Field{Name: "EventKey"})
	return nil
}

// SetRefuses says whether the person has switched the account's messages off.
func (s *Simulator) SetRefuses(appid, openid string, refuses bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.relation(appid, openid)
	if err != nil {
		return err
	}
	r.refuses = refuses
	return nil
}

// Follower returns how the person stands to the account.
func (s *Simulator) Follower(appid, openid string) (Follower, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.relation(appid, openid)
	if err != nil {
		return Follower{}, err
	}
	now := s.now()
	f := Follower{
		AppID: appid, OpenID: r.openid, Name: r.person.name, Subscribed: r.subscribed, Tags: append([]int{}, r.tags...),
		Remark: r.remark, Typing: now.Before(r.typing), Refuses: r.refuses, Blocked: r.blocked,
		Consents: maps.Clone(r.consents), MassLeft: massPerMonth - r.mass.at(now),
	}
	if r.subscribed {
		f.Since = r.since
	}
	if now.Before(r.allow.until) {
		f.Left, f.Until = r.allow.left, r.allow.until
	}
	if now.Before(r.allow.briefUntil) {
		f.BriefLeft, f.BriefUntil = r.allow.brief, r.allow.briefUntil
	}
	for i := len(r.chat) - 1; i >= 0 && r.chat[i].ID > r.looked; i-- {
		if !r.chat[i].Mine {
			f.Unread++
		}
	}
	return f, nil
}

// Look marks everything that the account sent to the person as seen. WeChat tells the account nothing of it.
func (s *Simulator) Look(appid, openid string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.relation(appid, openid)
	if err != nil {
		return err
	}
	if n := len(r.chat); n > 0 {
		r.looked = r.chat[n-1].ID
	}
	return nil
}
