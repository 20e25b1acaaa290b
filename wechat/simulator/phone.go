package simulator

import (
	"bytes"
	"errors"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

func (s *Simulator) pageFuncs() template.FuncMap {
	return template.FuncMap{
		"clock": func(t time.Time) string { return t.In(beijing()).Format("01-02 15:04:05") },
		"via":   viaText,
		"media": func(id string) string { return "/sim/media/" + url.PathEscape(id) },
		"join":  strings.Join,
	}
}

func show(w http.ResponseWriter, views *template.Template, name string, data any) {
	var b bytes.Buffer
	if err := views.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes()) // the reader has gone: his matter
}

func (s *Simulator) phone(mux *http.ServeMux, views *template.Template) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		show(w, views, "home", map[string]any{
			"Persons": s.matching(r.FormValue("q")), "Accounts": s.accountViews(), "Q": r.FormValue("q"), "Now": s.Clock(),
		})
	})
	mux.HandleFunc("POST /persons", func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimSpace(r.FormValue("name"))
		if name == "" {
			name = textNobody
		}
		p := s.NewPerson(name)
		accounts := s.accountViews()
		if len(accounts) == 0 {
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		http.Redirect(w, r, phonePath(p.ID, accounts[0].AppID, ""), http.StatusSeeOther)
	})
	mux.HandleFunc("GET /phone/{person}/{appid}", s.withPhone(func(w http.ResponseWriter, r *http.Request, v *phoneView) {
		v.Error = r.FormValue("error")
		v.Codes, v.Menu, v.Templates = s.phoneChoices(v.AppID)
		show(w, views, "phone", v)
	}))
	mux.HandleFunc("GET /phone/{person}/{appid}/chat", s.withPhone(func(w http.ResponseWriter, _ *http.Request, v *phoneView) {
		show(w, views, "chat", v)
	}))
	mux.HandleFunc("POST /phone/{person}/{appid}/{act}", s.withPhone(func(w http.ResponseWriter, r *http.Request, v *phoneView) {
		r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
		appid, err := s.phoneAct(r, v)
		message := ""
		if err != nil {
			message = inChinese(err)
		}
		http.Redirect(w, r, phonePath(v.Person.ID, appid, message), http.StatusSeeOther)
	}))
	s.panel(mux, views)
}

func phonePath(person, appid, message string) string {
	path := "/phone/" + url.PathEscape(person) + "/" + url.PathEscape(appid)
	if message != "" {
		path += "?error=" + url.QueryEscape(message)
	}
	return path
}

// phoneView is what the pages of one phone show.
type phoneView struct {
	Person    Person
	AppID     string
	OpenID    string
	Accounts  []accountView
	Follower  Follower
	Chat      []Entry
	Codes     []Code
	Menu      []Button
	Templates []Template
	Now       time.Time
	Error     string
}

func (s *Simulator) withPhone(do func(http.ResponseWriter, *http.Request, *phoneView)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, err := s.personOf(r.PathValue("person"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		appid := r.PathValue("appid")
		f, err := s.Follower(appid, p.OpenIDs[appid])
		if err != nil {
			http.NotFound(w, r)
			return
		}
		do(w, r, &phoneView{Person: p, AppID: appid, OpenID: f.OpenID, Accounts: s.accountViews(), Follower: f, Chat: s.Chat(f.OpenID), Now: s.Clock()})
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

// matching are the first 300 persons whose name holds q.
func (s *Simulator) matching(q string) []Person {
	found := []Person{}
	for _, p := range s.Persons() {
		if strings.Contains(p.Name, q) && len(found) < 300 {
			found = append(found, p)
		}
	}
	return found
}

func (s *Simulator) phoneChoices(appid string) (codes []Code, menu []Button, templates []Template) {
	codes = s.Codes(appid)
	codes = codes[:min(len(codes), 200)]
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
