package rest

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"liuke/service/fault"
)

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

// Download sets the headers of a file.
func Download(c *gin.Context, kind, name string) {
	h := c.Writer.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

// Whole answers an error, or breaks the connection of an answer that has begun: a file that is cut off must not look
// whole.
func Whole(c *gin.Context, err error) error {
	if err != nil && c.Writer.Written() {
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		c.Writer.Header().Del("Content-Disposition")
		c.Writer.Header().Del("Content-Type")
	}
	return err
}

// DescribeUpload completes what the OpenAPI document says of a POST that reads a file and answers Out.
func DescribeUpload[Out any](a *API, path string, status int) {
	a.Describe(func(doc *huma.OpenAPI) {
		file := &huma.Schema{Type: huma.TypeString, Format: "binary"}
		upload := doc.Paths[path].Post
		upload.RequestBody = &huma.RequestBody{
			Required: true, Description: "the file itself, of any declared type, or a form with the field file; what it is, its content says",
			Content: map[string]*huma.MediaType{
				"application/octet-stream": {Schema: file},
				"multipart/form-data": {Schema: &huma.Schema{
					Type: huma.TypeObject, Properties: map[string]*huma.Schema{"file": file}, Required: []string{"file"},
				}},
			},
		}
		out := reflect.TypeFor[Out]()
		upload.Responses[strconv.Itoa(status)].Content = map[string]*huma.MediaType{
			"application/json": {Schema: doc.Components.Schemas.Schema(out, true, out.Name())},
		}
	})
}

// Upload lets f read the file of a request and answers what it makes of it.
func Upload[Out any](c *gin.Context, status int, f func(io.Reader) (Out, error)) error {
	body, err := fileOf(c.Request)
	if err != nil {
		return err
	}
	out, err := f(body)
	if large := new(http.MaxBytesError); errors.As(err, &large) {
		err = fault.New(fault.TooLarge, "too_large")
	}
	if err != nil {
		// Whoever still sends would see a broken connection in place of the answer.
		_, _ = io.Copy(io.Discard, c.Request.Body)
		return err
	}
	c.Header("Content-Type", "application/json") // as all other answers say it
	c.JSON(status, out)
	return nil
}
