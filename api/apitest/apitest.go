// Package apitest holds answers to the OpenAPI document: the status must be documented, and the body must fit its
// schema. For tests of the whole program.
package apitest

import (
	"encoding/json"
	"fmt"
	"mime"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Contract checks answers.
type Contract struct{ doc *huma.OpenAPI }

// New makes a contract of a document.
func New(doc *huma.OpenAPI) Contract { return Contract{doc} }

// Check tells what is wrong with an answer, or nil. path is that of the request, without its query.
func (c Contract) Check(method, path string, status int, contentType string, body []byte) error {
	op := c.find(method, path)
	if op == nil {
		if status == 404 || status == 405 { // what is not there is not documented either
			return nil
		}
		return fmt.Errorf("%s %s is not documented", method, path)
	}
	what := fmt.Sprintf("%s %s -> %d", method, op.Path, status)
	response := op.Responses[strconv.Itoa(status)]
	if response == nil {
		return fmt.Errorf("%s is not documented", what)
	}
	if len(response.Content) == 0 {
		if len(body) > 0 {
			return fmt.Errorf("%s has a body, documented is none", what)
		}
		return nil
	}
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return fmt.Errorf("%s: content type %q: %w", what, contentType, err)
	}
	media := response.Content[kind]
	if anything := response.Content["*/*"]; anything != nil {
		media = anything
	}
	if media == nil {
		return fmt.Errorf("%s: content type %s is not documented", what, kind)
	}
	if !strings.HasSuffix(kind, "json") {
		return nil
	}
	return c.fits(what, media.Schema, body)
}

func (c Contract) fits(what string, schema *huma.Schema, body []byte) error {
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return fmt.Errorf("%s is no JSON: %w", what, err)
	}
	if c.doc.Components == nil || schema == nil {
		return fmt.Errorf("%s has no schema", what)
	}
	schema.PrecomputeMessages()
	result := &huma.ValidateResult{}
	huma.Validate(c.doc.Components.Schemas, schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, value, result)
	if len(result.Errors) > 0 {
		return fmt.Errorf("%s does not fit: %v", what, result.Errors)
	}
	return nil
}

// find gives the operation of a path; fixed parts go before parameters.
func (c Contract) find(method, path string) *huma.Operation {
	var best *huma.Operation
	fewest := len(path) + 1
	for template, item := range c.doc.Paths {
		op := map[string]*huma.Operation{
			"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete,
		}[method]
		if n, ok := parameters(template, path); ok && op != nil && n < fewest {
			best, fewest = op, n
		}
	}
	return best
}

// parameters counts the parts of a path that stand for parameters of the template.
func parameters(template, path string) (n int, fits bool) {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return 0, false
	}
	for i := range want {
		if strings.HasPrefix(want[i], "{") {
			n++
			continue
		}
		if want[i] != got[i] {
			return 0, false
		}
	}
	return n, true
}
