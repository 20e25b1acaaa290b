package stream

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"liuke/service/feed"
)

// writer gathers lines and writes them in one go, within a time.
type writer struct {
	to      io.Writer
	control *http.ResponseController
	now     func() time.Time
	timeout time.Duration // for one flush; who is slower is cut off
	text    bytes.Buffer
}

func (w *writer) event(i feed.Item) {
	w.text.WriteString("id: " + i.ID + "\nevent: " + i.Kind + "\ndata: ")
	w.text.Write(i.Data) // JSON on one line
	w.text.WriteString("\n\n")
}

func (w *writer) flush() error {
	defer w.text.Reset()
	if err := w.control.SetWriteDeadline(w.now().Add(w.timeout)); err != nil {
		return err
	}
	if _, err := w.to.Write(w.text.Bytes()); err != nil {
		return err
	}
	return w.control.Flush()
}
