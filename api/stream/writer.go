package stream

import (
	"bytes"
	"net"
	"time"

	"liuke/service/feed"
)

// writer gathers lines and writes them in one go, within a time.
type writer struct {
	to      net.Conn
	now     func() time.Time
	timeout time.Duration // for one flush; who is slower is cut off
	text    bytes.Buffer
}

func (w *writer) event(i feed.Item) {
	w.text.WriteString("id: " + i.ID + "\nevent: " + i.Kind + "\ndata: ")
	w.text.Write(i.Data) // JSON on one line
	w.text.WriteString("\n\n")
}

// flush keeps no room for lines to come: they may be long in coming.
func (w *writer) flush() error {
	if w.text.Len() == 0 {
		return nil
	}
	defer func() { w.text = bytes.Buffer{} }()
	if err := w.to.SetWriteDeadline(w.now().Add(w.timeout)); err != nil {
		return err
	}
	_, err := w.to.Write(w.text.Bytes())
	return err
}
