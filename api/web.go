package api

import (
	"github.com/gin-gonic/gin"

	"liuke/web"
)

// mountWeb serves the built screens.
func mountWeb(engine *gin.Engine) error {
	site, err := web.Embedded()
	if err != nil {
		return err
	}
	for _, app := range []string{"/app", "/console"} {
		engine.GET(app, gin.WrapH(site))
		engine.GET(app+"/*path", gin.WrapH(site))
	}
	return nil
}
