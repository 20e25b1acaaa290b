package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path"
	"strings"
	"sync"
)

// file is one file of the site.
type file struct {
	name, contentType, keep, tag string

	plain    []byte
	squeezed func() []byte // nil: of no use for this kind
}

func newFile(name string, data []byte) *file {
	const tagBytes = 8
	sum := sha256.Sum256(data)
	f := &file{name: name, contentType: typeOf(name), keep: keepOf(name), tag: hex.EncodeToString(sum[:tagBytes]), plain: data}
	if compressible(f.contentType) {
		f.squeezed = sync.OnceValue(func() []byte { return squeeze(data) })
	}
	return f
}

// body gives the bytes, and how they are encoded.
func (f *file) body(accepts string) (io.ReadSeeker, string) {
	if f.squeezed != nil && acceptsGzip(accepts) {
		return bytes.NewReader(f.squeezed()), "gzip"
	}
	return bytes.NewReader(f.plain), ""
}

// acceptsGzip reads Accept-Encoding; q=0 is a refusal.
func acceptsGzip(header string) bool {
	for one := range strings.SplitSeq(header, ",") {
		name, rest, _ := strings.Cut(strings.TrimSpace(one), ";")
		if name != "gzip" {
			continue
		}
		q := strings.TrimPrefix(strings.ReplaceAll(rest, " ", ""), "q=")
		return strings.Trim(q, "0.") != "" || q == ""
	}
	return false
}

func squeeze(data []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return data // a mistake in the level, which is a constant
	}
	_, _ = w.Write(data) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

func keepOf(name string) string {
	switch {
	case strings.HasPrefix(name, "assets/"):
		return forEver
	case strings.HasSuffix(name, ".html"):
		return notKept
	case strings.HasPrefix(name, "icons/"):
		return aDay
	}
	return askAgain
}

// typeOf does not ask the machine's tables, which differ.
func typeOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".webmanifest":
		return "application/manifest+json"
	case ".json":
		return "application/json"
	case ".woff2":
		return "font/woff2"
	case ".woff":
		return "font/woff"
	case ".ttf":
		return "font/ttf"
	}
	return "application/octet-stream"
}

func compressible(contentType string) bool {
	return strings.HasPrefix(contentType, "text/") || strings.Contains(contentType, "json") || strings.HasSuffix(contentType, "svg+xml")
}
