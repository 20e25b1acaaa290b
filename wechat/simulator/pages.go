package simulator

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

//go:embed pages
var pages embed.FS

// pagePolicy lets a page run only what the simulator itself serves. Pictures of news cards come from anywhere.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self'; " +
	"img-src 'self' http: https: data: blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (s *Simulator) readPages() (*template.Template, error) {
	views, err := template.New("pages").Funcs(s.pageFuncs()).ParseFS(pages, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("simulator: read the pages: %w", err)
	}
	return views, nil
}

// assets are the pages' style and scripts. The embedded files carry no time, so the browser asks anew each time.
func assets() http.Handler {
	files := http.FileServerFS(pages)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		r.URL.Path = "/pages" + r.URL.Path
		files.ServeHTTP(w, r)
	})
}

func show(w http.ResponseWriter, views *template.Template, name string, data any) {
	var b bytes.Buffer
	if err := views.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write(b.Bytes()) // the reader has gone: his matter
}

func (s *Simulator) pageFuncs() template.FuncMap {
	return template.FuncMap{
		"clock":  func(t time.Time) string { return t.In(beijing()).Format("01-02 15:04:05") },
		"minute": func(t time.Time) string { return t.In(beijing()).Format("2006-01-02 15:04") },
		"short":  func(t time.Time) string { return t.In(beijing()).Format("1月2日 15:04") },
		"field":  func(t time.Time) string { return t.In(beijing()).Format("2006-01-02T15:04") },
		"via":    viaText,
		"api":    apiText,
		"code":   codeText,
		"fault":  faultText,
		"push":   pushText,
		"event":  eventText,
		"result": resultText,
		"media":  func(id string) string { return "/sim/media/" + url.PathEscape(id) },
		"left":   func(limit, used int) int { return max(0, limit-used) },
		"voice":  s.voice,
		"pieces": pieces,
		"head":   func(e Entry) string { return strings.TrimSpace(strings.TrimSuffix(e.Text, "\n"+e.Tail)) },
		"face":   face,
		"tint":   tint,
	}
}

// voiceView is what a phone can say about a voice.
type voiceView struct {
	Plays   bool // browsers play MP3 and no AMR
	Seconds int  // 0 = not known
}

func (s *Simulator) voice(id string) voiceView {
	data, ctype, _ := s.Media(id)
	if ctype != "audio/amr" {
		return voiceView{Plays: true}
	}
	return voiceView{Seconds: int((amrLength(data) + time.Second - 1) / time.Second)}
}

// piece is a part of a text: plain, or an address that can be opened.
type piece struct {
	Text string
	Link bool
}

// webAddress ends where a space, a quote, a bracket or Chinese begins.
var webAddress = regexp.MustCompile(`https?://[^\s"'<>，。！？；：、（）《》“”\p{Han}]+`)

func pieces(text string) []piece {
	var all []piece
	at := 0
	for _, found := range webAddress.FindAllStringIndex(text, -1) {
		if found[0] > at {
			all = append(all, piece{Text: text[at:found[0]]})
		}
		all = append(all, piece{Text: text[found[0]:found[1]], Link: true})
		at = found[1]
	}
	if at < len(text) {
		all = append(all, piece{Text: text[at:]})
	}
	return all
}

// face is the letter on the picture of somebody without one.
func face(name string) string {
	r, size := utf8.DecodeRuneInString(name)
	if size == 0 || r == utf8.RuneError {
		return "？"
	}
	return string(r)
}

// tint picks one of the six colours of such pictures.
func tint(id string) int {
	n := 0
	for _, r := range id {
		n += int(r)
	}
	return n % 6
}
