package media

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
)

// A picture that a clerk took says where and when, and with which phone: in its EXIF, XMP and comments. A member gets the
// picture and nothing of that, nor what somebody hung behind its end. Pixels are not touched, so nothing gets blurred;
// how a phone was turned stays, because pictures would lie on their side without it.

// withoutMetadata reads a picture and gives it bare. What cannot be read to its end is unacceptable wrong_type.
func withoutMetadata(contentType string, r io.Reader) ([]byte, error) {
	whole, err := io.ReadAll(r)
	if err != nil {
		return nil, err //nolint:wrapcheck // the body tells by itself where it broke
	}
	var bare []byte
	ok := false
	switch contentType {
	case typeJPEG:
		bare, ok = bareJPEG(whole)
	case typePNG:
		bare, ok = barePNG(whole)
	case typeGIF:
		bare, ok = bareGIF(whole)
	}
	if !ok {
		return nil, errWrongType()
	}
	return bare, nil
}

// Markers of a JPEG (ISO/IEC 10918-1, table B.1).
const (
	markStart   = 0xD8
	markEnd     = 0xD9
	markScan    = 0xDA
	markApp0    = 0xE0 // JFIF
	markApp1    = 0xE1 // EXIF and XMP
	markApp2    = 0xE2 // the colour profile
	markApp14   = 0xEE // how Adobe's programs coded the colours
	markApp15   = 0xEF
	markComment = 0xFE
	markFirst   = 0xD0 // to markLast: restart marks within a scan, which have no length
	markLast    = 0xD7
)

// bareJPEG keeps what a picture is drawn from, and how it is turned. One whose end was cut off gets it back, as viewers
// show it too.
func bareJPEG(b []byte) ([]byte, bool) {
	if len(b) < 2 || b[0] != 0xFF || b[1] != markStart {
		return nil, false
	}
	out := append(make([]byte, 0, len(b)), b[:2]...)
	turned, scanned := uint16(0), false
	for at := 2; at+1 < len(b) && b[at+1] != markEnd; {
		if b[at] != 0xFF {
			return nil, false
		}
		if b[at+1] == 0xFF { // a fill byte
			at++
			continue
		}
		segment, ok := segmentAt(b, at)
		if !ok {
			return nil, false
		}
		switch mark := segment[1]; {
		case mark == markApp1 && turned == 0:
			if turned = turning(segment[4:]); turned > 1 {
				out = append(out, turningSegment(turned)...)
			}
		case keptSegment(mark):
			out = append(out, segment...)
		}
		at += len(segment)
		if segment[1] == markScan {
			next := scanEnd(b, at)
			out, at, scanned = append(out, b[at:next]...), next, true
		}
	}
	return append(out, 0xFF, markEnd), scanned
}

// segmentAt is a mark with its length and what belongs to it.
func segmentAt(b []byte, at int) ([]byte, bool) {
	const head = 4
	if at+head > len(b) {
		return nil, false
	}
	end := at + 2 + int(binary.BigEndian.Uint16(b[at+2:]))
	if end < at+head || end > len(b) {
		return nil, false
	}
	return b[at:end], true
}

func keptSegment(mark byte) bool {
	switch mark {
	case markApp0, markApp2, markApp14:
		return true
	case markComment:
		return false
	}
	return mark < markApp0 || mark > markApp15
}

// scanEnd finds the next mark behind the coded pixels from at on.
func scanEnd(b []byte, at int) int {
	for ; at+1 < len(b); at++ {
		if next := b[at+1]; b[at] == 0xFF && next != 0 && (next < markFirst || next > markLast) {
			return at
		}
	}
	return len(b)
}

// Of EXIF only one entry is of interest: how the camera was held (tag 0x0112, one to eight).
const (
	exifMark    = "Exif\x00\x00"
	tagTurning  = 0x0112
	mostTurning = 8
)

// turning reads the entry out of an EXIF segment; 0: there is none.
func turning(exif []byte) uint16 {
	tiff, ok := bytes.CutPrefix(exif, []byte(exifMark))
	if !ok || len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.LittleEndian
	if tiff[0] == 'M' {
		order = binary.BigEndian
	}
	const entrySize = 12
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	for entries := order.Uint16(tiff[at:]); entries > 0; entries-- {
		entry := at + 2 + int64(entries-1)*entrySize
		if entry+entrySize > int64(len(tiff)) || order.Uint16(tiff[entry:]) != tagTurning {
			continue
		}
		if v := order.Uint16(tiff[entry+8:]); v >= 1 && v <= mostTurning {
			return v
		}
	}
	return 0
}

// turningSegment is an EXIF segment that says nothing but how the camera was held.
func turningSegment(turned uint16) []byte {
	tiff := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00")
	binary.BigEndian.PutUint16(tiff[18:], turned)
	segment := []byte{0xFF, markApp1, 0, byte(2 + len(exifMark) + len(tiff))}
	return append(append(segment, exifMark...), tiff...)
}

const pngMark = "\x89PNG\r\n\x1a\n"

// keptChunks are those a PNG is drawn from (PNG specification, third edition): pixels, colours, size and animation.
func keptChunks() []string {
	return []string{"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "sBIT", "bKGD", "pHYs", "acTL", "fcTL", "fdAT"}
}

func barePNG(b []byte) ([]byte, bool) {
	rest, ok := bytes.CutPrefix(b, []byte(pngMark))
	out := []byte(pngMark)
	kept := keptChunks()
	for ok {
		const around = 12 // length, name, checksum
		if len(rest) < around {
			return nil, false
		}
		size := int64(binary.BigEndian.Uint32(rest)) + around
		if size > int64(len(rest)) {
			return nil, false
		}
		name := string(rest[4:8])
		if slices.Contains(kept, name) {
			out = append(out, rest[:size]...)
		}
		if name == "IEND" {
			return out, true
		}
		rest = rest[size:]
	}
	return nil, false
}
