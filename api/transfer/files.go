package transfer

import (
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/gin-gonic/gin"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/transfer"
)

// UploadedImport is a file that was read and waits for its start.
type UploadedImport struct {
	Import

	Columns []string       `json:"columns" nullable:"false" doc:"the headings"`
	Preview [][]string     `json:"preview" nullable:"false" doc:"the first 20 rows; a row may be shorter than the headings"`
	Mapping map[string]int `json:"mapping" nullable:"false" doc:"field -> column as the headings suggest"`
}

// upload takes a file as the body itself or as a field of a form.
func (r *Room) upload(c *gin.Context, actor access.Actor) error {
	body, err := fileOf(c.Request)
	if err != nil {
		return err
	}
	up, err := r.transfer.Upload(c.Request.Context(), actor, body)
	if large := new(http.MaxBytesError); errors.As(err, &large) {
		err = fault.New(fault.TooLarge, "too_large")
	}
	if err != nil {
		// Whoever still sends would see a broken connection in place of the answer.
		_, _ = io.Copy(io.Discard, c.Request.Body)
		return err
	}
	c.Header("Content-Type", "application/json") // as all other answers say it
	c.JSON(http.StatusCreated, UploadedImport{view(up.Import), up.Columns, up.Preview, up.Guess})
	return nil
}

// fileOf finds the file in a request.
func fileOf(r *http.Request) (io.Reader, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return r.Body, nil //nolint:nilerr // a type that cannot be read is no form; the content tells what it is
	}
	form, err := r.MultipartReader()
	if err != nil {
		return nil, fault.Input("file", "invalid").Because(err)
	}
	for {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, fault.Input("file", "required")
		case err != nil:
			return nil, fault.Input("file", "invalid").Because(err)
		case part.FormName() == "file":
			return part, nil
		}
	}
}

// download sets the headers of a file.
func download(c *gin.Context, kind, name string) {
	h := c.Writer.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

// whole answers an error, or breaks the connection of an answer that has begun: a file that is cut off must not look
// whole.
func whole(c *gin.Context, err error) error {
	if err != nil && c.Writer.Written() {
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		c.Writer.Header().Del("Content-Disposition")
		c.Writer.Header().Del("Content-Type")
	}
	return err
}

func (r *Room) refused(c *gin.Context, actor access.Actor) error {
	download(c, mediaType(transfer.CSV), "refused.csv")
	return whole(c, r.transfer.Refused(c.Request.Context(), actor, c.Param("id"), c.Writer))
}

func mediaType(kind string) string {
	if kind == transfer.XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv"
}

func (r *Room) export(kind string) func(*gin.Context, access.Actor) error {
	return func(c *gin.Context, actor access.Actor) error {
		f := transfer.Filter{
			Query: c.Query("q"), Tag: c.Query("tag"), Class: c.Query("class"), Level: c.Query("level"),
			ClerkID: model.ASCIIKey(c.Query("clerk_id"), 36), StoreID: model.ASCIIKey(c.Query("store_id"), 36),
			Subscribed: truth(c.Query("subscribed")), Unbound: truth(c.Query("unbound")),
		}
		download(c, mediaType(kind), "members."+kind)
		return whole(c, r.transfer.Export(c.Request.Context(), actor, kind, f, c.Query("phones") == "true", c.Writer))
	}
}

// truth is true, false, or nil for what was not given.
func truth(word string) *bool {
	if word != "true" && word != "false" {
		return nil
	}
	is := word == "true"
	return &is
}
