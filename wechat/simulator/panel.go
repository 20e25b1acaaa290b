package simulator

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

func (s *Simulator) panel(mux *http.ServeMux, views *template.Template) {
	mux.HandleFunc("GET /panel", func(w http.ResponseWriter, r *http.Request) {
		calls, pushes, quotas := s.Calls(""), s.Pushes(), []Quota{}
		for _, a := range s.accountViews() {
			quotas = append(quotas, s.Quotas(a.AppID)...)
		}
		calls, pushes = calls[max(0, len(calls)-40):], pushes[max(0, len(pushes)-40):]
		slices.Reverse(calls)
		slices.Reverse(pushes)
		show(w, views, "panel", map[string]any{
			"Now": s.Clock(), "Real": s.real(), "Faults": s.Faults(), "PushFaults": s.PushFaults(), "Quotas": quotas,
			"Calls": calls, "Pushes": pushes, "Accounts": s.accountViews(), "Paths": s.paths(), "Error": r.FormValue("error"),
		})
	})
	mux.HandleFunc("POST /panel/{act}", func(w http.ResponseWriter, r *http.Request) {
		to := "/panel"
		if err := s.panelAct(r); err != nil {
			to += "?error=" + url.QueryEscape(inChinese(err))
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
	})
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
		_, err = s.AddPushFault(PushFault{Kind: PushFaultKind(r.FormValue("kind")), Status: r.FormValue("status"), Count: n})
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

func (s *Simulator) panelClock(r *http.Request) error {
	if r.FormValue("real") == "1" {
		s.SetClock(s.real())
		return nil
	}
	d, err := time.ParseDuration(r.FormValue("advance"))
	if err != nil {
		return errNumber
	}
	s.Advance(d)
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
