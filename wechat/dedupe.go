package wechat

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// DedupeKey is the same for every delivery of one push, within one account. WeChat tells messages apart by MsgId and
// events by FromUserName and CreateTime; because two events may share a second, what else distinguishes them is added.
func (p Push) DedupeKey() [sha256.Size]byte {
	buffer := make([]byte, 0, 256)
	buffer = appendPart(buffer, p.FromUser)
	if p.Event == "" && p.MsgID != "" {
		return sha256.Sum256(appendPart(buffer, p.MsgID))
	}
	buffer = appendPart(buffer, strconv.FormatInt(p.CreateTime.Unix(), 10))
	buffer = appendPart(buffer, p.MsgType)
	buffer = appendPart(buffer, p.Event)
	buffer = appendPart(buffer, p.eventKey)
	buffer = appendPart(buffer, p.MsgID)
	for _, part := range p.about {
		buffer = appendPart(buffer, part)
	}
	if unknown, ok := p.Body.(Unknown); ok {
		for _, field := range unknown.Fields {
			buffer = appendPart(appendPart(buffer, field.Name), field.Value)
		}
	}
	return sha256.Sum256(buffer)
}

// appendPart puts the length first, so that no two lists of parts run together into the same bytes.
func appendPart(buffer []byte, part string) []byte {
	return append(binary.AppendUvarint(buffer, uint64(len(part))), part...)
}

// distinguishing collects the contents of List nodes, and the person of an authorization change, where the sender is
// always the platform.
func distinguishing(t *tree) []string {
	var parts []string
	for _, l := range t.leaves {
		inList := l.parent != top && (t.inners[l.parent].name == "List" || t.within(l.parent, "List"))
		if inList || l.parent == top && (l.name == "OpenID" || l.name == "RevokeInfo") {
			parts = append(parts, l.name, l.value)
		}
	}
	return parts
}
