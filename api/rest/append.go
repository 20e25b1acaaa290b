package rest

import (
	"encoding/json"
	"io"
	"sync"
	"time"
	"unicode/utf8"
)

// Appender writes itself as JSON. Items of lists that are asked for all the time do: to look at the type of each of their
// fields would take longer than everything else that is done for them here.
type Appender interface {
	AppendJSON(b []byte) []byte
}

// pages writes answers, and keeps the memory of those that write themselves for the next ones.
type pages struct{ texts sync.Pool }

func (p *pages) write(w io.Writer, body any) error {
	if list, ok := body.(interface{ appendJSON(b []byte) ([]byte, bool) }); ok {
		page, _ := p.texts.Get().(*[]byte)
		if page == nil {
			page = new([]byte)
		}
		defer p.texts.Put(page)
		if text, ok := list.appendJSON((*page)[:0]); ok {
			text = append(text, '\n')
			*page = text // as long as it has become
			_, err := w.Write(text)
			return err
		}
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out.Encode(body)
}

// appendJSON writes the list, if its items write themselves.
func (l List[T]) appendJSON(b []byte) ([]byte, bool) {
	b = append(b, `{"items":[`...)
	for n := range l.Items {
		item, ok := any(&l.Items[n]).(Appender)
		if !ok {
			return b, false
		}
		if n > 0 {
			b = append(b, ',')
		}
		b = item.AppendJSON(b)
	}
	return append(AppendOptional(append(b, `],"next":`...), l.Next), '}'), true
}

// AppendString writes a string.
func AppendString(b []byte, s string) []byte {
	for n := range len(s) {
		if s[n] < ' ' || s[n] == '"' || s[n] == '\\' {
			return appendEscaped(b, s)
		}
	}
	if !utf8.ValidString(s) {
		return appendEscaped(b, s)
	}
	return append(append(append(b, '"'), s...), '"')
}

func appendEscaped(b []byte, s string) []byte {
	text, _ := json.Marshal(s) // a string is always written
	return append(b, text...)
}

// AppendOptional writes a string or null.
func AppendOptional(b []byte, s *string) []byte {
	if s == nil {
		return append(b, "null"...)
	}
	return AppendString(b, *s)
}

// AppendJSON writes the time.
func (t Time) AppendJSON(b []byte) []byte {
	return append(time.UnixMilli(int64(t)).UTC().AppendFormat(append(b, '"'), layout), '"')
}

// AppendJSON writes the time or null.
func (t TimeOrNull) AppendJSON(b []byte) []byte {
	if t == 0 {
		return append(b, "null"...)
	}
	return Time(t).AppendJSON(b)
}

// AppendJSON writes the object or null.
func (o OrNull[T]) AppendJSON(b []byte) []byte {
	if o.Value == nil {
		return append(b, "null"...)
	}
	if own, ok := any(o.Value).(Appender); ok {
		return own.AppendJSON(b)
	}
	text, err := json.Marshal(o.Value)
	if err != nil {
		return append(b, "null"...)
	}
	return append(b, text...)
}
