// Package web serves the built screens: /app for clerks, /console for the others. Its TypeScript lies in src, and
// npm run build writes dist, which the program carries.
package web

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Embedded makes the site of the screens that were built into the program, or of the placeholder that says that none
// were.
func Embedded() (*Site, error) {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("open the built screens: %w", err)
	}
	return New(files)
}
