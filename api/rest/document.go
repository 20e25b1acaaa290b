package rest

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// schemaPrefix is where the document keeps its schemas.
const schemaPrefix = "#/components/schemas/"

// document is an OpenAPI document in the making.
type document struct {
	*huma.OpenAPI

	// problems are the responses that describe errors, by status: the same for all operations, of which there are hundreds.
	problems map[int]*huma.Response
}

// newDocument is the document without operations.
func newDocument() *document {
	return &document{problems: map[int]*huma.Response{}, OpenAPI: &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "Liuke", Version: "1",
			Description: "Members of a WeChat service account, each served by one clerk.",
		},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry(schemaPrefix, huma.DefaultSchemaNamer),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"token":   {Type: "http", Scheme: "bearer", Description: "the token of POST /api/session"},
				"browser": {Type: "apiKey", In: "cookie", Name: SessionCookie, Description: "calls that change something also send " + CSRFHeader + ", the value of the cookie " + CSRFCookie},
				"key":     {Type: "apiKey", In: "header", Name: KeyHeader, Description: "a key of POST /api/api_keys"},
			},
		},
	}}
}

// Describe lets f add to the OpenAPI document what follows from no type, after what was added before it.
func (a *API) Describe(f func(doc *huma.OpenAPI)) {
	a.described = append(a.described, func(d *document) { f(d.OpenAPI) })
}

// Document makes the OpenAPI document of what was added so far. Who serves does not need it, and it is large.
func (a *API) Document() *huma.OpenAPI {
	d := newDocument()
	for _, describe := range a.described {
		describe(d)
	}
	return d.OpenAPI
}

// operation is an operation as huma documents it.
func (d *document) operation(op Operation) *huma.Operation {
	out := &huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: op.Path, DefaultStatus: op.Status, Summary: op.Summary, Tags: []string{op.Tag},
		Responses: map[string]*huma.Response{},
	}
	if !op.Public {
		out.Security = []map[string][]string{{"token": {}}, {"browser": {}}}
	}
	if op.Keys {
		out.Security = append(out.Security, map[string][]string{"key": {}})
	}
	if op.Idempotent {
		out.Parameters = append(out.Parameters, &huma.Param{
			Name: headerKey, In: "header", Schema: &huma.Schema{Type: huma.TypeString},
			Description: "the same key within 24 hours gives the first answer again",
		})
	}
	for _, status := range op.statuses() {
		out.Responses[strconv.Itoa(status)] = d.problem(status)
	}
	return out
}

// answer documents the answer of an operation that succeeds.
func (d *document) answer(op *huma.Operation, out reflect.Type, cookies bool) {
	ok := &huma.Response{Description: http.StatusText(op.DefaultStatus)}
	if out != reflect.TypeFor[None]() {
		schema := d.Components.Schemas.Schema(out, true, op.OperationID+"Response")
		ok.Content = map[string]*huma.MediaType{"application/json": {Schema: schema}}
	}
	if cookies {
		ok.Headers = map[string]*huma.Param{"Set-Cookie": {Schema: &huma.Schema{Type: huma.TypeString}}}
	}
	op.Responses[strconv.Itoa(op.DefaultStatus)] = ok
}

// statuses are the errors that follow from the shape of an operation, and its own.
func (op Operation) statuses() []int {
	all := append([]int{http.StatusUnprocessableEntity, http.StatusInternalServerError, http.StatusServiceUnavailable}, op.Errors...)
	all = append(all, http.StatusTooManyRequests)
	if !op.Public {
		all = append(all, http.StatusUnauthorized, http.StatusForbidden)
	}
	if strings.Contains(op.Path, "{") {
		all = append(all, http.StatusNotFound)
	}
	if !safe(op.Method) {
		all = append(all, http.StatusBadRequest, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if op.Idempotent {
		all = append(all, http.StatusConflict)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (d *document) problem(status int) *huma.Response {
	if known := d.problems[status]; known != nil {
		return known
	}
	registry := d.Components.Schemas
	if registry.Map()["Problem"] == nil {
		registry.Map()["Problem"] = problemSchema(registry)
	}
	d.problems[status] = &huma.Response{
		Description: http.StatusText(status),
		Content:     map[string]*huma.MediaType{problemType: {Schema: &huma.Schema{Ref: schemaPrefix + "Problem"}}},
	}
	return d.problems[status]
}

// problemSchema lets further members stand beside the standard ones.
func problemSchema(r huma.Registry) *huma.Schema {
	s := huma.SchemaFromType(r, typeOfProblem())
	s.AdditionalProperties = true
	return s
}

// raw documents an operation that has no Go types: its path, its body and its answer.
func (d *document) raw(op Operation) {
	out := d.operation(op)
	for part := range strings.SplitSeq(op.Path, "/") {
		name, ok := strings.CutPrefix(part, "{")
		if !ok {
			continue
		}
		name, _, _ = strings.Cut(name, "}")
		out.Parameters = append(out.Parameters, &huma.Param{Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}})
	}
	status := op.Status
	if status == 0 {
		status = http.StatusOK
	}
	ok := &huma.Response{Description: http.StatusText(status)}
	if op.Produces != "" {
		ok.Content = map[string]*huma.MediaType{op.Produces: {Schema: &huma.Schema{Type: huma.TypeString}}}
	}
	out.Responses[strconv.Itoa(status)] = ok
	if op.Consumes != "" {
		out.RequestBody = &huma.RequestBody{
			Required: true,
			Content:  map[string]*huma.MediaType{op.Consumes: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		}
	}
	d.AddOperation(out)
}

func typeOfProblem() reflect.Type { return reflect.TypeFor[Problem]() }
