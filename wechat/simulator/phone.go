package simulator

import (
	"cmp"
	"errors"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// phone serves one phone: as a page of its own, as a frame for the row of phones, and as the parts that change.
func (s *Simulator) phone(mux *http.ServeMux, views *template.Template) {
	mux.HandleFunc("GET /phone/{person}/{appid}", s.withPhone(func(w http.ResponseWriter, r *http.Request, v *phoneView) {
		v.Error = r.FormValue("error")
		show(w, views, "phone", v)
	}))
	for _, part := range []string{"frame", "parts"} {
		mux.HandleFunc("GET /phone/{person}/{appid}/"+part, s.withPhone(func(w http.ResponseWriter, _ *http.Request, v *phoneView) {
			show(w, views, part, v)
		}))
	}
	mux.HandleFunc("POST /phone/{person}/{appid}/{act}", s.withPhone(func(w http.ResponseWriter, r *http.Request, v *phoneView) {
		r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
		appid, err := s.phoneAct(r, v)
		acted(w, r, phonePath(v.Person.ID, appid), err)
	}))
}

// acted answers a form: a script is told what happened, a browser without one is led to the page.
func acted(w http.ResponseWriter, r *http.Request, path string, err error) {
	switch {
	case r.Header.Get("Accept") != "application/json":
		if err != nil {
			path += "?error=" + url.QueryEscape(inChinese(err))
		}
		http.Redirect(w, r, path, http.StatusSeeOther)
	case err != nil:
		writeJSON(w, http.StatusUnprocessableEntity, map[string]string{"error": inChinese(err)})
	default:
		reply200(w, map[string]string{"path": path})
	}
}

func phonePath(person, appid string) string {
	return "/phone/" + url.PathEscape(person) + "/" + url.PathEscape(appid)
}

// phoneView is what the pages of one phone show.
type phoneView struct {
	Person    Person
	AppID     string
	Account   string // its name
	OpenID    string
	Key       string // tells the phone's elements from those of others
	Path      string
	Name      string // in the address of the row
	Close     string // the row without this phone
	Accounts  []accountView
	Follower  Follower
	Lines     []line
	Hidden    int // older lines that are not shown
	Codes     []Code
	Menu      []Button
	Templates []Template
	Error     string
}

// line is one line of the chat; Time is what stands above it after a silence.
type line struct {
	Entry

	Time string
}

// silence is how long nobody says anything before a chat shows the time again.
const silence = 5 * time.Minute

func lines(chat []Entry, now time.Time) []line {
	all := make([]line, 0, len(chat))
	last, today := time.Time{}, now.In(beijing()).Format(time.DateOnly)
	for _, e := range chat {
		l := line{Entry: e}
		if at := e.At.In(beijing()); e.At.Sub(last) > silence || e.At.Before(last) {
			l.Time = at.Format("1月2日 15:04")
			if at.Format(time.DateOnly) == today {
				l.Time = at.Format("15:04")
			}
		}
		last = e.At
		all = append(all, l)
	}
	return all
}

// menuTap is one button of the menu on a phone.
type menuTap struct {
	Button

	Path  string
	Opens bool // the phone also opens the button's page
}

// Tap is for the pages.
func (v *phoneView) Tap(b Button) menuTap {
	return menuTap{Button: b, Path: v.Path, Opens: b.Type == "view" && b.URL != ""}
}

// phoneView shows the phone of a person as it stands to an account, the first one when none is named.
func (s *Simulator) phoneView(person, appid string) (*phoneView, error) {
	p, err := s.personOf(person)
	if err != nil {
		return nil, err
	}
	accounts := s.accountViews()
	if appid == "" && len(accounts) > 0 {
		appid = accounts[0].AppID
	}
	f, err := s.Follower(appid, p.OpenIDs[appid])
	if err != nil {
		return nil, err
	}
	chat := s.Chat(f.OpenID)
	hidden := max(0, len(chat)-shownLines)
	v := &phoneView{
		Person: p, AppID: appid, OpenID: f.OpenID, Key: p.ID + "-" + appid, Path: phonePath(p.ID, appid), Accounts: accounts,
		Follower: f, Lines: lines(chat[hidden:], s.Clock()), Hidden: hidden,
	}
	for _, a := range accounts {
		if a.AppID == appid {
			v.Account = cmp.Or(a.Name, appid)
		}
	}
	v.Codes, v.Menu, v.Templates = s.phoneChoices(appid)
	return v, nil
}

func (s *Simulator) withPhone(do func(http.ResponseWriter, *http.Request, *phoneView)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := s.phoneView(r.PathValue("person"), r.PathValue("appid"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		do(w, r, v)
	}
}

func (s *Simulator) personOf(id string) (Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := strconv.Atoi(strings.TrimPrefix(id, "p"))
	if err != nil || n < 1 || n > len(s.persons) {
		return Person{}, errors.New("simulator: no such person")
	}
	return s.show(s.persons[n-1]), nil
}

func (s *Simulator) phoneChoices(appid string) (codes []Code, menu []Button, templates []Template) {
	codes = s.Codes(appid)
	codes = codes[:min(len(codes), shownCodes)]
	s.mu.Lock()
	defer s.mu.Unlock()
	acc := s.accounts[appid]
	for _, t := range acc.templates {
		if t.Subscribe {
			templates = append(templates, *t)
		}
	}
	return codes, acc.menu, templates
}

// file reads the uploaded file; nil when none was chosen.
func file(r *http.Request) ([]byte, error) {
	f, _, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	}
	if err != nil {
		return nil, errFile
	}
	defer f.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, errFile
	}
	if len(data) == 0 {
		return nil, nil
	}
	return data, nil
}
