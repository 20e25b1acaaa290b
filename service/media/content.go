package media

import (
	"bytes"
	"encoding/binary"
	"net/http"
	"strings"

	"liuke/model"
)

// unknownType is what everything is kept and served as that is not what it should be: browsers only save it.
const unknownType = "application/octet-stream"

// sniffBytes is how much of a file its type is read from.
const sniffBytes = 512

// The types of content that are told apart.
const (
	typeAMR   = "audio/amr"
	typeAMRWB = "audio/amr-wb"
	typeMP3   = "audio/mpeg"
	typeSpeex = "audio/speex"
	typeMP4   = "video/mp4"
	typeJPEG  = "image/jpeg"
	typePNG   = "image/png"
	typeGIF   = "image/gif"
)

// typeOf tells a picture, voice or video by its first bytes; "" for all else.
func typeOf(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("#!AMR-WB\n")):
		return typeAMRWB
	case bytes.HasPrefix(head, []byte("#!AMR\n")):
		return typeAMR
	case bytes.HasPrefix(head, []byte("OggS")) && bytes.Contains(head, []byte("Speex   ")):
		return typeSpeex
	case bytes.HasPrefix(head, []byte("ID3")), isMP3Frame(head):
		return typeMP3
	case isMP4(head):
		return typeMP4
	}
	switch t := http.DetectContentType(head); t {
	case typeJPEG, typePNG, typeGIF:
		return t
	}
	return ""
}

// isMP3Frame looks for the header of an MPEG layer 3 frame: 11 bits set, and no reserved value after them.
func isMP3Frame(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	version, layer, rate, sampling := b[1]>>3&3, b[1]>>1&3, b[2]>>4, b[2]>>2&3
	return b[0] == 0xff && b[1]&0xe0 == 0xe0 && version != 1 && layer == 1 && rate != 0 && rate != 15 && sampling != 3
}

// isMP4 looks for a file type box that names a brand of ISO video. QuickTime's and the audio-only ones are not among
// them.
func isMP4(b []byte) bool {
	if len(b) < 16 || string(b[4:8]) != "ftyp" {
		return false
	}
	end := min(int(min(binary.BigEndian.Uint32(b), sniffBytes)), len(b))
	if strings.HasPrefix(string(b[8:12]), "M4A") {
		return false
	}
	for at := 8; at+4 <= end; at += 4 {
		if at == 12 {
			continue // the version
		}
		switch brand := string(b[at : at+4]); {
		case brand == "avc1", strings.HasPrefix(brand, "iso"), strings.HasPrefix(brand, "mp4"), strings.HasPrefix(brand, "M4V"):
			return true
		}
	}
	return false
}

// fits says whether a type of content is one of the kind of message.
func fits(kind, contentType string) bool {
	switch kind {
	case model.KindImage:
		return strings.HasPrefix(contentType, "image/")
	case model.KindVoice:
		return strings.HasPrefix(contentType, "audio/")
	case model.KindVideo, model.KindShortVideo:
		return contentType == typeMP4
	default:
		return false
	}
}

// inboundType is what a fetched file is kept as. WeChat's bare Speex has no mark of its own: there the declared type
// is taken, unless the bytes are text or a program.
func inboundType(kind, declared string, head []byte) string {
	if t := typeOf(head); fits(kind, t) {
		return t
	}
	if kind == model.KindVoice && strings.Contains(strings.ToLower(declared), "speex") &&
		http.DetectContentType(head) == unknownType && !isProgram(head) {
		return typeSpeex
	}
	return unknownType
}

func isProgram(head []byte) bool {
	for _, mark := range []string{"MZ", "\x7fELF", "#!", "\xca\xfe\xba\xbe", "\xcf\xfa\xed\xfe", "\xfe\xed\xfa", "\x00asm"} {
		if bytes.HasPrefix(head, []byte(mark)) {
			return true
		}
	}
	return false
}
