package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm/schema"

	"liuke/model"
)

// Every route is tried by everybody: by nobody, by each role of the store that a thing belongs to, of another store and
// region, and by the owner of another chain. What must come of it stands in matrixRules; a route without a rule fails.
func TestMatrix_everyRouteLetsOnThoseWhoMayAndNobodyElse(t *testing.T) {
	t.Parallel()
	rules := matrixRules(t)
	each(t, func(t *testing.T, w *running) {
		x := newMatrix(t, w)
		w.settle()
		operations := operationsOf(w.app.api.OpenAPI())
		for _, id := range slices.Sorted(maps.Keys(rules)) {
			require.Contains(t, operations, id, "a rule for a route that is not there")
		}
		before := x.digest(t)
		for _, id := range slices.Sorted(maps.Keys(operations)) {
			rule, ok := rules[id]
			if !ok {
				t.Errorf("no rule says who may call %s", id)
				continue
			}
			x.try(t, operations[id], rule)
		}
		after := x.digest(t)
		for table, digest := range before {
			if digest != after[table] {
				t.Errorf("something changed in %s though nobody was let do it", table)
			}
		}
	})
}

// operationsOf lists the calls of the document by their names.
func operationsOf(doc *huma.OpenAPI) map[string]*huma.Operation {
	all := map[string]*huma.Operation{}
	for path, item := range doc.Paths {
		for method, op := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
		} {
			if op != nil {
				op.Method, op.Path = method, path
				all[op.OperationID] = op
			}
		}
	}
	return all
}

// try holds one operation to its rule.
func (x *matrix) try(t *testing.T, op *huma.Operation, rule string) {
	t.Helper()
	if rule == rulePublic {
		return // who is not signed in is tried by the tests of these
	}
	if a := x.do(op.Method, x.at(op.Path, true), "", x.body(op)); a.status != http.StatusUnauthorized {
		t.Errorf("%s by nobody: %d", op.OperationID, a.status)
	}
	if rule == ruleSelf {
		return
	}
	require.Len(t, rule, len(x.callers), op.OperationID)
	got := []byte(rule)
	for i, c := range x.callers {
		got[i] = x.outcome(t, op, c, rule[i])
	}
	if string(got) != rule {
		t.Errorf("%s: %s, and not %s", op.OperationID, got, rule)
	}
}

// outcome calls an operation as somebody. Who should be let on changes nothing all the same: he names what is not there,
// or sends no body.
func (x *matrix) outcome(t *testing.T, op *huma.Operation, c caller, want byte) byte {
	t.Helper()
	reads := op.Method == http.MethodGet
	letOn := want == ruleLetOn && !reads
	var body any
	if !letOn || strings.Contains(op.Path, "{") {
		body = x.body(op)
	} else if op.RequestBody == nil {
		return ruleLetOn // nothing to name and nothing to leave out: it would act
	}
	a := x.do(op.Method, x.at(op.Path, !letOn)+matrixQueries[op.OperationID], c.token, body)
	switch {
	case a.status == http.StatusForbidden:
		return ruleForbidden
	case a.status == http.StatusUnauthorized || a.status >= http.StatusInternalServerError:
		t.Errorf("%s as %s: %d", op.OperationID, c.name, a.status)
	case a.status == http.StatusNotFound && !letOn:
		return ruleNotFound
	}
	if reads {
		x.leaks(t, op, c, a)
	}
	return ruleLetOn
}

// leaks looks for ids in an answer that the caller should not know of.
func (x *matrix) leaks(t *testing.T, op *huma.Operation, c caller, a answer) {
	t.Helper()
	for kind, id := range x.ids {
		personal := slices.Contains([]string{"members", "conversations", "messages", "notes", "complaints", "todos", "binding_requests", "member_merges"}, kind)
		far := strings.Contains(c.name, "elsewhere") && personal
		if (far || strings.Contains(c.name, "another chain")) && strings.Contains(string(a.raw), id) {
			t.Errorf("%s tells %s the id of something of %s", op.OperationID, c.name, kind)
		}
	}
}

// body is the least that an operation takes, or nil.
func (x *matrix) body(op *huma.Operation) any {
	if op.RequestBody == nil {
		return nil
	}
	if special, ok := matrixBodies[op.OperationID]; ok {
		return special
	}
	content := op.RequestBody.Content["application/json"]
	if content == nil {
		return "x"
	}
	return x.sample(content.Schema)
}

// sample makes a value that fits a schema.
func (x *matrix) sample(s *huma.Schema) any {
	if s.Ref != "" {
		s = x.app.api.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	switch {
	case len(s.OneOf) > 0:
		return x.sample(s.OneOf[0])
	case len(s.Enum) > 0:
		return s.Enum[0]
	}
	switch s.Type {
	case huma.TypeObject:
		out := map[string]any{}
		for _, name := range s.Required {
			out[name] = x.sample(s.Properties[name])
		}
		return out
	case huma.TypeArray:
		if s.MinItems != nil && *s.MinItems > 0 {
			return []any{x.sample(s.Items)}
		}
		return []any{}
	case huma.TypeInteger, huma.TypeNumber:
		if s.Minimum != nil {
			return *s.Minimum
		}
		return 1
	case huma.TypeBoolean:
		return true
	}
	switch s.Format {
	case "date-time":
		return "2099-01-01T00:00:00Z"
	case "date":
		return "2099-01-01"
	}
	return "x12345678"
}

// digest sums up every table but those that hold who looked, who is there and what was tried.
func (x *matrix) digest(t *testing.T) map[string]string {
	t.Helper()
	sums := map[string]string{}
	names := schema.NamingStrategy{}
	for _, row := range model.Tables() {
		table := names.TableName(fmt.Sprintf("%T", row))
		if named, ok := row.(schema.Tabler); ok {
			table = named.TableName()
		}
		if slices.Contains(restless, table) {
			continue
		}
		var rows []map[string]any
		require.NoError(t, x.app.db.Read(t.Context()).Table(table).Find(&rows).Error)
		lines := make([]string, len(rows))
		for i, r := range rows {
			delete(r, "seen_at") // whoever calls is there
			if table == "sessions" {
				delete(r, "expires_at") // and stays signed in
			}
			text, err := json.Marshal(r)
			require.NoError(t, err)
			lines[i] = string(text)
		}
		slices.Sort(lines)
		sums[table] = fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(lines, "\n"))))
	}
	return sums
}
