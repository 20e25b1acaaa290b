package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

// answer is what a call got.
type answer struct {
	status int
	header http.Header
	raw    []byte
	body   map[string]any // of JSON objects
}

// get digs for a value: get("items", 0, "id"). It is nil when there is none.
func (a answer) get(path ...any) any {
	var at any = a.body
	for _, p := range path {
		switch p := p.(type) {
		case string:
			object, _ := at.(map[string]any)
			at = object[p]
		case int:
			list, _ := at.([]any)
			if p >= len(list) {
				return nil
			}
			at = list[p]
		}
	}
	return at
}

// str is get for text; "" when there is none.
func (a answer) str(path ...any) string {
	s, _ := a.get(path...).(string)
	return s
}

// items are the items of a list.
func (a answer) items() []any {
	list, _ := a.get("items").([]any)
	return list
}

// do makes a call and holds its answer to the contract. body is JSON as text, or a value to be written as JSON; nil for
// none. headers are pairs.
func (i *instance) do(method, path, token string, body any, headers ...string) answer {
	i.t.Helper()
	var text []byte
	switch b := body.(type) {
	case nil:
	case string:
		text = []byte(b)
	default:
		var err error
		text, err = json.Marshal(b)
		require.NoError(i.t, err)
	}
	req, err := http.NewRequestWithContext(i.t.Context(), method, i.url+path, bytes.NewReader(text))
	require.NoError(i.t, err)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for n := 0; n < len(headers); n += 2 {
		req.Header.Set(headers[n], headers[n+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(i.t, err)
	defer func() { require.NoError(i.t, resp.Body.Close()) }()
	a := answer{status: resp.StatusCode, header: resp.Header}
	a.raw, err = io.ReadAll(resp.Body)
	require.NoError(i.t, err)
	require.NoError(i.t, i.contract.Check(method, req.URL.Path, a.status, resp.Header.Get("Content-Type"), a.raw), "%s", a.raw)
	if strings.HasSuffix(resp.Header.Get("Content-Type"), "json") {
		require.NoError(i.t, json.Unmarshal(a.raw, &a.body))
	}
	return a
}

// must is do for a call that has to answer this status.
func (i *instance) must(status int, method, path, token string, body any, headers ...string) answer {
	i.t.Helper()
	a := i.do(method, path, token, body, headers...)
	require.Equal(i.t, status, a.status, "%s %s: %s", method, path, a.raw)
	return a
}

// signIn gives a token.
func (i *instance) signIn(phone, password string) string {
	i.t.Helper()
	return i.must(http.StatusCreated, "POST", "/api/session", "", map[string]string{"phone": phone, "password": password}).str("token")
}

// person is somebody who has signed in.
type person struct{ id, name, phone, password, token string }

// addStore adds a store and gives its id.
func (w *running) addStore(name string) string {
	w.t.Helper()
	return w.must(http.StatusCreated, "POST", "/api/stores", w.owner, map[string]string{"name": name, "code": model.NewID()}).str("id")
}

// addStaff adds a person to a store ("" for none) and signs him in.
func (w *running) addStaff(role, name, storeID string) person {
	w.t.Helper()
	w.phones++
	p := person{name: name, phone: fmt.Sprintf("139%08d", w.phones), password: "password-of-" + role}
	body := map[string]any{"name": name, "phone": p.phone, "password": p.password, "role": role, "store_id": nil}
	if storeID != "" {
		body["store_id"] = storeID
	}
	p.id = w.must(http.StatusCreated, "POST", "/api/staff", w.owner, body).str("id")
	p.token = w.signIn(p.phone, p.password)
	return p
}
