package wechat

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

func (r *reader) startTag(rest []byte) (token, error) {
	name := tagName(rest[1:])
	if len(name) == 0 {
		return token{}, refuse(ErrBroken, "tag name")
	}
	if r.depth == 0 && r.begun {
		return token{}, refuse(ErrBroken, "second root")
	}
	if r.depth == maxDepth {
		return token{}, refuse(ErrBroken, "too deep")
	}
	if err := r.count(); err != nil {
		return token{}, err
	}
	end, empty, ok := tagEnd(rest[1+len(name):])
	if !ok {
		return token{}, refuse(ErrBroken, "open tag")
	}
	r.begun = true
	r.open[r.depth] = name
	r.depth++
	r.empty = empty
	from := r.pos + 1
	r.pos = from + len(name) + end
	return token{kind: tokenStart, text: name, from: from, to: from + len(name)}, nil
}

func (r *reader) endTag(rest []byte) (token, error) {
	name := tagName(rest[2:])
	end := 2 + len(name)
	for end < len(rest) && isBlank(rest[end]) {
		end++
	}
	if end == len(rest) || rest[end] != '>' {
		return token{}, refuse(ErrBroken, "end tag")
	}
	if r.depth == 0 || !bytes.Equal(r.open[r.depth-1], name) {
		return token{}, refuse(ErrBroken, "unbalanced")
	}
	r.depth--
	r.pos += end + 1
	return token{kind: tokenEnd}, nil
}

// tagName takes letters, digits and the few marks that WeChat could use; anything else ends the name.
func tagName(b []byte) []byte {
	n := 0
	for n < len(b) {
		c := b[n]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= utf8.RuneSelf
		inner := c >= '0' && c <= '9' || c == '-' || c == '.' || c == ':'
		if !letter && (n == 0 || !inner) {
			break
		}
		n++
	}
	return b[:n]
}

// tagEnd finds the end of a start tag and passes over attributes, of which WeChat sends none that matter.
func tagEnd(b []byte) (end int, empty, ok bool) {
	var quote byte
	for i, c := range b {
		switch {
		case quote != 0:
			if c == '<' {
				return 0, false, false
			}
			if c == quote {
				quote = 0
			}
		case i == 0 && c != '>' && c != '/' && !isBlank(c), c == '<':
			return 0, false, false
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i + 1, i > 0 && b[i-1] == '/', true
		}
	}
	return 0, false, false
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// unescape decodes the five named and the numeric references; any other name would need a declaration.
func unescape(b []byte) ([]byte, error) {
	out := make([]byte, 0, len(b))
	for {
		amp := bytes.IndexByte(b, '&')
		if amp < 0 {
			return append(out, b...), nil
		}
		out = append(out, b[:amp]...)
		b = b[amp+1:]
		end := bytes.IndexByte(b[:min(len(b), 12)], ';')
		if end < 0 {
			return nil, refuse(ErrBroken, "reference")
		}
		char, ok := reference(string(b[:end]))
		if !ok {
			return nil, refuse(ErrBroken, "reference")
		}
		out = utf8.AppendRune(out, char)
		b = b[end+1:]
	}
}

func reference(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	code, err := strconv.ParseUint(digits, base, 21)
	return rune(code), err == nil && utf8.ValidRune(rune(code))
}
