package media_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	mediaapi "liuke/api/media"
	"liuke/api/rest"
	"liuke/config"
	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/idempotency"
	"liuke/service/media"
)

// people knows who is signed in by the token.
type people map[string]access.Actor

func (p people) Authenticate(_ context.Context, token string) (access.Actor, error) {
	actor, ok := p[token]
	if !ok {
		return actor, fault.New(fault.Unsigned, "not_signed_in")
	}
	return actor, nil
}

func (people) Recall(string) (access.Actor, bool) { return access.Actor{}, false }

func (people) CheckCSRF(context.Context, access.Actor, string) error { return nil }

type world struct {
	t      *testing.T
	db     *database.DB
	api    *rest.API
	people people
	url    string
}

// newWorld serves the room to the clerks a and b and a supervisor.
func newWorld(t *testing.T, db *database.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, people: people{}}
	account := model.NewID()
	for _, name := range []string{"a", "b"} {
		w.people[name] = access.Actor{Kind: model.ByStaff, AccountID: account, StaffID: model.NewID(), Role: model.RoleClerk}
	}
	w.people["supervisor"] = access.Actor{Kind: model.ByStaff, AccountID: account, StaffID: model.NewID(), Role: model.RoleSupervisor}
	store, err := media.OpenStore(t.Context(), config.Media{Kind: config.File, Dir: t.TempDir()})
	require.NoError(t, err)
	log := slog.New(slog.DiscardHandler)
	w.api = rest.New(rest.Deps{
		Sessions: w.people, Repeats: idempotency.New(idempotency.Deps{DB: w.db}), Now: time.Now, Log: log,
	})
	mediaapi.New(media.New(media.Deps{
		DB: w.db, Store: store, Audit: audit.New(audit.Deps{DB: w.db}), Log: log, Owner: model.NewID(),
	})).Mount(w.api)
	server := httptest.NewServer(w.api)
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

func onSQLite(t *testing.T) *world {
	t.Helper()
	return newWorld(t, databasetest.Open(t, databasetest.Fresh(t, database.SQLite), time.Now))
}

type answer struct {
	*http.Response

	body []byte
	json map[string]any
}

func (w *world) call(token, method, path string, body io.Reader, headers ...string) answer {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, body)
	require.NoError(w.t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(w.t, err)
	a := answer{Response: response}
	a.body, err = io.ReadAll(response.Body)
	require.NoError(w.t, err)
	require.NoError(w.t, response.Body.Close())
	if strings.HasSuffix(response.Header.Get("Content-Type"), "json") || strings.Contains(response.Header.Get("Content-Type"), "json;") {
		require.NoError(w.t, json.Unmarshal(a.body, &a.json))
	}
	return a
}

func (w *world) upload(token, kind string, file []byte) answer {
	w.t.Helper()
	return w.call(token, http.MethodPost, "/api/media?kind="+kind, bytes.NewReader(file), "Content-Type", "application/octet-stream")
}

// place puts a file that a member sent into a conversation of the clerk, and gives its address.
func (w *world) place(clerk, contentType string, file []byte) string {
	w.t.Helper()
	a := w.upload(clerk, model.KindVideo, append([]byte("\x00\x00\x00\x10ftypisom\x00\x00\x00\x00"), file...))
	require.Equal(w.t, http.StatusCreated, a.StatusCode)
	id, _ := a.json["id"].(string)
	c := model.Conversation{
		ID: model.NewID(), AccountID: w.people[clerk].AccountID, FollowerID: model.NewID(), ClerkID: w.people[clerk].StaffID,
	}
	require.NoError(w.t, w.db.InTx(w.t.Context(), func(tx *database.Tx) error { return tx.Create(&c).Error }))
	_, err := w.db.Exec(w.t.Context(), "UPDATE media SET content_type = ?, conversation_id = ?, direction = 'in' WHERE id = ?", contentType, c.ID, id)
	require.NoError(w.t, err)
	return "/api/media/" + id
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 9, 9))))
	return b.Bytes()
}

func TestUpload_takesABodyOrAForm(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db)
		file := picture(t)
		var form bytes.Buffer
		writer := multipart.NewWriter(&form)
		require.NoError(t, writer.WriteField("note", "comes first"))
		field, err := writer.CreateFormFile("file", "../../笑.exe")
		require.NoError(t, err)
		_, err = field.Write(file)
		require.NoError(t, err)
		require.NoError(t, writer.Close())
		for _, a := range []answer{
			w.upload("a", "image", file),
			w.call("a", http.MethodPost, "/api/media?kind=image", bytes.NewReader(file), "Content-Type", "text/html"),
			w.call("a", http.MethodPost, "/api/media?kind=image", io.MultiReader(bytes.NewReader(file))), // chunked
			w.call("a", http.MethodPost, "/api/media?kind=image", &form, "Content-Type", writer.FormDataContentType()),
		} {
			require.Equal(t, http.StatusCreated, a.StatusCode, "%s", a.body)
			id, _ := a.json["id"].(string)
			require.Equal(t, map[string]any{
				"id": id, "url": "/api/media/" + id, "kind": "image", "state": "ready", "content_type": "image/png", "size": float64(len(file)),
			}, a.json)
			require.Equal(t, "/api/media/"+id, a.Header.Get("Location"))
			require.Equal(t, file, w.call("a", http.MethodGet, "/api/media/"+id, nil).body)
			require.Equal(t, http.StatusNotFound, w.call("b", http.MethodGet, "/api/media/"+id, nil).StatusCode)
		}
	})
}

func TestUpload_refusesWithAProblem(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	long := append(picture(t), make([]byte, model.MaxImageBytes)...)
	const form = "multipart/form-data; boundary=x"
	for name, c := range map[string]struct {
		token, kind, body, contentType string
		status                         int
		reason                         string
	}{
		"nobody":               {"", "image", "x", "", 401, "not_signed_in"},
		"who only reads":       {"supervisor", "image", "x", "", 403, "role"},
		"no kind":              {"a", "", "x", "", 422, "invalid_input"},
		"nothing":              {"a", "image", "", "", 415, "wrong_type"},
		"html":                 {"a", "image", "<html>", "image/png", 415, "wrong_type"},
		"too large":            {"a", "image", string(long), "", 413, "too_large"},
		"far too large":        {"a", "video", strings.Repeat("x", 12<<20), "", 413, "too_large"},
		"a form without file":  {"a", "image", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--\r\n", form, 422, "invalid_input"},
		"a form of nonsense":   {"a", "image", "nonsense", form, 422, "invalid_input"},
		"a form without bound": {"a", "image", "x", "multipart/form-data", 422, "invalid_input"},
	} {
		a := w.call(c.token, http.MethodPost, "/api/media?kind="+c.kind, strings.NewReader(c.body), "Content-Type", c.contentType)
		require.Equal(t, c.status, a.StatusCode, name)
		require.Equal(t, c.reason, a.json["reason"], name)
		require.Equal(t, "application/problem+json", a.Header.Get("Content-Type"), name)
	}
	chunked := w.call("a", http.MethodPost, "/api/media?kind=video", io.MultiReader(strings.NewReader("\x00\x00\x00\x10ftypisom\x00\x00\x00\x00"), io.LimitReader(zeros{}, 11<<20-16)))
	require.Equal(t, http.StatusRequestEntityTooLarge, chunked.StatusCode)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestGet_isForTheMembersClerkOfThatMoment(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := newWorld(t, db)
		path := w.place("a", "video/mp4", []byte("x"))
		a := w.call("a", http.MethodGet, path, nil)
		require.Equal(t, http.StatusOK, a.StatusCode)
		require.Equal(t, "private, max-age=300", a.Header.Get("Cache-Control"))
		require.Equal(t, "Authorization, Cookie", a.Header.Get("Vary"), "the next one at the same machine asks anew")
		tag := a.Header.Get("ETag")
		require.Len(t, tag, 66)
		require.Equal(t, http.StatusNotModified, w.call("a", http.MethodGet, path, nil, "If-None-Match", tag).StatusCode)
		require.Equal(t, http.StatusUnauthorized, w.call("", http.MethodGet, path, nil).StatusCode)
		require.Equal(t, http.StatusNotFound, w.call("b", http.MethodGet, path, nil, "If-None-Match", tag).StatusCode)

		_, err := w.db.Exec(t.Context(), "UPDATE conversations SET clerk_id = ?", w.people["b"].StaffID)
		require.NoError(t, err)
		a = w.call("a", http.MethodGet, path, nil, "If-None-Match", tag)
		require.Equal(t, http.StatusNotFound, a.StatusCode)
		require.Equal(t, "media_not_found", a.json["reason"])
		require.Equal(t, "no-store", a.Header.Get("Cache-Control"))
		require.Equal(t, http.StatusOK, w.call("b", http.MethodGet, path, nil).StatusCode)

		_, err = w.db.Exec(t.Context(), "UPDATE media SET state = 'waiting'")
		require.NoError(t, err)
		a = w.call("b", http.MethodGet, path, nil)
		require.Equal(t, []any{http.StatusConflict, "not_ready"}, []any{a.StatusCode, a.json["reason"]})
	})
}

func TestGet_givesTheAskedPart(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	path := w.place("a", "video/mp4", []byte("0123456789"))
	a := w.call("a", http.MethodGet, path, nil, "Range", "bytes=18-20")
	require.Equal(t, http.StatusPartialContent, a.StatusCode)
	require.Equal(t, "234", string(a.body))
	require.Equal(t, "bytes 18-20/26", a.Header.Get("Content-Range"))
	a = w.call("a", http.MethodGet, path, nil, "Range", "bytes=-4")
	require.Equal(t, "6789", string(a.body))
	require.Equal(t, http.StatusRequestedRangeNotSatisfiable, w.call("a", http.MethodGet, path, nil, "Range", "bytes=99-").StatusCode)
	require.Equal(t, http.StatusOK, w.call("a", http.MethodGet, path, nil, "Range", "bytes=1-2", "If-Range", `"other"`).StatusCode)
}

func TestGet_letsBrowsersShowOnlyWhatHoldsNoProgram(t *testing.T) {
	t.Parallel()
	w := onSQLite(t)
	for contentType, want := range map[string]string{
		"image/jpeg": `inline; filename="ID.jpg"`, "image/png": `inline; filename="ID.png"`, "image/gif": `inline; filename="ID.gif"`,
		"audio/amr": `inline; filename="ID.amr"`, "audio/amr-wb": `inline; filename="ID.awb"`, "audio/mpeg": `inline; filename="ID.mp3"`,
		"audio/speex": `inline; filename="ID.spx"`, "video/mp4": `inline; filename="ID.mp4"`,
		"application/octet-stream": `attachment; filename="ID.bin"`,
	} {
		path := w.place("a", contentType, []byte("<html>"))
		a := w.call("a", http.MethodGet, path, nil)
		require.Equal(t, contentType, a.Header.Get("Content-Type"))
		require.Equal(t, strings.Replace(want, "ID", strings.TrimPrefix(path, "/api/media/"), 1), a.Header.Get("Content-Disposition"))
		require.Equal(t, "nosniff", a.Header.Get("X-Content-Type-Options"))
		require.Contains(t, a.Header.Get("Content-Security-Policy"), "sandbox")
	}
}

func TestDocument_describesTheRoom(t *testing.T) {
	t.Parallel()
	doc := onSQLite(t).api.Document()
	upload, get := doc.Paths["/api/media"].Post, doc.Paths["/api/media/{id}"].Get
	require.Len(t, upload.RequestBody.Content, 2)
	require.Equal(t, "Idempotency-Key", upload.Parameters[0].Name)
	require.Equal(t, "kind", upload.Parameters[1].Name)
	require.Equal(t, "#/components/schemas/Upload", upload.Responses["201"].Content["application/json"].Schema.Ref)
	for _, status := range []string{"200", "206", "304", "401", "404", "409", "416"} {
		require.Contains(t, get.Responses, status)
	}
	_, err := json.Marshal(doc)
	require.NoError(t, err)
}
