package media

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/gin-gonic/gin"

	"liuke/service/access"
	"liuke/service/fault"
)

// fileField is the field of a form that holds the file.
const fileField = "file"

// upload takes a file as the body itself or as a field of a form, without holding it in memory.
func (r *Room) upload(c *gin.Context, actor access.Actor) error {
	if c.Request.ContentLength > maxBody {
		return fault.New(fault.TooLarge, "too_large")
	}
	body, err := fileOf(c.Request)
	if err != nil {
		return err
	}
	m, err := r.media.Upload(c.Request.Context(), actor, c.Query("kind"), body)
	if err != nil {
		// Whoever still sends would see a broken connection in place of the answer.
		_, _ = io.Copy(io.Discard, c.Request.Body)
		return err
	}
	c.Header("Location", path(m))
	c.JSON(http.StatusCreated, view(m))
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
		return nil, fault.Input(fileField, "invalid").Because(err)
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, fault.Input(fileField, "required")
		}
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, fault.New(fault.TooLarge, "too_large")
		}
		if err != nil {
			return nil, fault.Input(fileField, "invalid").Because(fmt.Errorf("read form: %w", err))
		}
		if part.FormName() == fileField {
			return part, nil
		}
	}
}
