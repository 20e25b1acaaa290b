// Package web carries the built screens: app for clerks, console for the others.
package web

import (
	"embed"
	"io/fs"
)

//go:embed dist
var dist embed.FS

// Files are the built screens: app/index.html, console/index.html and what they load.
func Files() (fs.FS, error) { return fs.Sub(dist, "dist") }
