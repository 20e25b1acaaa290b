package chat

import (
	"fmt"
	"slices"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/delivery"
	"liuke/service/inbound"
	"liuke/wechat"
)

// line is one conversation that gets messages in this transaction.
type line struct {
	follower model.Follower
	c        model.Conversation
	name     string // the member's
	boundAt  int64  // since when the member belongs to the clerk
	window   string // the best window that the messages opened
	at       int64
	fresh    []model.Message
	counted  int64 // messages the clerk has to read
	waits    int64 // time of the first that waits for an answer; 0 = none
}

// ReceiveTx writes members' messages into their conversations, in the order given, opens their windows and tells the
// screens. The messages of one transaction cost a few statements together, not each. It returns where each now stands; what
// our own staff wrote stands nowhere.
func (s *Service) ReceiveTx(tx *database.Tx, batch []inbound.Received) ([]inbound.Heard, error) {
	lines, staff, err := s.open(tx, batch)
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, s.delivery.WindowsTx(tx, staff)
	}
	heard := make([]inbound.Heard, 0, len(batch))
	for _, r := range batch {
		l := lines[lineKey(r)]
		if l == nil {
			continue // one of our own staff
		}
		m, err := s.message(tx, l, r)
		if err != nil {
			return nil, err
		}
		l.fresh = append(l.fresh, m)
		heard = append(heard, l.heard(r, m.Seq))
		l.counted++
		if l.waits == 0 {
			l.waits = m.At
		}
		if text, ok := r.Push.Body.(wechat.Text); ok && text.MenuID != "" {
			if l.window == "" {
				l.window = model.WindowEvent // a tap on a menu counts as one, not as a message
			}
		} else {
			l.window = model.WindowUser
		}
		l.at = m.At
	}
	if err := s.close(tx, lines); err != nil {
		return nil, err
	}
	return heard, s.delivery.WindowsTx(tx, staff)
}

func (l *line) heard(r inbound.Received, seq int64) inbound.Heard {
	return inbound.Heard{
		Received: r, ConversationID: l.c.ID, Seq: seq, MemberID: l.c.MemberID, StoreID: l.c.StoreID, ClerkID: l.c.ClerkID, BoundAt: l.boundAt,
	}
}

func lineKey(r inbound.Received) string { return r.AccountID + " " + r.Push.OpenID() }

// open finds or starts the conversations of a batch and locks them in the order of their ids. Staff who write to their
// own account have none; they open a window all the same, for what they send themselves to try it.
func (s *Service) open(tx *database.Tx, batch []inbound.Received) (map[string]*line, []delivery.Opening, error) {
	var staff []delivery.Opening
	lines := map[string]*line{}
	openIDs := map[string][]string{}
	for _, r := range batch {
		if key := lineKey(r); lines[key] == nil {
			lines[key] = &line{}
			openIDs[r.AccountID] = append(openIDs[r.AccountID], r.Push.OpenID())
		}
	}
	for account, ids := range openIDs {
		var followers []model.Follower
		if err := tx.Where("account_id = ? AND openid IN ?", account, ids).Find(&followers).Error; err != nil {
			return nil, nil, fmt.Errorf("find followers: %w", err)
		}
		known := map[string]bool{}
		for _, f := range followers {
			if f.Kind == model.FollowerStaff {
				delete(lines, account+" "+f.OpenID)
				known[f.OpenID] = true
				staff = append(staff, delivery.Opening{Follower: f, Window: model.WindowUser, At: tx.Millis()})
				continue
			}
			if f.Subscribed { // who writes follows; one who does not by our books is met below
				lines[account+" "+f.OpenID].follower = f
				known[f.OpenID] = true
			}
		}
		for _, id := range ids {
			if known[id] {
				continue
			}
			p, err := s.members.PersonTx(tx, account, id)
			if err != nil {
				return nil, nil, err
			}
			if _, err := s.members.FollowTx(tx, &p); err != nil {
				return nil, nil, err
			}
			lines[account+" "+id].follower = p.Follower
		}
	}
	if len(lines) == 0 {
		return lines, staff, nil
	}
	return lines, staff, s.lock(tx, lines)
}

func (s *Service) lock(tx *database.Tx, lines map[string]*line) error {
	byFollower, byMember := map[string]*line{}, map[string][]*line{}
	followers, members := make([]string, 0, len(lines)), make([]string, 0, len(lines))
	for _, l := range lines {
		byFollower[l.follower.ID] = l
		followers = append(followers, l.follower.ID)
	}
	conversations, err := s.members.LockConversationsTx(tx, followers)
	if err != nil {
		return err
	}
	for _, c := range conversations {
		l := byFollower[c.FollowerID]
		l.c = c
		byMember[c.MemberID] = append(byMember[c.MemberID], l)
		members = append(members, c.MemberID)
	}
	var names []model.Member
	if err := tx.Select("id", "name", "bound_at").Where("id IN ?", members).Find(&names).Error; err != nil {
		return fmt.Errorf("find names: %w", err)
	}
	for _, m := range names {
		for _, l := range byMember[m.ID] {
			l.name, l.boundAt = m.Name, m.BoundAt
		}
	}
	return nil
}

// message builds the row of one message and asks for its picture, voice or video.
func (s *Service) message(tx *database.Tx, l *line, r inbound.Received) (model.Message, error) {
	l.c.LastSeq++
	body := describe(r)
	m := model.Message{
		Shard: model.Shard(l.c.ID), ConversationID: l.c.ID, Seq: l.c.LastSeq, ID: r.ID, AccountID: r.AccountID,
		Direction: model.In, Kind: body.kind, Text: body.text, Payload: body.payload, State: model.StateReceived,
		AuthorKind: model.ByMember, AuthorID: l.c.MemberID, AuthorName: l.name, At: r.ReceivedAt,
	}
	if body.wechatMediaID == "" {
		return m, nil
	}
	var err error
	m.MediaID, err = s.media.RequestTx(tx, model.Media{
		AccountID: r.AccountID, ConversationID: l.c.ID, MessageID: m.ID, Kind: body.kind, WeChatMediaID: body.wechatMediaID,
	})
	return m, err
}

// close writes the messages, brings the conversations up to date, opens windows and tells the screens.
func (s *Service) close(tx *database.Tx, lines map[string]*line) error {
	sorted := make([]*line, 0, len(lines))
	var rows []model.Message
	var members []string
	for _, l := range lines {
		sorted = append(sorted, l)
		rows = append(rows, l.fresh...)
		members = append(members, l.c.MemberID)
	}
	slices.SortFunc(sorted, func(a, b *line) int {
		if a.c.ID < b.c.ID {
			return -1
		}
		return 1
	})
	if err := tx.InsertMessages(rows); err != nil {
		return fmt.Errorf("write messages: %w", err)
	}
	guests, err := s.members.ServersTx(tx, members)
	if err != nil {
		return err
	}
	if err := s.advance(tx, sorted); err != nil {
		return err
	}
	for _, l := range sorted {
		for _, m := range l.fresh {
			s.publish(tx, "message", l.c, guests[l.c.MemberID], m.ID)
		}
	}
	return nil
}

// advance writes what the conversations' rows say after their new messages, and opens the windows, a statement each for
// all of them.
func (s *Service) advance(tx *database.Tx, lines []*line) error {
	rows := make([]model.Conversation, len(lines))
	var openings []delivery.Opening
	for i, l := range lines {
		c, last := &l.c, l.fresh[len(l.fresh)-1]
		c.Unread += l.counted
		if c.WaitingSince == 0 {
			c.WaitingSince = l.waits
		}
		c.LastKind, c.LastText, c.LastDirection, c.LastAt = last.Kind, model.Snippet(last.Text), last.Direction, last.At
		c.RankAt = model.Rank(c.WaitingSince, c.LastAt)
		rows[i] = *c
		if l.window != "" {
			openings = append(openings, delivery.Opening{Follower: l.follower, Window: l.window, At: l.at})
		}
	}
	if err := tx.AdvanceConversations(rows); err != nil {
		return fmt.Errorf("advance conversations: %w", err)
	}
	return s.delivery.WindowsTx(tx, openings)
}
