package media

import (
	"io"

	"liuke/model"
	"liuke/service/fault"
)

// amrFrame is how many bytes follow the first of a narrow-band frame (RFC 4867, section 5.3).
func amrFrame(first byte) int {
	return [16]int{12, 13, 15, 17, 19, 20, 26, 31, 5}[first>>3&15]
}

const (
	amrMagic      = "#!AMR\n"
	amrFrameMilli = 20
)

func errTooLong() *fault.Error { return fault.Input(fileInput, "too_long") }

// fileInput is what a fault about the content of an upload names.
const fileInput = "file"

// spoken passes an AMR file through and breaks the body off once it lasts longer than model.MaxVoiceSeconds: WeChat
// would refuse it, long after the clerk has left the chat.
type spoken struct {
	from   io.Reader
	body   *bounded
	left   int // bytes of the mark or of the present frame that are still to come
	frames int
}

// Read reads on and counts frames.
func (s *spoken) Read(p []byte) (int, error) {
	n, err := s.from.Read(p)
	for i := 0; i < n; {
		if skip := min(s.left, n-i); skip > 0 {
			s.left, i = s.left-skip, i+skip
			continue
		}
		s.left = amrFrame(p[i])
		i++
		if s.frames++; s.frames*amrFrameMilli > model.MaxVoiceSeconds*1000 {
			s.body.failed = errTooLong()
			return 0, s.body.failed
		}
	}
	return n, err //nolint:wrapcheck // whoever reads tells where it broke
}
