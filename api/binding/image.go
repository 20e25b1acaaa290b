package binding

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/skip2/go-qrcode"

	"liuke/service/access"
	"liuke/service/fault"
)

// pixels is the width and height of the PNG picture.
const pixels = 512

// picture draws a code from its address; WeChat is not asked for it.
func (r *Room) picture(ctx context.Context, actor access.Actor, id string) (*qrcode.QRCode, error) {
	c, err := r.binding.Code(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if c.URL == "" {
		return nil, fault.New(fault.Conflict, "not_ready")
	}
	q, err := qrcode.New(c.URL, qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("draw code: %w", err)
	}
	return q, nil
}

func (r *Room) png(c *gin.Context, actor access.Actor) error {
	q, err := r.picture(c.Request.Context(), actor, c.Param("id"))
	if err != nil {
		return err
	}
	b, err := q.PNG(pixels)
	if err != nil {
		return fmt.Errorf("draw code: %w", err)
	}
	c.Header("Cache-Control", "private, max-age=300")
	c.Data(http.StatusOK, "image/png", b)
	return nil
}

func (r *Room) svg(c *gin.Context, actor access.Actor) error {
	q, err := r.picture(c.Request.Context(), actor, c.Param("id"))
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, max-age=300")
	c.Data(http.StatusOK, "image/svg+xml", []byte(drawSVG(q.Bitmap())))
	return nil
}

// drawSVG draws each run of dark modules in a row as one bar.
func drawSVG(bitmap [][]bool) string {
	n := len(bitmap)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><rect width="%d" height="%d" fill="#fff"/><path d="`, n, n, n, n)
	for y, row := range bitmap {
		for x := 0; x < n; {
			if !row[x] {
				x++
				continue
			}
			from := x
			for x < n && row[x] {
				x++
			}
			fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
		}
	}
	b.WriteString(`"/></svg>`)
	return b.String()
}
