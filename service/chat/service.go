// Package chat is the conversation: what members write and staff answer, who waits how long, what is read (C).
package chat

import (
	"log/slog"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/audit"
	"liuke/service/delivery"
	"liuke/service/feed"
	"liuke/service/media"
	"liuke/service/member"
	"liuke/service/staff"
)

// Deps is what the room needs.
type Deps struct {
	DB       *database.DB
	Members  *member.Service
	Delivery *delivery.Service
	Media    *media.Service
	Feed     *feed.Service
	Staff    *staff.Service
	Audit    *audit.Service
	Log      *slog.Logger
}

// Service is the room.
type Service struct {
	db       *database.DB
	members  *member.Service
	delivery *delivery.Service
	media    *media.Service
	feed     *feed.Service
	staff    *staff.Service
	audit    *audit.Service
	log      *slog.Logger
}

// New makes the room.
func New(d Deps) *Service {
	return &Service{
		db: d.DB, members: d.Members, delivery: d.Delivery, media: d.Media, feed: d.Feed, staff: d.Staff, audit: d.Audit, log: d.Log,
	}
}

// publish tells the screens about a message: who serves the member, the store's watchers, the queue or the desk.
func (s *Service) publish(tx *database.Tx, kind string, c model.Conversation, guests []string, messageID string) {
	e := feed.Event{AccountID: c.AccountID, Kind: kind, MemberID: c.MemberID, ConversationID: c.ID}
	if messageID != "" {
		e.Data = map[string]string{"message_id": messageID}
	}
	streams := []string{feed.Staff(c.ClerkID), feed.Store(c.StoreID)}
	for _, g := range guests {
		streams = append(streams, feed.Staff(g))
	}
	if c.ClerkID == "" && c.StoreID != "" {
		streams = append(streams, feed.Queue(c.StoreID))
	}
	if c.StoreID == "" {
		streams = append(streams, feed.Desk(c.AccountID))
	}
	s.feed.PublishTx(tx, e, streams...)
}

// guestsOf lists who else serves the member of a conversation.
func (s *Service) guestsOf(tx *database.Tx, c model.Conversation) ([]string, error) {
	servers, err := s.members.ServersTx(tx, []string{c.MemberID})
	return servers[c.MemberID], err
}
