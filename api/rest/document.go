package rest

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// newDocument is the OpenAPI document without operations.
func newDocument() *huma.OpenAPI {
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "Liuke", Version: "1",
			Description: "Members of a WeChat service account, each served by one clerk.",
		},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"token":   {Type: "http", Scheme: "bearer", Description: "the token of POST /api/session"},
				"browser": {Type: "apiKey", In: "cookie", Name: SessionCookie, Description: "calls that change something also send " + CSRFHeader + ", the value of the cookie " + CSRFCookie},
				"key":     {Type: "apiKey", In: "header", Name: KeyHeader, Description: "a key of POST /api/api_keys"},
			},
		},
	}
}

// Document is the OpenAPI document of what was added so far.
func (a *API) Document() *huma.OpenAPI { return a.doc }

// describe is the operation as huma documents it.
func (a *API) describe(op Operation) huma.Operation {
	out := huma.Operation{
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
		out.Responses[strconv.Itoa(status)] = a.problemResponse(status)
	}
	return out
}

// describeAnswer documents the answer of an operation that succeeds, and settles its status.
func (a *API) describeAnswer(op *huma.Operation, out reflect.Type, cookies bool) {
	none := out == reflect.TypeFor[None]()
	switch {
	case op.DefaultStatus != 0:
	case none:
		op.DefaultStatus = http.StatusNoContent
	default:
		op.DefaultStatus = http.StatusOK
	}
	ok := &huma.Response{Description: http.StatusText(op.DefaultStatus)}
	if !none {
		schema := a.doc.Components.Schemas.Schema(out, true, op.OperationID+"Response")
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
	if !op.Public {
		all = append(all, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests)
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

func (a *API) problemResponse(status int) *huma.Response {
	if known := a.problems[status]; known != nil {
		return known
	}
	registry := a.doc.Components.Schemas
	if registry.Map()["Problem"] == nil {
		registry.Map()["Problem"] = problemSchema(registry)
	}
	a.problems[status] = &huma.Response{
		Description: http.StatusText(status),
		Content:     map[string]*huma.MediaType{problemType: {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}},
	}
	return a.problems[status]
}

// problemSchema lets further members stand beside the standard ones.
func problemSchema(r huma.Registry) *huma.Schema {
	s := huma.SchemaFromType(r, typeOfProblem())
	s.AdditionalProperties = true
	return s
}

// describeRaw documents the path, the body and the answer of an operation that has no Go types.
func describeRaw(out *huma.Operation, op Operation) {
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
}

func typeOfProblem() reflect.Type { return reflect.TypeFor[Problem]() }
