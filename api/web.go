package api

import (
	"fmt"
	"io/fs"
	"net/http"

	"github.com/gin-gonic/gin"

	"liuke/web"
)

// mountWeb serves the built screens. Each finds its own way in below its address.
func mountWeb(engine *gin.Engine) error {
	files, err := web.Files()
	if err != nil {
		return fmt.Errorf("open the web apps: %w", err)
	}
	for _, app := range []string{"app", "console"} {
		page, err := fs.ReadFile(files, app+"/index.html")
		if err != nil {
			return fmt.Errorf("open a web app: %w", err)
		}
		serve := func(c *gin.Context) {
			c.Header("Content-Security-Policy", "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'")
			c.Header("Cache-Control", "no-cache")
			c.Data(http.StatusOK, "text/html; charset=utf-8", page)
		}
		engine.GET("/"+app, serve)
		engine.GET("/"+app+"/*path", serve)
	}
	return nil
}
