package simulator

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// How much a page shows.
const (
	maxPhones   = 8   // side by side
	shownLines  = 200 // of one chat
	shownCodes  = 50
	shownPeople = 300
)

// home serves the row of phones. Its address says whose phones they are, each as p=PERSON or p=PERSON.APPID, so that
// a reload or a bookmark shows the same.
func (s *Simulator) home(mux *http.ServeMux, views *template.Template) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/phones", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /phones", func(w http.ResponseWriter, r *http.Request) {
		show(w, views, "phones", s.phonesView(r))
	})
	mux.HandleFunc("GET /people", func(w http.ResponseWriter, r *http.Request) {
		show(w, views, "people", s.peopleView(r.FormValue("q"), s.chosen(r)))
	})
	mux.HandleFunc("POST /persons", func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimSpace(r.FormValue("name"))
		if name == "" {
			name = textNobody
		}
		names := s.chosen(r)
		if len(names) < maxPhones {
			names = append(names, s.NewPerson(name).ID)
		}
		http.Redirect(w, r, phonesPath(names), http.StatusSeeOther)
	})
}

// chosen are the phones that the request names, without repeats; those of the stage when it names none.
func (s *Simulator) chosen(r *http.Request) []string {
	_ = r.ParseForm() // what cannot be read names nobody
	names := []string{}
	for _, name := range r.Form["p"] {
		if name != "" && !slices.Contains(names, name) && len(names) < maxPhones {
			names = append(names, name)
		}
	}
	if !r.Form.Has("p") {
		names = s.staged().Persons
		names = names[:min(len(names), maxPhones)]
	}
	return names
}

// phonesPath is the address of a row; one without phones is not the stage's.
func phonesPath(names []string) string {
	if len(names) == 0 {
		return "/phones?p="
	}
	return "/phones?" + url.Values{"p": names}.Encode()
}

type phonesView struct {
	Phones []*phoneView
	Lost   int // phones named that are not there
	People peopleView
	Links  []Link
	Panel  panelView
	NoApp  bool
}

func (s *Simulator) phonesView(r *http.Request) phonesView {
	v := phonesView{Links: s.staged().Links, Panel: s.panelView(), NoApp: len(s.accountViews()) == 0}
	names := []string{}
	for _, name := range s.chosen(r) {
		person, appid, _ := strings.Cut(name, ".")
		p, err := s.phoneView(person, appid)
		if err != nil {
			v.Lost++
			continue
		}
		p.Name = name
		v.Phones = append(v.Phones, p)
		names = append(names, name)
	}
	for _, p := range v.Phones {
		p.Close = phonesPath(slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == p.Name }))
	}
	v.People = s.peopleView("", names)
	return v
}

// peopleView is the list from which a phone is added.
type peopleView struct {
	Q      string
	Names  []string // the phones that are there already
	Full   bool
	People []personLine
}

type personLine struct {
	Person

	Path    string
	Follows bool
	Unread  int
}

func (s *Simulator) peopleView(q string, names []string) peopleView {
	v := peopleView{Q: q, Names: names, Full: len(names) >= maxPhones}
	for _, p := range s.Persons() {
		if len(v.People) >= shownPeople {
			break
		}
		if !strings.Contains(p.Name, q) || slices.ContainsFunc(names, func(n string) bool { return n == p.ID || strings.HasPrefix(n, p.ID+".") }) {
			continue
		}
		line := personLine{Person: p, Path: phonesPath(append(slices.Clone(names), p.ID))}
		for appid, openid := range p.OpenIDs {
			if f, err := s.Follower(appid, openid); err == nil {
				line.Follows = line.Follows || f.Subscribed
				line.Unread += f.Unread
			}
		}
		v.People = append(v.People, line)
	}
	return v
}
