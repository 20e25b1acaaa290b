package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/wechat/simulator"
)

// talkers are members who write, while other things happen.
type talkers struct {
	w      *running
	people []simulator.Person
	chats  []string // their conversations

	mu      sync.Mutex
	written [][]string // what each of them wrote
}

// join lets some more people scan a code.
func (s *talkers) join(t *testing.T, w *running, scene string, n int) {
	t.Helper()
	s.w = w
	for range n {
		p := w.sim.NewPerson(fmt.Sprintf("会员%d", len(s.people)))
		_, err := w.sim.Scan(w.appid, p.OpenID, scene)
		require.NoError(t, err)
		s.mu.Lock()
		s.people, s.written = append(s.people, p), append(s.written, nil)
		s.mu.Unlock()
	}
}

// find waits until each of them has a clerk, and notes their conversations.
func (s *talkers) find(t *testing.T, db *database.DB) {
	t.Helper()
	eventually(t, func() bool {
		s.chats = nil
		for _, p := range s.people {
			var ids []string
			require.NoError(t, db.Read(t.Context()).Model(&model.Conversation{}).Joins("JOIN followers ON followers.id = conversations.follower_id").
				Where("followers.openid = ? AND conversations.clerk_id <> ''", p.OpenID).Pluck("conversations.id", &ids).Error)
			s.chats = append(s.chats, ids...)
		}
		return len(s.chats) == len(s.people)
	}, "all who write have a clerk")
}

// chatter lets the members write until stop is called, a text every so often, each one of its own.
func (s *talkers) chatter(t *testing.T, every time.Duration) (stop func()) {
	t.Helper()
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			s.say(n)
		}
	}()
	return sync.OnceFunc(func() {
		close(over)
		<-ended
	})
}

// say lets the next of them write.
func (s *talkers) say(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := n % len(s.people)
	text := fmt.Sprintf("%d: %d", who, len(s.written[who]))
	if _, err := s.w.sim.SendText(s.w.appid, s.people[who].OpenID, text); err == nil {
		s.written[who] = append(s.written[who], text)
	}
}

// arrives holds that every text of the members is there once, and every answer went out once.
func (s *talkers) arrives(t *testing.T, db *database.DB) {
	t.Helper()
	s.w.settle()
	repeated := map[string]bool{}
	for _, p := range s.w.sim.Pushes() {
		require.True(t, p.Delivered, "a push was given up: %+v", p.Tries)
		if len(p.Tries) > 1 { // WeChat repeats beside the next ones, so its place is not known
			_, rest, _ := strings.Cut(p.XML, "<Content>")
			text, _, _ := strings.Cut(strings.TrimPrefix(rest, "<![CDATA["), "<")
			repeated[strings.TrimSuffix(text, "]]>")] = true
		}
	}
	for n, chat := range s.chats {
		var rows []model.Message
		require.Eventually(t, func() bool {
			rows = nil
			require.NoError(t, db.Read(t.Context()).Where("conversation_id = ? AND shard = ?", chat, model.Shard(chat)).Order("seq").Find(&rows).Error)
			in := 0
			for _, m := range rows {
				if m.Direction == model.In && m.Kind == model.KindText {
					in++
				}
			}
			return in >= len(s.written[n])
		}, demoPatience, 20*time.Millisecond, "what the members wrote has not arrived")
		var texts, inOrder []string
		for i, m := range rows {
			require.EqualValues(t, i+1, m.Seq)
			if m.Direction == model.In && m.Kind == model.KindText {
				texts = append(texts, m.Text)
			}
		}
		require.ElementsMatch(t, s.written[n], texts)
		var wrote []string
		for _, text := range s.written[n] {
			if !repeated[text] {
				wrote = append(wrote, text)
			}
		}
		for _, text := range texts {
			if !repeated[text] {
				inOrder = append(inOrder, text)
			}
		}
		require.Equal(t, wrote, inOrder, "the order is kept")
	}
}
