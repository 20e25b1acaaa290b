package binding

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"liuke/api/qr"
	"liuke/service/access"
	"liuke/service/fault"
)

// address is what the picture of a code holds; WeChat is not asked for the picture.
func (r *Room) address(ctx context.Context, actor access.Actor, id string) (string, error) {
	c, err := r.binding.Code(ctx, actor, id)
	if err == nil && c.URL == "" {
		err = fault.New(fault.Conflict, "not_ready")
	}
	return c.URL, err
}

func (r *Room) png(c *gin.Context, actor access.Actor) error {
	url, err := r.address(c.Request.Context(), actor, c.Param("id"))
	if err != nil {
		return err
	}
	b, err := qr.PNG(url)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, max-age=300")
	c.Data(http.StatusOK, "image/png", b)
	return nil
}

func (r *Room) svg(c *gin.Context, actor access.Actor) error {
	url, err := r.address(c.Request.Context(), actor, c.Param("id"))
	if err != nil {
		return err
	}
	svg, err := qr.SVG(url)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, max-age=300")
	c.Data(http.StatusOK, "image/svg+xml", []byte(svg))
	return nil
}
