package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxRequest is the largest body taken from an API caller.
const maxRequest = 12 << 20

// call is one API call while it is worked on; the simulator's lock is held.
type call struct {
	*Simulator
	r     *http.Request
	query url.Values
	body  []byte
	acc   *account // of the token
	at    time.Time
}

// fileAnswer is an answer that is not JSON.
type fileAnswer struct {
	data        []byte
	ctype, name string
}

// api answers WeChat's own paths.
func (s *Simulator) api(endpoints map[string]endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
		if err != nil {
			var tooBig *http.MaxBytesError
			if errors.As(err, &tooBig) {
				http.Error(w, "413 Request Entity Too Large", http.StatusRequestEntityTooLarge)
			}
			return
		}
		ep, known := endpoints[r.URL.Path]
		if !known {
			ep = endpoint{open: true, do: func(*call) (any, *fail) { return nil, failed(40066) }}
		}
		c := &call{Simulator: s, r: r, query: r.URL.Query(), body: body}
		s.serve(r.Context(), w, c, ep)
	}
}

func (s *Simulator) serve(ctx context.Context, w http.ResponseWriter, c *call, ep endpoint) {
	s.mu.Lock()
	appid := c.appID()
	faults := s.takeFaults(appid, c.r.URL.Path)
	s.mu.Unlock()

	var fault Fault
	var delay time.Duration
	for _, f := range faults {
		if f.Kind == FaultSlow {
			delay += f.Delay
		} else {
			fault = f
		}
	}

	s.mu.Lock()
	now := s.now()
	c.at = now
	log := &Call{
		ID: s.next("call"), AppID: appid, Method: c.r.Method, Path: c.r.URL.Path, Query: safeQuery(c.query),
		Body: bytes.Clone(head(c.body)), BodySize: len(c.body), Fault: string(fault.Kind), At: now, RealAt: s.real(),
	}
	if delay > 0 && log.Fault == "" {
		log.Fault = string(FaultSlow)
	}
	answer := s.answer(c, ep, fault, log)
	s.calls.add(log, len(log.Body)+len(log.Answer)+256)
	s.touch()
	s.mu.Unlock()

	// What was done stays done, also when the caller does not wait for the answer.
	if delay > 0 && !s.wait(ctx, delay) {
		return
	}
	if log.Status == 0 {
		panic(http.ErrAbortHandler) // the way of net/http to cut a connection
	}
	w.Header().Set("Content-Type", answer.ctype)
	if answer.name != "" {
		w.Header().Set("Content-Disposition", `attachment; filename="`+answer.name+`"`)
	}
	w.WriteHeader(log.Status)
	_, _ = w.Write(answer.data) // the caller has gone: his matter
}

// answer works a call out, or spoils it, and fills in the log.
func (s *Simulator) answer(c *call, ep endpoint, fault Fault, log *Call) fileAnswer {
	log.Status = http.StatusOK
	var out fileAnswer
	switch fault.Kind {
	case FaultCode:
		out, log.Code = s.encode(nil, failed(fault.Code))
	case FaultStatus:
		log.Status = fault.Code
		if log.Status == 0 {
			log.Status = http.StatusBadGateway
		}
		out = fileAnswer{data: []byte("<html><body>" + strconv.Itoa(log.Status) + "</body></html>"), ctype: "text/html"}
	case FaultNonsense:
		out = fileAnswer{data: []byte("<html><body>please wait"), ctype: "text/html"}
	case FaultCutBefore:
		log.Status = 0
	default:
		v, f := s.perform(c, ep)
		out, log.Code = s.encode(v, f)
		if fault.Kind == FaultCutAfter {
			log.Status = 0
		}
	}
	log.Answer = bytes.Clone(head(out.data))
	return out
}

func (s *Simulator) perform(c *call, ep endpoint) (any, *fail) {
	if !ep.open {
		if f := c.authorize(); f != nil {
			return nil, f
		}
		if f := c.acc.quota(c.r.URL.Path).take(c.at); f != nil {
			return nil, f
		}
	}
	if ep.method != "" && ep.method != c.r.Method {
		if ep.method == http.MethodGet {
			return nil, failed(43001)
		}
		return nil, failed(43002)
	}
	return ep.do(c)
}

// encode writes an answer as WeChat does: text as it is, no HTML escapes.
func (s *Simulator) encode(v any, f *fail) (fileAnswer, int) {
	if file, isFile := v.(fileAnswer); isFile && f == nil {
		return file, 0
	}
	code := 0
	if f != nil {
		code = f.ErrCode
		f.RID = s.hex(8, "rid", strconv.FormatInt(s.next("rid"), 10)) + "-" + s.hex(8, "r", strconv.FormatInt(s.next("rid"), 10))
		f.ErrMsg += " rid: " + f.RID
		v = f
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fileAnswer{data: []byte(`{"errcode":-1,"errmsg":"system error"}`), ctype: "application/json"}, -1
	}
	return fileAnswer{data: bytes.TrimSuffix(b.Bytes(), []byte("\n")), ctype: "application/json; encoding=utf-8"}, code
}

// json reads the body as the one JSON object that it must be.
func (c *call) json(v any) *fail {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return failed(44002)
	}
	if !utf8.Valid(c.body) {
		return failed(47001)
	}
	if err := json.Unmarshal(c.body, v); err != nil {
		return failed(47001)
	}
	return nil
}

// appID tells as well as it can, before anything is checked, which account calls.
func (c *call) appID() string {
	if t, known := c.tokens[c.query.Get("access_token")]; known {
		return t.acc.AppID
	}
	if t, known := c.webTokens[c.query.Get("access_token")]; known {
		return t.rel.acc.AppID
	}
	if appid := c.query.Get("appid"); appid != "" {
		return appid
	}
	var named struct {
		AppID string `json:"appid"`
	}
	if json.Unmarshal(c.body, &named) != nil {
		return ""
	}
	return named.AppID
}

// safeQuery leaves out what opens doors.
func safeQuery(query url.Values) string {
	kept := url.Values{}
	for k, v := range query {
		if k != "access_token" && k != "secret" && k != "appsecret" && k != "code" && k != "refresh_token" {
			kept[k] = v
		}
	}
	return kept.Encode()
}

func head(b []byte) []byte { return b[:min(len(b), maxBody)] }

// Calls returns the newest 5,000 API calls to the path, oldest first; to any path when it is empty.
func (s *Simulator) Calls(path string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Call{}
	for _, c := range s.calls.newest() {
		if path == "" || c.Path == path {
			all = append(all, *c)
		}
	}
	return all
}

// base is the address under which the caller reached the simulator.
func (c *call) base() string {
	scheme := "http"
	if c.r.TLS != nil || strings.EqualFold(c.r.Header.Get("X-Forwarded-Proto"), "https") {
		scheme = "https"
	}
	return scheme + "://" + c.r.Host
}
