package media

// Parts of a GIF (GIF89a specification).
const (
	gifHead       = 13 // mark, size, colours
	gifPicture    = 0x2C
	gifExtension  = 0x21
	gifEnd        = 0x3B
	gifControl    = 0xF9
	gifPlainText  = 0x01
	gifProgram    = 0xFF
	gifColours    = 0x80 // a table of colours follows
	gifColourBits = 0x07
	gifImageHead  = 10
)

// bareGIF keeps pictures, their timing and how often they repeat; comments and what programs wrote beside them go.
func bareGIF(b []byte) ([]byte, bool) {
	if len(b) < gifHead {
		return nil, false
	}
	at := gifHead + colours(b[10])
	if at > len(b) {
		return nil, false
	}
	out := append(make([]byte, 0, len(b)), b[:at]...)
	for at < len(b) {
		from, keep := at, true
		switch b[at] {
		case gifEnd:
			return append(out, gifEnd), true
		case gifPicture:
			if at+gifImageHead > len(b) {
				return nil, false
			}
			at += gifImageHead + colours(b[at+9]) + 1 // the size of the codes
		case gifExtension:
			if at+2 > len(b) {
				return nil, false
			}
			keep = keptExtension(b[at:])
			at += 2
		default:
			return nil, false
		}
		if at = blocksEnd(b, at); at < 0 {
			return nil, false
		}
		if keep {
			out = append(out, b[from:at]...)
		}
	}
	return nil, false
}

// colours is how long the table is that a byte of flags announces.
func colours(flags byte) int {
	if flags&gifColours == 0 {
		return 0
	}
	return 3 << (flags&gifColourBits + 1)
}

// keptExtension knows what belongs to the picture. Of programs only the one is kept that says how often it repeats.
func keptExtension(b []byte) bool {
	const program = "\x0bNETSCAPE2.0"
	switch b[1] {
	case gifControl, gifPlainText:
		return true
	case gifProgram:
		return len(b) > 2+len(program) && string(b[2:2+len(program)]) == program
	}
	return false
}

// blocksEnd goes over blocks that each begin with their length, up to the empty one; -1: they are cut off.
func blocksEnd(b []byte, at int) int {
	for at < len(b) {
		size := int(b[at])
		at += 1 + size
		if size == 0 {
			return at
		}
	}
	return -1
}
