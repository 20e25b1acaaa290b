package simulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// The control API does what the Go methods of the same names do. Bodies and answers are JSON with the fields of the
// exported types; a refused act answers 400 and {"error"}. Durations in bodies are written like "90s" or "48h".
//
//	GET  /sim/accounts                                    app ids, names, original ids and callbacks
//	POST /sim/accounts        Account                     add an account or replace its secrets and callback
//	POST /sim/accounts/verify {appid}                     WeChat's signed GET check
//	GET  /sim/persons · POST {name}                       Person
//	GET  /sim/follower?appid=&openid=                     Follower, with consents and mass sends left
//	POST /sim/follow          {appid, openid, scene?, quietly?}
//	POST /sim/unfollow        {appid, openid}
//	POST /sim/refuses         {appid, openid, refuses}
//	POST /sim/scan            {appid, openid, scene} or {openid, url} -> Scanned
//	POST /sim/messages        {appid, openid, kind, …} -> {msg_id}; kind and what it needs:
//	                          text{text} image|voice|video|shortvideo{data: base64, without it a sample}
//	                          location{lat, lng, text} link{title, description, url} raw{fields} reply{id of a msgmenu entry}
//	POST /sim/menu            {appid, openid, key}        tap a menu button
//	POST /sim/popup           {appid, openid, answers: [Consent]}
//	POST /sim/withdraw        {appid, openid, template_ids}
//	GET  /sim/inbox?openid=&via=&after=ID                 [Received], by one road only if it is named
//	GET  /sim/chat?openid=                                [Entry]
//	GET  /sim/mass?appid=                                 [MassJob]
//	GET  /sim/media/{id}                                  the bytes
//	GET  /sim/clock · POST {advance} or {set: RFC 3339}   {now, real}
//	GET  /sim/faults · POST Fault with delay as above · DELETE (all) · DELETE /sim/faults/{id}
//	GET  /sim/push-faults · POST PushFault                removed by DELETE /sim/faults as well
//	GET  /sim/quotas?appid= · POST {appid, path, per_day, per_minute}
//	POST /sim/stock           {appid, stock}              permanent codes allowed
//	POST /sim/revoke          {appid}                     kill all tokens
//	GET  /sim/calls?path=&after=ID · GET /sim/pushes?after=ID
//	GET  /sim/codes?appid= · POST Code                    codes that can be scanned · adopt one of an earlier run
//	POST /sim/templates       {appid, id?, title, content, subscribe} -> {id}
//	POST /sim/settle          waits up to 30 s until no push is on its way
func (s *Simulator) control(mux *http.ServeMux) {
	mux.HandleFunc("GET /sim/accounts", func(w http.ResponseWriter, _ *http.Request) { reply200(w, s.accountViews()) })
	mux.HandleFunc("POST /sim/accounts", act(func(_ *http.Request, in Account) (any, error) { return nil, s.AddAccount(in) }))
	mux.HandleFunc("POST /sim/accounts/verify", act(func(r *http.Request, in who) (any, error) {
		return nil, s.VerifyCallback(r.Context(), in.AppID)
	}))
	mux.HandleFunc("GET /sim/persons", func(w http.ResponseWriter, _ *http.Request) { reply200(w, s.Persons()) })
	mux.HandleFunc("POST /sim/persons", act(func(_ *http.Request, in struct {
		Name string `json:"name"`
	},
	) (any, error) {
		return s.NewPerson(in.Name), nil
	}))
	s.controlPeople(mux)
	s.controlWorld(mux)
}

type who struct {
	AppID  string `json:"appid"`
	OpenID string `json:"openid"`
}

func (s *Simulator) controlPeople(mux *http.ServeMux) {
	mux.HandleFunc("GET /sim/follower", func(w http.ResponseWriter, r *http.Request) {
		f, err := s.Follower(r.FormValue("appid"), r.FormValue("openid"))
		respond(w, f, err)
	})
	mux.HandleFunc("POST /sim/follow", act(func(_ *http.Request, in struct {
		who
		Scene   string `json:"scene"`
		Quietly bool   `json:"quietly"`
	},
	) (any, error) {
		if in.Quietly {
			return nil, s.FollowQuietly(in.AppID, in.OpenID)
		}
		return nil, s.Follow(in.AppID, in.OpenID, in.Scene)
	}))
	mux.HandleFunc("POST /sim/unfollow", act(func(_ *http.Request, in who) (any, error) { return nil, s.Unfollow(in.AppID, in.OpenID) }))
	mux.HandleFunc("POST /sim/refuses", act(func(_ *http.Request, in struct {
		who
		Refuses bool `json:"refuses"`
	},
	) (any, error) {
		return nil, s.SetRefuses(in.AppID, in.OpenID, in.Refuses)
	}))
	mux.HandleFunc("POST /sim/scan", act(func(_ *http.Request, in struct {
		who
		Scene string `json:"scene"`
		URL   string `json:"url"`
	},
	) (any, error) {
		if in.URL != "" {
			return s.ScanURL(in.OpenID, in.URL)
		}
		return s.Scan(in.AppID, in.OpenID, in.Scene)
	}))
	mux.HandleFunc("POST /sim/messages", act(s.controlMessage))
	mux.HandleFunc("POST /sim/menu", act(func(_ *http.Request, in struct {
		who
		Key string `json:"key"`
	},
	) (any, error) {
		return nil, s.TapMenu(in.AppID, in.OpenID, in.Key)
	}))
	mux.HandleFunc("POST /sim/popup", act(func(_ *http.Request, in struct {
		who
		Answers []Consent `json:"answers"`
	},
	) (any, error) {
		return nil, s.AnswerPopup(in.AppID, in.OpenID, in.Answers...)
	}))
	mux.HandleFunc("POST /sim/withdraw", act(func(_ *http.Request, in struct {
		who
		IDs []string `json:"template_ids"`
	},
	) (any, error) {
		return nil, s.WithdrawConsent(in.AppID, in.OpenID, in.IDs...)
	}))
	mux.HandleFunc("GET /sim/inbox", func(w http.ResponseWriter, r *http.Request) {
		after, via := afterID(r), Via(r.FormValue("via"))
		reply200(w, slices.DeleteFunc(s.Inbox(r.FormValue("openid")), func(v Received) bool {
			return v.ID <= after || via != "" && v.Via != via
		}))
	})
	mux.HandleFunc("GET /sim/mass", func(w http.ResponseWriter, r *http.Request) { reply200(w, s.MassJobs(r.FormValue("appid"))) })
	mux.HandleFunc("GET /sim/chat", func(w http.ResponseWriter, r *http.Request) { reply200(w, s.Chat(r.FormValue("openid"))) })
	mux.HandleFunc("GET /sim/media/{id}", func(w http.ResponseWriter, r *http.Request) {
		data, ctype, known := s.Media(r.PathValue("id"))
		if !known {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", ctype)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	})
}

type accountView struct {
	AppID      string `json:"appid"`
	Name       string `json:"name"`
	OriginalID string `json:"original_id"`
	Callback   string `json:"callback"`
	Encrypted  bool   `json:"encrypted"`
}

func (s *Simulator) accountViews() []accountView {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []accountView{}
	for _, appid := range s.appIDs {
		a := s.accounts[appid]
		all = append(all, accountView{a.AppID, cmp.Or(a.Name, a.AppID), a.OriginalID, a.Callback, a.key != nil})
	}
	return all
}

// act makes a handler of a function that takes a JSON body.
func act[T any](do func(r *http.Request, in T) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in T
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 2*maxRequest))
		if err == nil && len(bytes.TrimSpace(body)) > 0 {
			dec := json.NewDecoder(bytes.NewReader(body))
			dec.DisallowUnknownFields()
			err = dec.Decode(&in)
		}
		if err != nil {
			respond(w, nil, err)
			return
		}
		v, err := do(r, in)
		respond(w, v, err)
	}
}

func respond(w http.ResponseWriter, v any, err error) {
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	if v == nil {
		v = struct{}{}
	}
	reply200(w, v)
}

func reply200(w http.ResponseWriter, v any) { writeJSON(w, http.StatusOK, v) }

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // the caller has gone: his matter
}

func afterID(r *http.Request) int64 {
	n, err := strconv.ParseInt(r.FormValue("after"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
