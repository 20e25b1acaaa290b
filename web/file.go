package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"
)

// file is one file of the site. Its bytes are read when it is first asked for: kept ready, those of both apps would lie
// in memory twice.
type file struct {
	name, contentType, keep string

	read     func() (content, error)
	squeezed func() []byte // after read; nil: of no use for this kind
}

// content is what a file holds, and the tag that changes with it.
type content struct {
	plain []byte
	tag   string
}

func newFile(files fs.FS, name string) *file {
	f := &file{name: name, contentType: typeOf(name), keep: keepOf(name)}
	f.read = sync.OnceValues(func() (c content, err error) {
		const tagBytes = 8
		if c.plain, err = fs.ReadFile(files, name); err != nil {
			return c, err
		}
		sum := sha256.Sum256(c.plain)
		c.tag = hex.EncodeToString(sum[:tagBytes])
		return c, nil
	})
	if compressible(f.contentType) {
		f.squeezed = sync.OnceValue(func() []byte {
			c, err := f.read()
			if err != nil {
				return nil // nobody comes here then
			}
			return squeeze(c.plain)
		})
	}
	return f
}

// body gives the bytes, how they are encoded, and the tag of both.
func (f *file) body(accepts string) (data io.ReadSeeker, encoding, tag string, err error) {
	c, err := f.read()
	if err != nil {
		return nil, "", "", err
	}
	if f.squeezed != nil && acceptsGzip(accepts) {
		return bytes.NewReader(f.squeezed()), "gzip", c.tag + "-gzip", nil
	}
	return bytes.NewReader(c.plain), "", c.tag, nil
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
