package wechat

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// leaf is an element that holds text only. parent is an index into tree.inners, top for the children of the root.
type leaf struct {
	name   string
	value  string
	parent int
}

// inner is an element that holds others.
type inner struct {
	name   string
	parent int
}

const top = -1

// tree is a whole push in document order: so small that walking it is faster than a map. A struct of fixed fields, as
// the SDK has it, would lose the second List of a container and every field that it does not know.
type tree struct {
	leaves []leaf
	inners []inner
}

// treeBuilder collects one push. current is the open inner element; name, first and joined belong to the element read
// last, of which only the next token tells whether it is a leaf.
type treeBuilder struct {
	whole   string // the push as one string, which most names and values share
	tree    *tree
	current int
	pending bool
	name    string
	first   string
	joined  []byte
}

func (t *tree) read(plain []byte) error {
	r := reader{in: plain}
	b := treeBuilder{whole: string(plain), tree: t, current: top}
	if _, err := r.next(); err != nil { // the root's start: before it the reader gives nothing else
		return err
	}
	for {
		tok, err := r.next()
		if err != nil {
			return err
		}
		switch tok.kind {
		case tokenStart:
			b.start(tok)
		case tokenText:
			b.text(tok)
		case tokenEnd:
			if r.depth > 0 {
				b.end()
			}
		case tokenEOF:
			return nil
		}
	}
}

func (b *treeBuilder) start(tok token) {
	if b.pending {
		b.tree.inners = append(b.tree.inners, inner{name: b.name, parent: b.current})
		b.current = len(b.tree.inners) - 1
	}
	b.pending = true
	b.name, b.first, b.joined = valid(b.whole[tok.from:tok.to]), "", b.joined[:0]
}

func (b *treeBuilder) text(tok token) {
	switch {
	case !b.pending || len(tok.text) == 0:
	case b.first == "" && len(b.joined) == 0 && !tok.decoded:
		b.first = b.whole[tok.from:tok.to]
	default:
		b.joined = append(append(b.joined, b.first...), tok.text...)
		b.first = ""
	}
}

func (b *treeBuilder) end() {
	if !b.pending {
		b.current = b.tree.inners[b.current].parent
		return
	}
	value := b.first
	if len(b.joined) > 0 {
		value = string(b.joined)
	}
	b.tree.leaves = append(b.tree.leaves, leaf{name: b.name, value: valid(value), parent: b.current})
	b.pending = false
}

// valid replaces what is not UTF-8, which no database takes; the push as WeChat sent it is kept elsewhere.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}

// get is the first leaf of that name below parent, empty if there is none.
func (t *tree) get(parent int, name string) string {
	for i := range t.leaves {
		if t.leaves[i].parent == parent && t.leaves[i].name == name {
			return t.leaves[i].value
		}
	}
	return ""
}

// anywhere is the first leaf of that name at any depth.
func (t *tree) anywhere(name string) string {
	for i := range t.leaves {
		if t.leaves[i].name == name {
			return t.leaves[i].value
		}
	}
	return ""
}

// named lists the inner elements of that name.
func (t *tree) named(name string) []int {
	var found []int
	for i := range t.inners {
		if t.inners[i].name == name {
			found = append(found, i)
		}
	}
	return found
}

// path is the name of a leaf below the root, with slashes.
func (t *tree) path(l leaf) string {
	name := l.name
	for parent := l.parent; parent != top; parent = t.inners[parent].parent {
		name = t.inners[parent].name + "/" + name
	}
	return name
}

// number is 0 for what is not one: a count that WeChat garbled must not cost the whole push.
func number(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return 0
	}
	return n
}
