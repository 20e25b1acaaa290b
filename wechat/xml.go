package wechat

import (
	"bytes"
	"strings"
)

// Limits of the XML reader. WeChat's largest push uses depth 5 and a few dozen elements.
const (
	maxDepth = 16
	maxNodes = 4096
)

type tokenKind int

const (
	tokenStart tokenKind = iota
	tokenEnd
	tokenText
	tokenEOF
)

// token is a piece of the document: text is the name of a start tag or a stretch of text. Unless it had to be decoded it
// stands at in[from:to], so that the caller may cut it from a string of the whole.
type token struct {
	kind     tokenKind
	text     []byte
	from, to int
	decoded  bool
}

// reader is a streaming reader of the XML that WeChat sends: elements, text, CDATA, comments, the five named and the
// numeric references. Everything with which XML can be made to do more (DOCTYPE, entities, instructions) is ErrBroken.
// Unlike encoding/xml it lets control characters pass, which members do send, and needs no reflection.
type reader struct {
	in    []byte
	pos   int
	nodes int
	depth int
	open  [maxDepth][]byte
	empty bool // a start tag was self-closing: its end comes next
	begun bool
}

// next gives the next token. At tokenEOF the document was balanced.
func (r *reader) next() (token, error) {
	if r.empty {
		r.empty = false
		r.depth--
		return token{kind: tokenEnd}, nil
	}
	for r.pos < len(r.in) {
		rest := r.in[r.pos:]
		switch {
		case rest[0] != '<':
			t, ok, err := r.characters(rest)
			if err != nil || ok {
				return t, err
			}
		case hasPrefix(rest, cdataOpen):
			return r.cdata(rest)
		case hasPrefix(rest, commentOpen):
			if err := r.comment(rest); err != nil {
				return token{}, err
			}
		case hasPrefix(rest, declOpen) && r.pos == 0:
			if err := r.declaration(rest); err != nil {
				return token{}, err
			}
		case hasPrefix(rest, "</"):
			return r.endTag(rest)
		case hasPrefix(rest, "<!"), hasPrefix(rest, "<?"):
			return token{}, refuse(ErrBroken, "forbidden markup")
		default:
			return r.startTag(rest)
		}
	}
	if r.depth != 0 || !r.begun {
		return token{}, refuse(ErrBroken, "xml ends too early")
	}
	return token{kind: tokenEOF}, nil
}

const (
	cdataOpen    = "<![CDATA["
	cdataClose   = "]]>"
	commentOpen  = "<!--"
	commentClose = "-->"
	declOpen     = "<?xml "
	declClose    = "?>"
)

// characters reads up to the next markup; outside the root it takes blanks only and reports !ok.
func (r *reader) characters(rest []byte) (token, bool, error) {
	n := bytes.IndexByte(rest, '<')
	if n < 0 {
		n = len(rest)
	}
	start := r.pos
	r.pos += n
	if r.depth == 0 {
		if len(bytes.Trim(rest[:n], " \t\r\n")) > 0 {
			return token{}, false, refuse(ErrBroken, "text outside the root")
		}
		return token{}, false, nil
	}
	if bytes.IndexByte(rest[:n], '&') < 0 {
		return token{kind: tokenText, from: start, to: r.pos, text: rest[:n]}, true, nil
	}
	text, err := unescape(rest[:n])
	return token{kind: tokenText, text: text, decoded: true}, true, err
}

func (r *reader) cdata(rest []byte) (token, error) {
	if r.depth == 0 {
		return token{}, refuse(ErrBroken, "text outside the root")
	}
	n := bytes.Index(rest[len(cdataOpen):], []byte(cdataClose))
	if n < 0 {
		return token{}, refuse(ErrBroken, "open CDATA")
	}
	from := r.pos + len(cdataOpen)
	r.pos = from + n + len(cdataClose)
	return token{kind: tokenText, from: from, to: from + n, text: r.in[from : from+n]}, nil
}

func (r *reader) comment(rest []byte) error {
	n := bytes.Index(rest[len(commentOpen):], []byte(commentClose))
	if n < 0 {
		return refuse(ErrBroken, "open comment")
	}
	r.pos += len(commentOpen) + n + len(commentClose)
	return r.count()
}

// declaration passes over <?xml …?> at the very start, if it does not ask for another encoding.
func (r *reader) declaration(rest []byte) error {
	n := bytes.Index(rest, []byte(declClose))
	if n < 0 {
		return refuse(ErrBroken, "open declaration")
	}
	text := strings.ToLower(string(rest[len(declOpen):n]))
	if strings.Contains(text, "encoding") && !strings.Contains(text, "utf-8") || strings.ContainsAny(text, "<>") {
		return refuse(ErrBroken, "encoding")
	}
	r.pos += n + len(declClose)
	return nil
}

func (r *reader) count() error {
	r.nodes++
	if r.nodes > maxNodes {
		return refuse(ErrBroken, "too many nodes")
	}
	return nil
}

func hasPrefix(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}
