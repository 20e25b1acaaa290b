package rest

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Paging is the part of an input that asks for a page. Embed it.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"how many items at most"`
	Cursor string `query:"cursor" maxLength:"512" doc:"next of the page before"`
}

// List is a page of items.
type List[T any] struct {
	Items []T     `json:"items" nullable:"false"`
	Next  *string `json:"next" doc:"cursor of the next page; null at the end"`
}

// Page makes a list of rows, given the cursor of the next page ("" at the end).
func Page[R, T any](rows []R, next string, view func(R) T) List[T] {
	items := make([]T, len(rows))
	for i, r := range rows {
		items[i] = view(r)
	}
	return List[T]{items, Null(next)}
}

// Null is s, or null for "": an id that is not there.
func Null(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// layout is RFC 3339 in UTC with milliseconds.
const layout = "2006-01-02T15:04:05.000Z"

// Time is Unix milliseconds, written in RFC 3339 in UTC with milliseconds.
type Time int64

// MarshalJSON writes it.
func (t Time) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.UnixMilli(int64(t)).UTC().Format(layout))
}

// Schema describes it.
func (Time) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time"}
}

// TimeOrNull is a Time where 0 means none and is written as null.
type TimeOrNull int64

// MarshalJSON writes it.
func (t TimeOrNull) MarshalJSON() ([]byte, error) {
	if t == 0 {
		return []byte("null"), nil
	}
	return Time(t).MarshalJSON()
}

// Schema describes it.
func (TimeOrNull) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Nullable: true}
}

// OrNull is an object that may be missing and is written as null then.
type OrNull[T any] struct{ Value *T }

// MarshalJSON writes it.
func (o OrNull[T]) MarshalJSON() ([]byte, error) { return json.Marshal(o.Value) }

// Schema describes it.
func (OrNull[T]) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{r.Schema(reflect.TypeFor[T](), true, ""), {Type: "null", Enum: []any{nil}}}}
}

// Patch is a field of a PATCH body: absent, null or a value. Give it omitempty.
type Patch[T any] struct {
	set   bool
	value T
}

// UnmarshalJSON notes that the field is there.
func (p *Patch[T]) UnmarshalJSON(text []byte) error {
	p.set = true
	return json.Unmarshal(text, &p.value) // null leaves the zero value
}

// Schema describes it.
func (Patch[T]) Schema(r huma.Registry) *huma.Schema {
	s := *r.Schema(reflect.TypeFor[T](), true, "")
	s.Nullable = true
	return &s
}

// Ptr is nil when the field is absent, and points to the zero value when it is null.
func (p Patch[T]) Ptr() *T {
	if !p.set {
		return nil
	}
	return &p.value
}

// Or is the value behind an optional field, or the zero value.
func Or[T any](p *T) T {
	if p == nil {
		return *new(T)
	}
	return *p
}
