package api

import (
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	callbackapi "liuke/api/callback"
)

// Document is the OpenAPI document as YAML, made from the routes.
func Document() ([]byte, error) {
	a, err := New(Deps{Now: time.Time{}.UTC, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	return a.document()
}

func (a *API) document() ([]byte, error) {
	text, err := a.OpenAPI().YAML()
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	return text, nil
}

// showDocument answers the document, made when it is first asked for: few ever ask, and it is long.
func (a *API) showDocument() gin.HandlerFunc {
	document := sync.OnceValues(a.document)
	return func(c *gin.Context) {
		text, err := document()
		if err != nil { // the same for all builds of the program: its tests would fail
			c.Status(http.StatusInternalServerError)
			return
		}
		c.Data(http.StatusOK, "application/yaml", text)
	}
}

// OpenAPI makes the document of this handler.
func (a *API) OpenAPI() *huma.OpenAPI { return a.rest.Document() }

// Routes lists what the handler serves as "METHOD /path/{id}".
func (a *API) Routes() []string {
	routes := []string{"GET " + callbackapi.Prefix + "{appid}", "POST " + callbackapi.Prefix + "{appid}"}
	for _, r := range a.rest.Engine().Routes() {
		parts := strings.Split(r.Path, "/")
		for i, part := range parts {
			if name, ok := strings.CutPrefix(part, ":"); ok {
				parts[i] = "{" + name + "}"
			}
		}
		routes = append(routes, r.Method+" "+strings.Join(parts, "/"))
	}
	return routes
}

// describePlain documents the routes that are no operations.
func describePlain(doc *huma.OpenAPI) {
	text := func(status int, what string) *huma.Response {
		return &huma.Response{
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{what: {Schema: &huma.Schema{Type: huma.TypeString}}},
		}
	}
	const plain = "text/plain"
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		op := &huma.Operation{
			Method: method, Path: callbackapi.Prefix + "{appid}", Tags: []string{"callback"},
			OperationID: "callback" + method[:1] + strings.ToLower(method[1:]),
			Summary:     "WeChat's test of the address", Parameters: callbackParameters(),
			Responses: map[string]*huma.Response{},
		}
		statuses := []int{200, 403, 404, 429, 503}
		if method == http.MethodPost {
			op.Summary = "WeChat's pushes; answered success once stored"
			op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"text/xml": {Schema: &huma.Schema{Type: huma.TypeString}}}}
			statuses = append(statuses, 400, 413)
		}
		for _, status := range statuses {
			op.Responses[strconv.Itoa(status)] = text(status, plain)
		}
		doc.AddOperation(op)
	}
	ready := doc.Components.Schemas.Schema(reflect.TypeFor[Readiness](), true, "")
	json := func(status int) *huma.Response {
		return &huma.Response{Description: http.StatusText(status), Content: map[string]*huma.MediaType{"application/json": {Schema: ready}}}
	}
	for _, op := range []*huma.Operation{
		{Path: "/healthz", OperationID: "healthz", Summary: "Alive", Responses: map[string]*huma.Response{"200": text(200, plain)}},
		{Path: "/readyz", OperationID: "readyz", Summary: "Ready to serve", Responses: map[string]*huma.Response{"200": json(200), "503": json(503)}},
		{Path: "/metrics", OperationID: "metrics", Summary: "Figures for Prometheus", Responses: map[string]*huma.Response{"200": text(200, plain)}},
		{Path: "/api/openapi.yaml", OperationID: "openapi", Summary: "This document", Responses: map[string]*huma.Response{"200": text(200, "application/yaml"), "429": text(429, "application/problem+json")}},
	} {
		op.Method, op.Tags = http.MethodGet, []string{"operations"}
		doc.AddOperation(op)
	}
}

func callbackParameters() []*huma.Param {
	params := []*huma.Param{{Name: "appid", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}}
	for _, name := range []string{"signature", "timestamp", "nonce", "echostr", "encrypt_type", "msg_signature"} {
		params = append(params, &huma.Param{Name: name, In: "query", Schema: &huma.Schema{Type: huma.TypeString}})
	}
	return params
}
