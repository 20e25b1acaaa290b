package web

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// How long browsers keep what they get. A hashed name never stands for anything else; the pages name the hashed files,
// so they are asked for each time.
const (
	forEver   = "public, max-age=31536000, immutable"
	aDay      = "public, max-age=86400"
	askAgain  = "no-cache"
	notKept   = "no-store"
	pageRules = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; " +
		"font-src 'self' data:; " +
		"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)

// placeholder is the one page there is when the screens were not built.
const placeholder = "placeholder.html"

// Site is the files of both apps. Those of both lie below /app/; every other address below /app or /console is a place
// within that app, which finds its own way.
type Site struct {
	files map[string]*file
	pages map[string]*file // by app
}

// New makes the site of a folder that npm run build wrote.
func New(files fs.FS) (*Site, error) {
	s := &Site{files: map[string]*file{}, pages: map[string]*file{}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		f := newFile(files, name)
		s.files[f.name] = f
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look through the built screens: %w", err)
	}
	for _, app := range []string{"app", "console"} {
		page := s.files[app+".html"]
		if page == nil {
			page = s.files[placeholder]
		}
		if page == nil {
			return nil, errors.New("neither the screens nor their placeholder are there")
		}
		s.pages[app] = page
	}
	return s, nil
}

// ServeHTTP answers what begins with /app or /console. A file that is not there (any more) is 404, so that an old page
// does not take another page for a script.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	app, rest, _ := strings.Cut(strings.TrimPrefix(path.Clean(r.URL.Path), "/"), "/")
	page := s.pages[app]
	switch f := s.files[rest]; {
	case page == nil:
		http.NotFound(w, r)
	case app == "app" && f != nil && rest != placeholder:
		f.serve(w, r)
	case path.Ext(rest) != "" || strings.HasPrefix(rest, "assets/"):
		http.NotFound(w, r)
	default:
		page.serve(w, r)
	}
}

// serve writes a file with the rules that its kind has, compressed where it is and the browser takes that.
func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	data, encoding, tag, err := f.body(r.Header.Get("Accept-Encoding"))
	if err != nil { // the files lie in the program
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", f.keep)
	if f.packed() {
		h.Set("Vary", "Accept-Encoding")
	}
	h.Set("Content-Security-Policy", pageRules) // of the scripts too: workers obey their own
	if f.name == "sw.js" {
		h.Set("Service-Worker-Allowed", "/app") // the place itself, not only what lies below it
	}
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, data)
}
