package rest

import (
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/gin-gonic/gin"

	"liuke/service/fault"
)

// FileOf finds the file in a request.
func FileOf(r *http.Request) (io.Reader, error) {
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
