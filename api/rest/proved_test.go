package rest_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
)

// remembered knows everybody from memory, and asks for them like people.
type remembered struct{ people }

func (remembered) Recall(token string) (access.Actor, bool) {
	return access.Actor{Kind: model.ByStaff, StaffID: token, Role: token, Recalled: true}, token != "new"
}

type provenThing struct {
	ID   string `path:"word"`
	Kind string `query:"kind" enum:"a,b"`
}

// proven tells how a call that proves who asks fares; asked counts the actors it saw, recalled or not.
func proven(t *testing.T, token, query string, f func(actor access.Actor) error) (a answer, asked []bool) {
	t.Helper()
	logs := &strings.Builder{}
	api := rest.New(rest.Deps{Sessions: remembered{}, Now: time.Now, Log: slog.New(slog.NewJSONHandler(logs, nil))})
	rest.Register(api, rest.Operation{Method: http.MethodGet, Path: "/api/proven/{word}", Tag: "thing", ID: "proven", Proves: true},
		func(_ context.Context, actor access.Actor, in *provenThing) (Thing, error) {
			asked = append(asked, actor.Recalled)
			return Thing{ID: in.ID, Name: actor.StaffID}, f(actor)
		})
	c := caller{t: t, api: api, logs: logs}
	return c.call("GET", "/api/proven/x"+query, "", auth, "Bearer "+token), asked
}

func TestProves_answersFromMemoryOnlyWhatWasProved(t *testing.T) {
	t.Parallel()
	fine := func(access.Actor) error { return nil }
	onlyInEarnest := func(err error) func(access.Actor) error {
		return func(actor access.Actor) error {
			if actor.Recalled {
				return err
			}
			return nil
		}
	}
	for name, x := range map[string]struct {
		token, query string
		f            func(access.Actor) error
		status       int
		reason       string
		asked        []bool
	}{
		"proved":                   {"clerk", "", fine, 200, "", []bool{true}},
		"not known":                {"new", "", fine, 401, "not_signed_in", nil},
		"not proved":               {"clerk", "", func(a access.Actor) error { return a.Proved(false) }, 200, "", []bool{true, false}},
		"not proved and gone":      {"gone", "", func(a access.Actor) error { return a.Proved(false) }, 401, "not_signed_in", []bool{true}},
		"wrong, says memory":       {"clerk", "", onlyInEarnest(fault.New(fault.TooMany, "often").With("retry_after", int64(17))), 200, "", []bool{true, false}},
		"wrong, says memory, gone": {"gone", "", onlyInEarnest(fault.New(fault.NotFound, "not_found")), 401, "not_signed_in", []bool{true}},
		"wrong":                    {"clerk", "", func(access.Actor) error { return fault.New(fault.NotFound, "not_found") }, 404, "not_found", []bool{true, false}},
		"wrong query":              {"clerk", "?kind=c", fine, 422, "invalid_input", nil},
		"wrong query and gone":     {"gone", "?kind=c", fine, 401, "not_signed_in", nil},
		"no text and gone":         {"gone", "?kind=%ff", fine, 401, "not_signed_in", nil},
		"no text":                  {"clerk", "?kind=%ff", fine, 422, "invalid_input", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, asked := proven(t, x.token, x.query, x.f)
			require.Equal(t, x.status, a.status, a.text)
			require.Equal(t, x.asked, asked)
			require.Empty(t, a.header.Get("Retry-After"), "of an answer that did not get out")
			require.Empty(t, a.header.Get("WWW-Authenticate"), "likewise") // that of a 401 is written in other letters
			if x.status == 200 {
				require.Equal(t, "application/json", a.header.Get("Content-Type"))
				require.Equal(t, "clerk", a.body["name"])
				return
			}
			require.Equal(t, "application/problem+json", a.header.Get("Content-Type"))
			require.Equal(t, x.reason, a.body["reason"])
		})
	}
}

func TestProves_answers500AfterAPanic(t *testing.T) {
	t.Parallel()
	a, _ := proven(t, "clerk", "", func(access.Actor) error { panic("as asked") })
	require.Equal(t, http.StatusInternalServerError, a.status)
	require.Equal(t, "internal", a.body["reason"])
}

func TestProves_isForReadingBySomebodyOnly(t *testing.T) {
	t.Parallel()
	for _, op := range []rest.Operation{
		{Method: http.MethodPost, Path: "/api/a"},
		{Method: http.MethodGet, Path: "/api/b", Public: true},
		{Method: http.MethodGet, Path: "/api/c", Keys: true},
		{Method: http.MethodGet, Path: "/api/d", Roles: []string{model.RoleOwner}},
	} {
		op.Proves = true
		api := rest.New(rest.Deps{Sessions: remembered{}, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		require.Panics(t, func() {
			rest.Register(api, op, func(context.Context, access.Actor, *struct{}) (Thing, error) { return Thing{}, nil })
		})
	}
}
