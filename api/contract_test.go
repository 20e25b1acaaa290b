package api_test

import (
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"liuke/api"
	"liuke/api/apitest"
)

func described(t *testing.T) *api.API {
	t.Helper()
	a, err := api.New(api.Deps{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	return a
}

func TestOpenAPI_isAsTheRoutesSay(t *testing.T) {
	t.Parallel()
	want, err := api.Document()
	require.NoError(t, err)
	got, err := os.ReadFile("openapi.yaml")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "run `make openapi`")
}

// operations lists what the document holds as "METHOD /path".
func operations(doc *huma.OpenAPI) map[string]*huma.Operation {
	all := map[string]*huma.Operation{}
	for path, item := range doc.Paths {
		for method, op := range map[string]*huma.Operation{
			"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete,
		} {
			if op != nil {
				all[method+" "+path] = op
			}
		}
	}
	return all
}

func TestOpenAPI_holdsEveryRouteAndNoOther(t *testing.T) {
	t.Parallel()
	a := described(t)
	served := slices.DeleteFunc(a.Routes(), func(r string) bool {
		return strings.HasPrefix(r, "GET /app") || strings.HasPrefix(r, "GET /console") || strings.Contains(r, " /m/") // pages, no API
	})
	slices.Sort(served)
	require.Equal(t, served, slices.Sorted(maps.Keys(operations(a.OpenAPI()))))
}

func TestOpenAPI_namesAndDescribesEveryOperation(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for route, op := range operations(described(t).OpenAPI()) {
		require.NotEmpty(t, op.OperationID, route)
		require.NotEmpty(t, op.Summary, route)
		require.Empty(t, seen[op.OperationID], "%s and %s have the same name", route, seen[op.OperationID])
		seen[op.OperationID] = route
	}
}

func TestContract_findsAnswersThatAreNotAsDocumented(t *testing.T) {
	t.Parallel()
	c := apitest.New(described(t).OpenAPI())
	const good = `{"id":"1","name":"n","code":"c","region_id":null,"time_zone":"Asia/Shanghai","greeting":"","business_hours":[],"created_at":"2026-11-22T10:00:00.123Z"}`
	check := func(path string, status int, kind, body string) error {
		return c.Check("GET", path, status, kind, []byte(body))
	}
	require.NoError(t, check("/api/stores/1", 200, "application/json", good))
	require.NoError(t, check("/api/stores", 200, "application/json", `{"items":[`+good+`],"next":null}`))
	problem := `{"type":"about:blank","title":"Not Found","status":404,"reason":"not_found","request_id":"r","more":1}`
	require.NoError(t, check("/api/stores/1", 404, "application/problem+json", problem))
	require.NoError(t, check("/api/nothing", 404, "application/problem+json", problem))
	for _, bad := range []error{
		check("/api/nothing", 200, "application/json", good),
		check("/api/stores/1", 418, "application/problem+json", problem),
		check("/api/stores/1", 404, "application/json", problem),
		check("/api/stores/1", 404, "application/problem+json", `{"status":404}`),
		check("/api/stores/1", 200, "application/json", strings.Replace(good, `"name":"n",`, "", 1)),
		check("/api/stores/1", 200, "application/json", strings.Replace(good, `"n"`, "null", 1)),
		check("/api/stores/1", 200, "application/json", strings.Replace(good, `"n"`, `"n","other":1`, 1)),
		check("/api/stores/1", 200, "application/json", strings.Replace(good, "T10", " 10", 1)),
		check("/api/stores", 200, "application/json", `{"items":null,"next":null}`),
		check("/api/stores", 200, "application/json", `{"items":[]}`),
		check("/api/stores", 200, "application/json", ``),
	} {
		require.Error(t, bad)
	}
}
