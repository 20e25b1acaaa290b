package simulator

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// shownCalls is how many of the newest calls and pushes the panel shows.
const shownCalls = 40

// panel serves clock, faults and quotas: as a page of its own, and as the parts that change.
func (s *Simulator) panel(mux *http.ServeMux, views *template.Template) {
	mux.HandleFunc("GET /panel", func(w http.ResponseWriter, r *http.Request) {
		v := s.panelView()
		v.Error = r.FormValue("error")
		show(w, views, "panel", v)
	})
	mux.HandleFunc("GET /panel/parts", func(w http.ResponseWriter, _ *http.Request) {
		show(w, views, "panelparts", s.panelView())
	})
	mux.HandleFunc("GET /panel/now", func(w http.ResponseWriter, _ *http.Request) {
		show(w, views, "now", panelView{Now: s.Clock()})
	})
	mux.HandleFunc("POST /panel/{act}", func(w http.ResponseWriter, r *http.Request) {
		acted(w, r, "/panel", s.panelAct(r))
	})
}

type panelView struct {
	Now, Real  time.Time
	Faults     []Fault
	PushFaults []PushFault
	Quotas     []Quota
	Stocks     []stockView
	Calls      []Call
	Pushes     []Push
	Accounts   []accountView
	Paths      []string
	Codes      []int
	Links      []Link
	Error      string
}

// stockView is how many permanent codes an account may have and has.
type stockView struct {
	Name        string
	Limit, Used int
}

func (s *Simulator) panelView() panelView {
	v := panelView{
		Now: s.Clock(), Real: s.real(), Faults: s.Faults(), PushFaults: s.PushFaults(), Accounts: s.accountViews(), Paths: s.paths(),
		Codes: usualCodes(), Links: s.staged().Links, Calls: s.Calls(""), Pushes: s.Pushes(),
	}
	v.Calls, v.Pushes = v.Calls[max(0, len(v.Calls)-shownCalls):], v.Pushes[max(0, len(v.Pushes)-shownCalls):]
	slices.Reverse(v.Calls)
	slices.Reverse(v.Pushes)
	for _, a := range v.Accounts {
		v.Quotas = append(v.Quotas, s.Quotas(a.AppID)...)
		v.Stocks = append(v.Stocks, s.stockView(a))
	}
	return v
}

func (s *Simulator) stockView(a accountView) stockView {
	s.mu.Lock()
	defer s.mu.Unlock()
	acc := s.accounts[a.AppID]
	return stockView{Name: a.Name, Limit: acc.stock, Used: len(acc.permanent)}
}

func (s *Simulator) paths() []string {
	all := []string{}
	for path := range s.endpoints() {
		all = append(all, path)
	}
	slices.Sort(all)
	return all
}

// count reads a number of a form; an empty field is 0.
func count(r *http.Request, name string) (int, error) {
	text := r.FormValue(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, errNumber
	}
	return n, nil
}

func (s *Simulator) panelAct(r *http.Request) error {
	switch r.PathValue("act") {
	case "clock":
		return s.panelClock(r)
	case "fault":
		return s.panelFault(r)
	case "push-fault":
		n, err := count(r, "count")
		if err != nil {
			return err
		}
		seconds, err := count(r, "seconds")
		if err != nil {
			return err
		}
		_, err = s.AddPushFault(PushFault{
			Kind: PushFaultKind(r.FormValue("kind")), Event: r.FormValue("event"), Status: r.FormValue("status"),
			Delay: time.Duration(seconds) * time.Second, Count: n,
		})
		return err
	case "remove":
		n, err := count(r, "id")
		s.RemoveFault(int64(n))
		return err
	case "clear":
		s.ClearFaults()
		return nil
	case "revoke":
		return s.RevokeTokens(r.FormValue("appid"))
	case "quota":
		day, err := count(r, "per_day")
		if err != nil {
			return err
		}
		minute, err := count(r, "per_minute")
		if err != nil {
			return err
		}
		return s.SetQuota(r.FormValue("appid"), r.FormValue("path"), day, minute)
	}
	return errAct
}

// panelClock moves the clock: back to real time, to the first of next month, to a time, or by a duration.
func (s *Simulator) panelClock(r *http.Request) error {
	now := s.Clock().In(beijing())
	var to time.Time
	switch {
	case r.FormValue("real") == "1":
		to = s.real()
	case r.FormValue("month") == "next":
		to = time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, beijing())
	case r.FormValue("set") != "":
		at, err := time.ParseInLocation("2006-01-02T15:04", r.FormValue("set"), beijing())
		if err != nil {
			return errNumber
		}
		to = at
	default:
		d, err := time.ParseDuration(r.FormValue("advance"))
		if err != nil {
			return errNumber
		}
		to = now.Add(d)
	}
	// The years that a push's CreateTime and its readers can be expected to bear.
	if to.Year() < 2000 || to.Year() > 2099 {
		return errNumber
	}
	s.SetClock(to)
	return nil
}

func (s *Simulator) panelFault(r *http.Request) error {
	f := Fault{Path: r.FormValue("path"), Kind: FaultKind(r.FormValue("kind"))}
	var err error
	if f.Code, err = count(r, "code"); err != nil {
		return err
	}
	if f.Count, err = count(r, "count"); err != nil {
		return err
	}
	if f.After, err = count(r, "after"); err != nil {
		return err
	}
	seconds, err := count(r, "seconds")
	if err != nil {
		return err
	}
	f.Delay = time.Duration(seconds) * time.Second
	_, err = s.AddFault(f)
	return err
}
