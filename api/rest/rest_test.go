package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"liuke/api/rest"
	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/bus"
	"liuke/service/fault"
	"liuke/service/idempotency"
	"liuke/service/limit"
)

// Thing is what the calls of this test are about.
type Thing struct {
	ID    string          `json:"id"`
	Name  string          `json:"name"`
	At    rest.Time       `json:"at"`
	Ended rest.TimeOrNull `json:"ended"`
	Store *string         `json:"store_id"`
}

type createThing struct {
	Body struct {
		Name  string `json:"name" minLength:"1" maxLength:"5"`
		Count int    `json:"count,omitempty" minimum:"1"`
		Kind  string `json:"kind,omitempty" enum:"a,b"`
		Parts []struct {
			SKU string `json:"sku" maxLength:"3"`
		} `json:"parts,omitempty"`
	}
}

type listThings struct {
	rest.Paging

	Kind string `query:"kind"`
}

type oneThing struct {
	ID string `path:"word"`
}

// people knows two tokens.
type people struct{}

func (people) Authenticate(_ context.Context, token string) (access.Actor, error) {
	switch token {
	case "owner", "clerk":
		return access.Actor{Kind: model.ByStaff, AccountID: model.NewID(), StaffID: token, Role: token}, nil
	}
	return access.Actor{}, fault.New(fault.Unsigned, "not_signed_in")
}

func (people) Recall(string) (access.Actor, bool) { return access.Actor{}, false }

func (people) CheckCSRF(_ context.Context, _ access.Actor, token string) error {
	if token != "right" {
		return fault.New(fault.Forbidden, "csrf")
	}
	return nil
}

type things struct{ created atomic.Int64 }

func (r *things) Mount(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/things", Status: http.StatusCreated, Tag: "thing", Roles: []string{model.RoleOwner}, Idempotent: true,
	}, r.create)
	rest.Register(a, rest.Operation{Method: http.MethodGet, Path: "/api/things", Tag: "thing"},
		func(_ context.Context, _ access.Actor, in *listThings) (rest.List[Thing], error) {
			return rest.Page(make([]string, min(in.Limit, 2)), in.Cursor, func(string) Thing { return Thing{ID: "x", At: 1} }), nil
		})
	rest.Register(a, rest.Operation{Method: http.MethodDelete, Path: "/api/things/{word}", Tag: "thing"},
		func(context.Context, access.Actor, *oneThing) (rest.None, error) { return rest.None{}, nil })
	rest.Register(a, rest.Operation{Method: http.MethodGet, Path: "/api/things/{word}", Tag: "thing"},
		func(_ context.Context, _ access.Actor, in *oneThing) (Thing, error) {
			return Thing{}, failures()[in.ID]
		})
	rest.Raw(a, rest.Operation{Method: http.MethodGet, Path: "/api/things/{word}/picture", Tag: "thing", Produces: "image/png"},
		func(c *gin.Context, _ access.Actor) error { return failures()[c.Param("word")] })
}

func (r *things) create(_ context.Context, _ access.Actor, in *createThing) (Thing, error) {
	if in.Body.Name == "fail" {
		return Thing{}, fault.New(fault.Conflict, "duplicate").With("id", "4711")
	}
	if in.Body.Name == "panic" {
		panic("as asked")
	}
	r.created.Add(1)
	return Thing{ID: model.NewID(), Name: in.Body.Name, At: 1_700_000_000_123}, nil
}

func failures() map[string]error {
	return map[string]error{
		"unknown":  fault.New(fault.NotFound, "not_found"),
		"twice":    fault.New(fault.Conflict, "duplicate").With("id", "4711"),
		"often":    fault.New(fault.TooMany, "too_many_tries").With("retry_after", int64(17)),
		"wechat":   fault.New(fault.Upstream, "wechat").Because(errors.New("secret cause")),
		"away":     fault.New(fault.Unavailable, "busy"),
		"webp":     fault.New(fault.Unacceptable, "kind"),
		"huge":     fault.New(fault.TooLarge, "too_large"),
		"field":    fault.Input("name", "taken"),
		"internal": errors.New("Duplicate entry '13800138000' for key"),
	}
}

type answer struct {
	status int
	header http.Header
	body   map[string]any
	text   string
}

type caller struct {
	t    *testing.T
	api  *rest.API
	room *things
	logs *strings.Builder
}

func newCaller(t *testing.T, rates limit.Rates) caller {
	t.Helper()
	db := databasetest.Open(t, databasetest.Fresh(t, database.SQLite), time.Now)
	alone, err := bus.Open(t.Context(), bus.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, alone.Close()) })
	logs := &strings.Builder{}
	api := rest.New(rest.Deps{
		Sessions: people{}, Repeats: idempotency.New(idempotency.Deps{DB: db}), Now: time.Now, Limits: limit.New(limit.Deps{Bus: alone, Rates: rates, Now: time.Now}),
		Log: slog.New(slog.NewJSONHandler(logs, nil)),
	})
	room := &things{}
	room.Mount(api)
	return caller{t, api, room, logs}
}

func (c caller) call(method, path, body string, headers ...string) answer {
	c.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, reader)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	c.api.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), text: w.Body.String()}
	if w.Body.Len() > 0 {
		require.NoError(c.t, json.Unmarshal(w.Body.Bytes(), &a.body), "%s", w.Body)
	}
	return a
}

const (
	auth  = "Authorization"
	owner = "Bearer owner"
	clerk = "Bearer clerk"
)

func TestOperation_answersTheFirstThingThatIsWrong(t *testing.T) {
	t.Parallel()
	c := newCaller(t, nil)
	for _, x := range []struct {
		method, path, body string
		headers            []string
		status             int
		reason, fields     string
	}{
		{"POST", "/api/things", `{`, nil, 401, "not_signed_in", ""},
		{"POST", "/api/things", `{`, []string{auth, "Bearer nobody"}, 401, "not_signed_in", ""},
		{"POST", "/api/things", `{`, []string{auth, "Basic owner"}, 401, "not_signed_in", ""},
		{"POST", "/api/things", `{`, []string{auth, clerk}, 403, "role", ""},
		{"POST", "/api/things", `{"name":"a"}`, []string{"Cookie", "liuke_session=owner"}, 403, "csrf", ""},
		{"POST", "/api/things", `{"name":"a"}`, []string{"Cookie", "liuke_session=owner", auth, "Basic x"}, 401, "not_signed_in", ""},
		{"POST", "/api/things", `{`, []string{auth, owner}, 400, "invalid_json", ""},
		{"POST", "/api/things", `{"name":"a"} x`, []string{auth, owner}, 400, "invalid_json", ""},
		{"POST", "/api/things", ``, []string{auth, owner}, 400, "body_required", ""},
		{"POST", "/api/things", `{"name":"a"}`, []string{auth, owner, "Content-Type", "text/xml"}, 415, "content_type", ""},
		{"POST", "/api/things", `{"name":"` + strings.Repeat("a", 2<<20) + `"}`, []string{auth, owner}, 413, "too_large", ""},
		{"POST", "/api/things", `{}`, []string{auth, owner}, 422, "invalid_input", "name:required"},
		{"POST", "/api/things", `[]`, []string{auth, owner}, 422, "invalid_input", ":type"},
		{"POST", "/api/things", `{"name":""}`, []string{auth, owner}, 422, "invalid_input", "name:too_short"},
		{"POST", "/api/things", `{"name":"abcdef"}`, []string{auth, owner}, 422, "invalid_input", "name:too_long"},
		{"POST", "/api/things", `{"name":null}`, []string{auth, owner}, 422, "invalid_input", "name:type"},
		{"POST", "/api/things", `{"name":"a","count":0}`, []string{auth, owner}, 422, "invalid_input", "count:too_small"},
		{"POST", "/api/things", `{"name":"a","count":"1"}`, []string{auth, owner}, 422, "invalid_input", "count:type"},
		{"POST", "/api/things", `{"name":"a","kind":"c"}`, []string{auth, owner}, 422, "invalid_input", "kind:unknown"},
		{"POST", "/api/things", `{"name":"a","parts":[{"sku":"1"},{"sku":"1234"}]}`, []string{auth, owner}, 422, "invalid_input", "parts[1].sku:too_long"},
		{"POST", "/api/things", `{"name":"a","parts":[{}]}`, []string{auth, owner}, 422, "invalid_input", "parts[0].sku:required"},
		{"POST", "/api/things", `{"name":"a","other":1}`, []string{auth, owner}, 422, "invalid_input", "other:unexpected"},
		{"POST", "/api/things", `{"name":"fail"}`, []string{auth, owner}, 409, "duplicate", ""},
		{"POST", "/api/things", `{"name":"panic"}`, []string{auth, owner}, 500, "internal", ""},
		{"GET", "/api/things?limit=0", "", []string{auth, clerk}, 422, "invalid_input", "limit:too_small"},
		{"GET", "/api/things?limit=101", "", []string{auth, clerk}, 422, "invalid_input", "limit:too_large"},
		{"GET", "/api/things?limit=x", "", []string{auth, clerk}, 422, "invalid_input", "limit:type"},
		{"GET", "/api/things?sort=x", "", []string{auth, clerk}, 422, "invalid_input", "sort:unexpected"},
		{"GET", "/api/nothing", "", []string{auth, clerk}, 404, "not_found", ""},
		{"GET", "/api/things/", "", []string{auth, clerk}, 404, "not_found", ""},
		{"PUT", "/api/things", "", []string{auth, clerk}, 405, "method_not_allowed", ""},
		{"GET", "/api/things/unknown", "", []string{auth, clerk}, 404, "not_found", ""},
		{"GET", "/api/things/wechat", "", []string{auth, clerk}, 502, "wechat", ""},
		{"GET", "/api/things/away", "", []string{auth, clerk}, 503, "busy", ""},
		{"GET", "/api/things/webp", "", []string{auth, clerk}, 415, "kind", ""},
		{"GET", "/api/things/huge", "", []string{auth, clerk}, 413, "too_large", ""},
		{"GET", "/api/things/field", "", []string{auth, clerk}, 422, "invalid_input", "name:taken"},
		{"GET", "/api/things/internal", "", []string{auth, clerk}, 500, "internal", ""},
		{"GET", "/api/things/unknown/picture", "", []string{auth, clerk}, 404, "not_found", ""},
		{"GET", "/api/things/unknown/picture", "", nil, 401, "not_signed_in", ""},
	} {
		a := c.call(x.method, x.path, x.body, x.headers...)
		what := x.method + " " + x.path + " " + x.body[:min(len(x.body), 60)] + " -> " + a.text
		require.Equal(t, x.status, a.status, what)
		require.Equal(t, "application/problem+json", a.header.Get("Content-Type"), what)
		require.Equal(t, x.reason, a.body["reason"], what)
		require.InDelta(t, x.status, a.body["status"], 0, what)
		require.Equal(t, a.header.Get("X-Request-Id"), a.body["request_id"], what)
		require.NotContains(t, a.text, "secret")
		require.NotContains(t, a.text, "13800138000")
		var fields []string
		list, _ := a.body["errors"].([]any)
		for _, e := range list {
			one, ok := e.(map[string]any)
			require.True(t, ok)
			field, reason := one["field"].(string), one["reason"].(string)
			fields = append(fields, field+":"+reason)
		}
		require.Equal(t, x.fields, strings.Join(fields, " "), what)
	}
}

func TestProblem_carriesWhatTheFaultAdds(t *testing.T) {
	t.Parallel()
	c := newCaller(t, nil)
	require.Equal(t, "4711", c.call("GET", "/api/things/twice", "", auth, clerk).body["id"])
	require.Equal(t, "17", c.call("GET", "/api/things/often", "", auth, clerk).header.Get("Retry-After"))
}

func TestOperation_answersViews(t *testing.T) {
	t.Parallel()
	c := newCaller(t, nil)
	a := c.call("POST", "/api/things", `{"name":"<&>"}`, "Cookie", "liuke_session=owner", "X-CSRF-Token", "right", "X-Request-Id", "r-1")
	require.Equal(t, 201, a.status)
	require.Equal(t, "application/json", a.header.Get("Content-Type"))
	require.Equal(t, "r-1", a.header.Get("X-Request-Id"))
	require.Contains(t, a.text, `"name":"<&>"`)
	require.NotContains(t, a.text, "$schema")
	require.Empty(t, a.header.Get("Link"))
	require.Equal(t, "2023-11-14T22:13:20.123Z", a.body["at"])
	require.Contains(t, a.body, "ended")
	require.Nil(t, a.body["ended"])
	require.Nil(t, a.body["store_id"])

	a = c.call("GET", "/api/things?limit=1&cursor=abc", "", auth, clerk)
	require.Equal(t, 200, a.status)
	require.Len(t, a.body["items"], 1)
	require.Equal(t, "abc", a.body["next"])

	a = c.call("DELETE", "/api/things/1", "", auth, clerk)
	require.Equal(t, 204, a.status)
	require.Empty(t, a.text)
}

func TestLimit_holdsOnePersonAndNoOther(t *testing.T) {
	t.Parallel()
	c := newCaller(t, limit.Rates{limit.Staff: {PerSecond: 0.25, Burst: 2}})
	for range 2 {
		require.Equal(t, 200, c.call("GET", "/api/things", "", auth, clerk).status)
	}
	a := c.call("GET", "/api/things", "", auth, clerk)
	require.Equal(t, 429, a.status)
	require.Equal(t, "too_many_calls", a.body["reason"])
	require.Equal(t, "4", a.header.Get("Retry-After"))
	require.Equal(t, 200, c.call("GET", "/api/things", "", auth, owner).status)
}

func TestLimit_holdsWhoIsNotKnownByHisNetwork(t *testing.T) {
	t.Parallel()
	c := newCaller(t, limit.Rates{limit.Address: {PerSecond: 0.001, Burst: 2}})
	from := func(address string, headers ...string) int {
		return c.call("GET", "/api/things", "", append(headers, "X-Forwarded-For", address)...).status
	}
	// The test's own address, 192.0.2.1, is none of ours: what it forwards is not believed.
	require.Equal(t, []int{401, 401, 429}, []int{from("1.1.1.1"), from("1.1.1.2"), from("1.1.1.3", auth, "Bearer nobody")})
	require.Equal(t, 200, from("1.1.1.1", auth, clerk), "who is known is not held by his address")
}

func TestLog_holdsOneLinePerRequestWithoutItsValues(t *testing.T) {
	t.Parallel()
	c := newCaller(t, nil)
	c.call("GET", "/api/things?kind=13800138000", "", auth, clerk)
	c.call("GET", "/api/things/internal", "", auth, clerk)
	lines := strings.Split(strings.TrimSpace(c.logs.String()), "\n")
	require.Len(t, lines, 3)
	require.Contains(t, lines[0], `"route":"/api/things"`)
	require.NotContains(t, lines[0], "13800138000")
	require.Contains(t, lines[1], `"msg":"a request failed"`)
	require.Contains(t, lines[2], `"route":"/api/things/:word"`)
}
