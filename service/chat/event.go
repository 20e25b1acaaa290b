package chat

import (
	"liuke/model"
	"liuke/model/database"
	"liuke/service/inbound"
	"liuke/wechat"
)

// EventTx writes what a member did (followed, scanned, tapped, left) as a line of his conversation. It opens no
// window and waits for no answer. Reports of his position, and results of our own sends, are no lines.
func (s *Service) EventTx(tx *database.Tx, batch []inbound.Received) error {
	for _, r := range batch {
		if model.ASCIIKey(r.Push.OpenID(), 64) == "" || !isLine(r.Push.Body) {
			continue
		}
		if err := s.eventLine(tx, r); err != nil {
			return err
		}
	}
	return nil
}

func isLine(body wechat.Body) bool {
	switch body.(type) {
	case wechat.LocationReport, wechat.TemplateSendFinished, wechat.MassSendFinished, wechat.SubscribeSent:
		return false
	}
	return true
}

func (s *Service) eventLine(tx *database.Tx, r inbound.Received) error {
	p, err := s.members.PersonTx(tx, r.AccountID, r.Push.OpenID())
	if err != nil || p.IsStaff() {
		return err
	}
	l := &line{follower: p.Follower, name: p.Member.Name}
	lines := map[string]*line{lineKey(r): l}
	if err := s.lock(tx, lines); err != nil {
		return err
	}
	m, err := s.message(tx, l, r)
	if err != nil {
		return err
	}
	l.fresh = []model.Message{m}
	return s.close(tx, lines)
}
