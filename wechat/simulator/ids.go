package simulator

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
)

// next counts up within one kind of id.
func (s *Simulator) next(kind string) int64 {
	s.counters[kind]++
	return s.counters[kind]
}

// id makes n characters out of the seed and the parts, the same ones every time.
func (s *Simulator) id(n int, parts ...string) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		sum := sha256.Sum256([]byte(strconv.FormatInt(s.seed, 10) + "|" + strconv.Itoa(i) + "|" + strings.Join(parts, "|")))
		b.WriteString(base64.RawURLEncoding.EncodeToString(sum[:]))
	}
	return b.String()[:n]
}

// fresh makes an id that no other call and no other run of the simulator makes. A kept database would otherwise meet
// the tickets, media ids and tokens of an earlier run again.
func (s *Simulator) fresh(n int, kind string) string {
	return s.id(n, kind, strconv.FormatInt(s.born, 10), strconv.FormatInt(s.next(kind), 10))
}

// number makes a growing 64-bit number of about the size of WeChat's own MsgId.
func (s *Simulator) number() int64 { return s.born*10_000 + s.next("number") }

func (s *Simulator) hex(n int, parts ...string) string {
	sum := sha256.Sum256([]byte(strconv.FormatInt(s.seed, 10) + "|" + strings.Join(parts, "|")))
	return hex.EncodeToString(sum[:])[:n]
}
