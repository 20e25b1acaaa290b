package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
)

// input is how the input of an operation comes out of a request. It goes by the type of the input, so that its code
// is in the program once and not once for each operation.
type input struct {
	of       reflect.Type
	params   []param
	query    map[string]bool // the names that it may hold
	body     *bodyInput      // nil: none is read
	registry huma.Registry
}

// param is a field that comes from the path or the query.
type param struct {
	index    []int
	in, name string
	unset    string // what it is when it is not there
	required bool
	schema   *huma.Schema
}

// bodyInput is the field Body.
type bodyInput struct {
	index    []int
	required bool
	schema   *huma.Schema
	unset    []preset
}

// preset is what a field of the body is when it is not there.
type preset struct {
	index []int
	value string
}

const (
	inPath  = "path"
	inQuery = "query"
	inBody  = "body"
)

func newInput(t reflect.Type, registry huma.Registry) *input {
	in := &input{of: t, query: map[string]bool{}, registry: registry}
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous {
			continue
		}
		if f.Name == "Body" {
			in.body = newBodyInput(f, t, registry)
			continue
		}
		p, ok := newParam(f, registry)
		if !ok {
			continue
		}
		if p.in == inQuery {
			in.query[p.name] = true
		}
		in.params = append(in.params, p)
	}
	return in
}

func newParam(f reflect.StructField, registry huma.Registry) (param, bool) {
	p := param{index: f.Index, unset: f.Tag.Get("default")}
	if p.name = f.Tag.Get(inPath); p.name != "" {
		p.in, p.required = inPath, true
	} else if p.name = f.Tag.Get(inQuery); p.name != "" {
		p.in, p.required = inQuery, f.Tag.Get("required") == "true"
	} else {
		return p, false
	}
	if _, err := parse(f.Type, ""); errors.Is(err, errors.ErrUnsupported) {
		panic("rest: a parameter cannot be " + f.Type.String())
	}
	p.schema = huma.SchemaFromField(registry, f, "")
	return p, true
}

// describe documents it as the input of an operation.
func (in *input) describe(op *huma.Operation) {
	for _, p := range in.params {
		op.Parameters = append(op.Parameters, p.describe())
	}
	if b := in.body; b != nil {
		op.RequestBody = &huma.RequestBody{
			Required: b.required, Content: map[string]*huma.MediaType{"application/json": {Schema: b.schema}},
		}
	}
}

func (p param) describe() *huma.Param {
	described := &huma.Param{Name: p.name, In: p.in, Required: p.required, Schema: p.schema, Description: p.schema.Description}
	if p.in == inQuery {
		described.Explode = new(bool)
	}
	return described
}

func newBodyInput(f reflect.StructField, of reflect.Type, registry huma.Registry) *bodyInput {
	b := &bodyInput{
		index: f.Index, schema: huma.SchemaFromField(registry, f, of.Name()+f.Name), required: f.Type.Kind() != reflect.Pointer,
		unset: presets(f.Type, f.Index),
	}
	b.schema.PrecomputeMessages()
	return b
}

// presets finds the fields of a body that have a default.
func presets(t reflect.Type, at []int) (found []preset) {
	if t.Kind() != reflect.Struct {
		return nil
	}
	for _, f := range reflect.VisibleFields(t) {
		value, index := f.Tag.Get("default"), append(append([]int{}, at...), f.Index...)
		switch {
		case value == "":
			if !f.Anonymous {
				found = append(found, presets(f.Type, index)...)
			}
		case f.Type.Kind() != reflect.String:
			panic("rest: only texts in a body have defaults, not " + f.Name)
		default:
			found = append(found, preset{index, value})
		}
	}
	return found
}

// fill makes the input of a request, or says what is wrong with it.
func (in *input) fill(c *gin.Context) (reflect.Value, *Problem) {
	v := reflect.New(in.of)
	check := &check{registry: in.registry, path: huma.NewPathBuffer(make([]byte, 0, longestField), 0)}
	query := c.Request.URL.Query()
	for name := range query {
		if !in.query[name] {
			check.refuse("unknown query parameter", inQuery, name)
		}
	}
	if len(check.found.Errors) > 0 {
		return v, check.problem()
	}
	for _, p := range in.params {
		check.param(v.Elem().FieldByIndex(p.index), p, p.valueOf(c, query))
	}
	if in.body != nil {
		if p := in.body.fill(c, v.Elem(), check); p != nil {
			return v, p
		}
	}
	if len(check.found.Errors) > 0 {
		return v, check.problem()
	}
	return v, nil
}

func (p param) valueOf(c *gin.Context, query url.Values) string {
	value := query.Get(p.name)
	if p.in == inPath {
		value = c.Param(p.name)
	}
	if value == "" {
		return p.unset
	}
	return value
}

// fill reads the body, which lies in memory by now.
func (b *bodyInput) fill(c *gin.Context, v reflect.Value, check *check) *Problem {
	text, _ := c.Request.Context().Value(bodyKey).([]byte)
	switch {
	case len(text) > 0:
	case b.required:
		return newProblem(http.StatusBadRequest, "body_required")
	default:
		return nil
	}
	if !isJSON(c.GetHeader("Content-Type")) {
		return newProblem(http.StatusUnsupportedMediaType, "content_type")
	}
	var loose any
	if err := json.Unmarshal(text, &loose); err != nil {
		return newProblem(http.StatusBadRequest, "invalid_json")
	}
	before := len(check.found.Errors)
	check.value(b.schema, loose, inBody)
	if len(check.found.Errors) > before {
		return nil
	}
	if err := json.Unmarshal(text, v.FieldByIndex(b.index).Addr().Interface()); err != nil {
		check.refuse("invalid", inBody) // such as a number that its type cannot hold
		return nil
	}
	for _, p := range b.unset {
		if f := v.FieldByIndex(p.index); f.IsZero() {
			f.SetString(p.value)
		}
	}
	return nil
}

// isJSON goes by the Content-Type; without one it is taken for JSON.
func isJSON(header string) bool {
	if header == "" {
		return true
	}
	kind, _, err := mime.ParseMediaType(header)
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

// check gathers what is wrong with an input.
type check struct {
	registry huma.Registry
	path     *huma.PathBuffer
	found    huma.ValidateResult
}

func (c *check) at(path []string) {
	c.path.Reset()
	for _, part := range path {
		c.path.Push(part)
	}
}

func (c *check) refuse(why string, path ...string) {
	c.at(path)
	c.found.Add(c.path, nil, why)
}

func (c *check) value(s *huma.Schema, v any, path ...string) {
	c.at(path)
	huma.Validate(c.registry, s, c.path, huma.ModeWriteToServer, v, &c.found)
}

// param sets a field.
func (c *check) param(field reflect.Value, p param, text string) {
	if text == "" {
		if p.required {
			c.refuse("required parameter is missing", p.in, p.name)
		}
		return
	}
	v, err := parse(field.Type(), text)
	if err != nil {
		c.refuse(err.Error(), p.in, p.name)
		return
	}
	field.Set(reflect.ValueOf(v).Convert(field.Type()))
	if _, ok := v.(time.Time); ok {
		v = text // the schema is that of a text
	}
	c.value(p.schema, v, p.in, p.name)
}

// parse reads a parameter. It knows the types that ours have.
func parse(t reflect.Type, text string) (any, error) {
	switch {
	case t.Kind() == reflect.String:
		return text, nil
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		v, err := strconv.ParseInt(text, 10, t.Bits())
		if err != nil {
			return nil, errors.New("invalid integer")
		}
		return v, nil
	case t.Kind() == reflect.Bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return nil, errors.New("invalid boolean")
		}
		return v, nil
	case t == reflect.TypeFor[time.Time]():
		v, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return nil, errors.New("invalid time")
		}
		return v, nil
	}
	return nil, fmt.Errorf("%s: %w", t, errors.ErrUnsupported)
}

// problem is what was found, in our words.
func (c *check) problem() *Problem {
	p := newProblem(http.StatusUnprocessableEntity, "invalid_input")
	for _, err := range c.found.Errors {
		var e *huma.ErrorDetail
		if !errors.As(err, &e) {
			continue
		}
		if strings.HasPrefix(e.Location, inPath) { // an id that cannot exist is not found, never invalid
			return newProblem(http.StatusNotFound, "not_found")
		}
		p.Errors = append(p.Errors, fieldProblem(e))
	}
	return p
}
