package simulator

import "slices"

// Inbox returns what the account of that openid sent to the person, oldest first.
func (s *Simulator) Inbox(openid string) []Received {
	all := []Received{}
	for _, e := range s.Chat(openid) {
		if !e.Mine {
			all = append(all, e.Received)
		}
	}
	return all
}

// Chat returns the newest 2,000 lines of the chat with the account of that openid, in both directions, oldest first.
func (s *Simulator) Chat(openid string) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.relations[openid]
	if !ok {
		return nil
	}
	chat := r.chat
	if n := len(chat); n > maxChat {
		chat = chat[n-maxChat:]
	}
	return slices.Clone(chat)
}

func (s *Simulator) write(r *relation, e Entry) {
	e.ID, e.AppID, e.At = s.next("entry"), r.acc.AppID, s.now()
	r.chat = append(r.chat, e)
	s.touch()
	if len(r.chat) > maxChat+maxChat/10 {
		r.chat = slices.Clone(r.chat[len(r.chat)-maxChat:])
	}
}

// receive puts something from the account on the phone.
func (s *Simulator) receive(r *relation, v Received) { s.write(r, Entry{Received: v}) }

// mine puts something from the person on the phone.
func (s *Simulator) mine(r *relation, v Received) { s.write(r, Entry{Received: v, Mine: true}) }

// note puts a grey line about the person's own act on the phone.
func (s *Simulator) note(r *relation, text string) {
	s.mine(r, Received{Kind: "note", Text: text})
}
