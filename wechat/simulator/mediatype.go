package simulator

import (
	"bytes"
	"net/http"
	"time"
)

// sniff tells what the bytes are, by content and never by name: the content type and the usual extension.
func sniff(data []byte) (ctype, ext string) {
	switch {
	case bytes.HasPrefix(data, []byte("#!AMR\n")):
		return "audio/amr", "amr"
	case bytes.HasPrefix(data, []byte("ID3")), len(data) > 2 && data[0] == 0xff && data[1]&0xe6 == 0xe2:
		return "audio/mp3", "mp3"
	}
	switch http.DetectContentType(data) {
	case "image/png":
		return "image/png", "png"
	case "image/jpeg":
		return "image/jpeg", "jpg"
	case "image/gif":
		return "image/gif", "gif"
	case "image/bmp":
		return "image/bmp", "bmp"
	case "video/mp4":
		return "video/mp4", "mp4"
	}
	return "", ""
}

// mediaRule is what WeChat takes for one kind of media.
type mediaRule struct {
	exts    []string
	size    int
	tooBig  int // errcode
	seconds int // longest play; 0 = any
}

// mediaRules are the limits for temporary or permanent media; nil for an unknown kind.
func mediaRules(kind string, permanent bool) *mediaRule {
	switch kind {
	case "image":
		exts := []string{"png", "jpg", "gif"}
		if permanent {
			exts = append(exts, "bmp")
		}
		return &mediaRule{exts: exts, size: 10 << 20, tooBig: 40009}
	case "voice":
		return &mediaRule{exts: []string{"amr", "mp3"}, size: 2 << 20, tooBig: 40010, seconds: 60}
	case "video":
		return &mediaRule{exts: []string{"mp4"}, size: 10 << 20, tooBig: 40011}
	case "thumb":
		return &mediaRule{exts: []string{"jpg"}, size: 64 << 10, tooBig: 40012}
	}
	return nil
}

// amrLength adds up the 20 ms frames of a narrow-band AMR file.
func amrLength(data []byte) time.Duration {
	sizes := [16]int{12, 13, 15, 17, 19, 20, 26, 31, 5}
	frames := 0
	for i := len("#!AMR\n"); i < len(data); frames++ {
		i += 1 + sizes[data[i]>>3&15]
	}
	return time.Duration(frames) * 20 * time.Millisecond
}

func (m *mediaRule) check(data []byte, ext string) *fail {
	ok := false
	for _, e := range m.exts {
		ok = ok || e == ext
	}
	switch {
	case len(data) == 0:
		return failed(44001)
	case !ok:
		return failed(40005)
	case len(data) > m.size:
		return failed(m.tooBig)
	case m.seconds > 0 && ext == "amr" && amrLength(data) > time.Duration(m.seconds)*time.Second:
		return failed(45007)
	}
	return nil
}
