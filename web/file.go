package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"
)

// packedAs is what the name of a file ends in that was compressed when the screens were built.
const packedAs = ".gz"

// file is one file of the site. Its bytes stay where they are: in the program, compressed if that makes them fewer.
type file struct {
	files             fs.FS
	name, contentType string
	keep              string
	stored            string                 // name in files
	tag               func() (string, error) // changes with the bytes
}

func newFile(files fs.FS, stored string) *file {
	name := strings.TrimSuffix(stored, packedAs)
	f := &file{files: files, name: name, stored: stored, contentType: typeOf(name), keep: keepOf(name)}
	f.tag = sync.OnceValues(func() (string, error) {
		const tagBytes = 8
		data, err := f.open()
		if err != nil {
			return "", err
		}
		hash := sha256.New()
		if _, err := io.Copy(hash, data); err != nil {
			return "", fmt.Errorf("read %s: %w", f.stored, err)
		}
		return hex.EncodeToString(hash.Sum(nil)[:tagBytes]), nil
	})
	return f
}

// packed reports whether the file lies here compressed.
func (f *file) packed() bool { return f.stored != f.name }

// open gives the bytes as they are stored. There is nothing to close: they lie in memory.
func (f *file) open() (io.ReadSeeker, error) {
	opened, err := f.files.Open(f.stored)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", f.stored, err)
	}
	data, ok := opened.(io.ReadSeeker)
	if !ok {
		return nil, errors.New(f.stored + " does not lie in memory")
	}
	return data, nil
}

// body gives the bytes, how they are encoded, and the tag of both.
func (f *file) body(accepts string) (data io.ReadSeeker, encoding, tag string, err error) {
	if tag, err = f.tag(); err != nil {
		return nil, "", "", err
	}
	if data, err = f.open(); err != nil || !f.packed() {
		return data, "", tag, err
	}
	if acceptsGzip(accepts) {
		return data, "gzip", tag + "-gzip", nil
	}
	data, err = unpack(data)
	return data, "", tag, err
}

// unpack is for the few programs that take nothing compressed.
func unpack(data io.Reader) (io.ReadSeeker, error) {
	r, err := gzip.NewReader(data)
	if err != nil {
		return nil, fmt.Errorf("unpack a file of the screens: %w", err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("unpack a file of the screens: %w", err)
	}
	return bytes.NewReader(plain), nil
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
