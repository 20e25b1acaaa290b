// Package qr draws QR pictures for the rooms.
package qr

import (
	"fmt"
	"strings"

	"github.com/skip2/go-qrcode"
)

// pixels is the width and height of the PNG picture.
const pixels = 512

// PNG draws a text as a picture for screens.
func PNG(text string) ([]byte, error) {
	b, err := qrcode.Encode(text, qrcode.Medium, pixels)
	if err != nil {
		return nil, fmt.Errorf("draw code: %w", err)
	}
	return b, nil
}

// SVG draws a text as a picture: each run of dark modules in a row is one bar.
func SVG(text string) (string, error) {
	q, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return "", fmt.Errorf("draw code: %w", err)
	}
	bitmap := q.Bitmap()
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
	return b.String(), nil
}
