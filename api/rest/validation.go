package rest

import (
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// longestField bounds a name that came from the caller.
const longestField = 100

func fieldProblem(e *huma.ErrorDetail) FieldProblem {
	field, reason := e.Location, reasonOf(e.Message)
	for _, prefix := range []string{"body", "path", "query", "header", "cookie"} {
		if rest, ok := strings.CutPrefix(field, prefix); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			field = strings.TrimPrefix(rest, ".")
			break
		}
	}
	// A property that is missing is reported at the object that lacks it.
	if name, ok := strings.CutPrefix(e.Message, "expected required property "); ok {
		name, _, _ = strings.Cut(name, " ")
		if field != "" {
			name = field + "." + name
		}
		field = name
	}
	return FieldProblem{clipped(field), reason}
}

// reasonOf goes by the beginnings of huma's messages, the longer ones first.
func reasonOf(message string) string {
	for _, r := range []struct{ begins, reason string }{
		{"expected required property", "required"},
		{"required ", "required"},
		{"unexpected property", "unexpected"},
		{"unknown query parameter", "unexpected"},
		{"expected length >=", "too_short"},
		{"expected length <=", "too_long"},
		{"expected array length >=", "too_few"},
		{"expected array length <=", "too_many"},
		{"expected array items to be unique", "repeated"},
		{"expected number >", "too_small"},
		{"expected number <", "too_large"},
		{"expected value to be one of", "unknown"},
		{"expected boolean", "type"},
		{"expected number", "type"},
		{"expected integer", "type"},
		{"expected array", "type"},
		{"expected object", "type"},
		{"expected string to be", "invalid"},
		{"expected string", "type"},
		{"invalid integer", "type"},
		{"invalid boolean", "type"},
		{"invalid float", "type"},
	} {
		if strings.HasPrefix(message, r.begins) {
			return r.reason
		}
	}
	return "invalid"
}

// tooLarge reports whether reading a body stopped at its limit.
func tooLarge(err error) bool {
	var limit *http.MaxBytesError
	return errors.As(err, &limit)
}
