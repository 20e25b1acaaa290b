package media

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"liuke/model"
	"liuke/service/access"
)

// get sends the bytes, or the part of them that is asked for. A browser may keep them for a moment, for whoever is
// signed in; after that it asks again, and the scope is looked at again.
func (r *Room) get(c *gin.Context, actor access.Actor) error {
	file, m, err := r.media.Open(c.Request.Context(), actor, c.Param("id"))
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	how := "attachment"
	if inline(m.ContentType) {
		how = "inline"
	}
	h := c.Writer.Header()
	h.Set("Content-Type", m.ContentType)
	h.Set("Content-Disposition", how+`; filename="`+m.ID+extension(m.ContentType)+`"`)
	h.Set("ETag", `"`+m.SHA256+`"`)
	h.Set("Cache-Control", "private, max-age=300")
	h.Set("Vary", "Authorization, Cookie")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	http.ServeContent(c.Writer, c.Request, "", model.Time(m.CreatedAt), file)
	return nil
}

// inline says what a browser may show by itself: nothing that could hold a program.
func inline(contentType string) bool {
	switch contentType {
	case "image/jpeg", "image/png", "image/gif", "video/mp4":
		return true
	default:
		return strings.HasPrefix(contentType, "audio/")
	}
}

// extension is the ending of a saved file's name.
func extension(contentType string) string {
	switch contentType {
	case "image/jpeg":
		return ".jpg"
	case "image/png":
		return ".png"
	case "image/gif":
		return ".gif"
	case "video/mp4":
		return ".mp4"
	case "audio/mpeg":
		return ".mp3"
	case "audio/amr":
		return ".amr"
	case "audio/amr-wb":
		return ".awb"
	case "audio/speex":
		return ".spx"
	default:
		return ".bin"
	}
}
