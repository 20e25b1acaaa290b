// Package fault is the one kind of error that services return on purpose.
//
// Anything else is internal: logged once at the edge, never shown.
package fault

import "errors"

// Kind says what sort of failure it is; api/rest maps it to a status.
type Kind string

// The kinds.
const (
	Invalid      Kind = "invalid"      // the input is wrong
	Unsigned     Kind = "unsigned"     // nobody is signed in
	Forbidden    Kind = "forbidden"    // may be seen but not done
	NotFound     Kind = "not_found"    // is not there, or may not be seen
	Conflict     Kind = "conflict"     // the state of things is against it
	TooLarge     Kind = "too_large"    // over a stated size
	TooMany      Kind = "too_many"     // over a stated rate
	Upstream     Kind = "upstream"     // WeChat refused or did not answer
	Unavailable  Kind = "unavailable"  // a part of ours is away; try again
	Unacceptable Kind = "unacceptable" // a kind of content that is not taken
)

// Error is a failure that the caller may be told about.
type Error struct {
	Kind   Kind
	Reason string         // stable snake_case word that the web apps translate
	Fields []Field        // what is wrong with the input, if that is it
	Extra  map[string]any // further members of the problem document
	cause  error
}

// Field names one wrong input.
type Field struct{ Name, Reason string }

// New makes an Error.
func New(kind Kind, reason string) *Error { return &Error{Kind: kind, Reason: reason} }

// Input makes an Invalid error about one field.
func Input(field, reason string) *Error {
	return &Error{Kind: Invalid, Reason: "invalid_input", Fields: []Field{{field, reason}}}
}

// Missing makes a NotFound error about an id in the input: what it names is not there, or may not be seen.
func Missing(field string) *Error {
	return &Error{Kind: NotFound, Reason: "not_found", Fields: []Field{{field, "not_found"}}}
}

// Because keeps the cause for the log and for errors.Is.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// With adds a member to the problem document.
func (e *Error) With(key string, value any) *Error {
	c := *e
	c.Extra = map[string]any{key: value}
	for k, v := range e.Extra {
		c.Extra[k] = v
	}
	return &c
}

// Error tells the reason and the cause, for logs.
func (e *Error) Error() string {
	s := e.Reason
	for _, f := range e.Fields {
		s += " " + f.Name + ":" + f.Reason
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Of returns the Error inside err, or nil if there is none: then it is internal.
func Of(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// Is reports whether err is a fault of this kind.
func Is(err error, kind Kind) bool {
	e := Of(err)
	return e != nil && e.Kind == kind
}
