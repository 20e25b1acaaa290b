package simulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

func (s *Simulator) controlMessage(_ *http.Request, in struct {
	who
	Kind        string  `json:"kind"`
	Text        string  `json:"text"`
	Data        []byte  `json:"data"`
	Lat         float64 `json:"lat"`
	Lng         float64 `json:"lng"`
	Title       string  `json:"title"`
	Description string  `json:"description"`
	URL         string  `json:"url"`
	ID          string  `json:"id"`
	Fields      []Field `json:"fields"`
},
) (any, error) {
	var id int64
	var err error
	switch in.Kind {
	case "text":
		id, err = s.SendText(in.AppID, in.OpenID, in.Text)
	case "image":
		id, err = s.SendImage(in.AppID, in.OpenID, in.Data)
	case "voice":
		id, err = s.SendVoice(in.AppID, in.OpenID, in.Data)
	case "video":
		id, err = s.SendVideo(in.AppID, in.OpenID, in.Data)
	case "shortvideo":
		id, err = s.SendShortVideo(in.AppID, in.OpenID, in.Data)
	case "location":
		id, err = s.SendLocation(in.AppID, in.OpenID, in.Lat, in.Lng, in.Text)
	case "link":
		id, err = s.SendLink(in.AppID, in.OpenID, in.Title, in.Description, in.URL)
	case "raw":
		id, err = s.SendRaw(in.AppID, in.OpenID, in.Fields...)
	case "reply":
		id, err = s.TapReply(in.AppID, in.OpenID, in.ID)
	default:
		err = errors.New("simulator: that is no kind of message")
	}
	return map[string]int64{"msg_id": id}, err
}

// faultBody is a Fault or PushFault with its delay in words.
type faultBody struct {
	AppID  string `json:"appid"`
	Path   string `json:"path"`
	Event  string `json:"event"`
	Kind   string `json:"kind"`
	Code   int    `json:"code"`
	Delay  string `json:"delay"`
	After  int    `json:"after"`
	Count  int    `json:"count"`
	Status string `json:"status"`
}

func (b faultBody) delay() (time.Duration, error) {
	if b.Delay == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(b.Delay)
	if err != nil {
		return 0, fmt.Errorf("simulator: read the delay: %w", err)
	}
	return d, nil
}

func (s *Simulator) controlWorld(mux *http.ServeMux) {
	mux.HandleFunc("GET /sim/clock", func(w http.ResponseWriter, _ *http.Request) { reply200(w, s.clockView()) })
	mux.HandleFunc("POST /sim/clock", act(s.controlClock))
	s.controlFaults(mux)
	mux.HandleFunc("GET /sim/quotas", func(w http.ResponseWriter, r *http.Request) { reply200(w, s.Quotas(r.FormValue("appid"))) })
	mux.HandleFunc("POST /sim/quotas", act(func(_ *http.Request, in Quota) (any, error) {
		return nil, s.SetQuota(in.AppID, in.Path, in.PerDay, in.PerMinute)
	}))
	mux.HandleFunc("POST /sim/stock", act(func(_ *http.Request, in struct {
		AppID string `json:"appid"`
		Stock int    `json:"stock"`
	},
	) (any, error) {
		return nil, s.SetPermanentStock(in.AppID, in.Stock)
	}))
	mux.HandleFunc("POST /sim/revoke", act(func(_ *http.Request, in who) (any, error) { return nil, s.RevokeTokens(in.AppID) }))
	mux.HandleFunc("GET /sim/calls", func(w http.ResponseWriter, r *http.Request) {
		after := afterID(r)
		reply200(w, slices.DeleteFunc(s.Calls(r.FormValue("path")), func(c Call) bool { return c.ID <= after }))
	})
	mux.HandleFunc("GET /sim/pushes", func(w http.ResponseWriter, r *http.Request) {
		after := afterID(r)
		reply200(w, slices.DeleteFunc(s.Pushes(), func(p Push) bool { return p.ID <= after }))
	})
	mux.HandleFunc("GET /sim/codes", func(w http.ResponseWriter, r *http.Request) { reply200(w, s.Codes(r.FormValue("appid"))) })
	mux.HandleFunc("POST /sim/codes", act(func(_ *http.Request, in Code) (any, error) { return nil, s.AdoptCode(in) }))
	mux.HandleFunc("POST /sim/templates", act(func(_ *http.Request, in struct {
		AppID string `json:"appid"`
		Template
	},
	) (any, error) {
		id, err := s.AddTemplate(in.AppID, in.Template)
		return map[string]string{"id": id}, err
	}))
	mux.HandleFunc("POST /sim/settle", act(func(r *http.Request, _ struct{}) (any, error) {
		ctx, cancel := context.WithTimeout(r.Context(), 30*time.Second)
		defer cancel()
		return nil, s.Settle(ctx)
	}))
}

func (s *Simulator) controlFaults(mux *http.ServeMux) {
	mux.HandleFunc("GET /sim/faults", func(w http.ResponseWriter, _ *http.Request) { reply200(w, s.Faults()) })
	mux.HandleFunc("POST /sim/faults", act(func(_ *http.Request, in faultBody) (any, error) {
		d, err := in.delay()
		if err != nil {
			return nil, err
		}
		id, err := s.AddFault(Fault{AppID: in.AppID, Path: in.Path, Kind: FaultKind(in.Kind), Code: in.Code, Delay: d, After: in.After, Count: in.Count})
		return map[string]int64{"id": id}, err
	}))
	mux.HandleFunc("GET /sim/push-faults", func(w http.ResponseWriter, _ *http.Request) { reply200(w, s.PushFaults()) })
	mux.HandleFunc("POST /sim/push-faults", act(func(_ *http.Request, in faultBody) (any, error) {
		d, err := in.delay()
		if err != nil {
			return nil, err
		}
		id, err := s.AddPushFault(PushFault{AppID: in.AppID, Event: in.Event, Kind: PushFaultKind(in.Kind), Delay: d, Status: in.Status, Count: in.Count})
		return map[string]int64{"id": id}, err
	}))
	mux.HandleFunc("DELETE /sim/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.ClearFaults()
		respond(w, nil, nil)
	})
	mux.HandleFunc("DELETE /sim/faults/{id}", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		s.RemoveFault(id)
		respond(w, nil, err)
	})
}

type clockView struct {
	Now  time.Time `json:"now"`
	Real time.Time `json:"real"`
}

func (s *Simulator) clockView() clockView { return clockView{s.Clock(), s.real()} }

func (s *Simulator) controlClock(_ *http.Request, in struct {
	Advance string    `json:"advance"`
	Set     time.Time `json:"set"`
},
) (any, error) {
	if !in.Set.IsZero() {
		s.SetClock(in.Set)
	}
	if in.Advance != "" {
		d, err := time.ParseDuration(in.Advance)
		if err != nil {
			return nil, fmt.Errorf("simulator: read the time: %w", err)
		}
		s.Advance(d)
	}
	return s.clockView(), nil
}
