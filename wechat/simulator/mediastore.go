package simulator

import (
	"slices"
	"time"
)

// mediaLife is how long temporary media stay at WeChat (WeChat: "upload temporary media").
const mediaLife = 72 * time.Hour

type medium struct {
	id      string
	acc     *account
	kind    string // image voice video thumb
	ctype   string
	ext     string
	data    []byte
	expires time.Time // zero = permanent
}

// mediaStore keeps media until their bytes together are too many; then the oldest go, expired or not.
type mediaStore struct {
	byID  map[string]*medium
	order []*medium
	bytes int
}

func (m *mediaStore) add(v *medium) {
	m.byID[v.id] = v
	m.order = append(m.order, v)
	m.bytes += len(v.data)
	for m.bytes > maxMedia && len(m.order) > 1 {
		m.remove(m.order[0])
	}
}

func (m *mediaStore) remove(v *medium) {
	if m.byID[v.id] != v {
		return
	}
	delete(m.byID, v.id)
	m.bytes -= len(v.data)
	m.order = slices.DeleteFunc(m.order, func(o *medium) bool { return o == v })
}

func (s *Simulator) addMedium(acc *account, kind, ctype, ext string, data []byte, permanent bool) *medium {
	v := &medium{id: s.fresh(64, "media"), acc: acc, kind: kind, ctype: ctype, ext: ext, data: data}
	if !permanent {
		v.expires = s.now().Add(mediaLife)
	}
	s.media.add(v)
	return v
}

// medium finds a medium that the account may still use.
func (s *Simulator) medium(acc *account, id string) (*medium, *fail) {
	v, ok := s.media.byID[id]
	if !ok || v.acc != acc || (!v.expires.IsZero() && !s.now().Before(v.expires)) {
		return nil, failed(40007)
	}
	return v, nil
}

// mediumOf also checks the kind.
func (s *Simulator) mediumOf(acc *account, id string, kinds ...string) *fail {
	v, f := s.medium(acc, id)
	if f != nil {
		return f
	}
	if !slices.Contains(kinds, v.kind) {
		return failed(40007)
	}
	return nil
}

// Media returns a picture, voice or video by its media id, for looking at: also one that the API no longer gives out.
func (s *Simulator) Media(id string) (data []byte, contentType string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.media.byID[id]
	if !ok {
		return nil, "", false
	}
	return v.data, v.ctype, true
}
