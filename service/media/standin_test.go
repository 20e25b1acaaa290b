package media_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"

	"liuke/service/media"
)

// standIn is WeChat as far as media go: a file per id, and what to answer instead of it.
type standIn struct {
	mu      sync.Mutex
	files   map[string][]byte
	answers map[string][]http.HandlerFunc // taken from the front, by id or "upload"
	gets    map[string]int
	uploads [][]byte
	names   []string
}

func (w *standIn) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/cgi-bin/stable_token":
		_, _ = io.WriteString(rw, `{"access_token":"token","expires_in":7200}`)
	case "/cgi-bin/media/get":
		id := r.URL.Query().Get("media_id")
		w.mu.Lock()
		w.gets[id]++
		file, known := w.files[id]
		answer := w.next(id)
		w.mu.Unlock()
		switch {
		case answer != nil:
			answer(rw, r)
		case !known:
			_, _ = io.WriteString(rw, `{"errcode":40007,"errmsg":"invalid media_id"}`)
		default:
			rw.Header().Set("Content-Type", "image/jpeg") // WeChat's word for it is not to be believed
			_, _ = rw.Write(file)
		}
	case "/cgi-bin/media/upload":
		w.upload(rw, r)
	default:
		rw.WriteHeader(http.StatusNotFound)
	}
}

func (w *standIn) next(key string) http.HandlerFunc {
	if len(w.answers[key]) == 0 {
		return nil
	}
	first := w.answers[key][0]
	w.answers[key] = w.answers[key][1:]
	return first
}

func (w *standIn) upload(rw http.ResponseWriter, r *http.Request) {
	file, header, err := r.FormFile("media")
	if err != nil {
		rw.WriteHeader(http.StatusBadRequest)
		return
	}
	body, _ := io.ReadAll(file)
	w.mu.Lock()
	defer w.mu.Unlock()
	if answer := w.next("upload"); answer != nil {
		answer(rw, r)
		return
	}
	w.uploads, w.names = append(w.uploads, body), append(w.names, r.URL.Query().Get("type")+" "+header.Filename)
	_, _ = fmt.Fprintf(rw, `{"type":"image","media_id":"wx-%d","created_at":1}`, len(w.uploads))
}

func (w *standIn) put(id string, file []byte, answers ...http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.files[id], w.answers[id] = file, answers
}

func (w *standIn) got(id string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.gets[id]
}

func status(code int) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(code) }
}

func errcode(code int) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(rw, `{"errcode":%d,"errmsg":"no"}`, code)
	}
}

// brokenStore fails or waits when told to.
type brokenStore struct {
	media.Store
	fail  atomic.Bool
	after chan struct{} // Put waits for it when everything has been read
	full  chan struct{} // closed when it waits
}

func (b *brokenStore) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	if b.fail.Load() {
		return errors.New("no space left on device")
	}
	if b.after == nil {
		return b.Store.Put(ctx, key, r, size)
	}
	all, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	close(b.full)
	<-b.after
	return b.Store.Put(ctx, key, bytes.NewReader(all), size)
}

func (b *brokenStore) Open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	if b.fail.Load() {
		return nil, errors.New("store away")
	}
	return b.Store.Open(ctx, key)
}
