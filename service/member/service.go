// Package member keeps the member's file and identities, and is the one writer of ownership: who serves whom, from
// when to when (A2, A9, B1, E14).
package member

import (
	"liuke/model"
	"liuke/model/database"
	"liuke/model/keys"
	"liuke/service/audit"
	"liuke/service/feed"
)

// Deps is what the room needs.
type Deps struct {
	DB    *database.DB
	Keys  *keys.Ring
	Audit *audit.Service
	Feed  *feed.Service
}

// Service is the room.
type Service struct {
	db    *database.DB
	keys  *keys.Ring
	audit *audit.Service
	feed  *feed.Service
	fresh []func(*database.Tx, model.Member) error

	merged   []func(tx *database.Tx, from, into model.Member) error
	unmerged []func(tx *database.Tx, from, into model.Member, family []string) error
}

// New makes the room.
func New(d Deps) *Service { return &Service{db: d.DB, keys: d.Keys, audit: d.Audit, feed: d.Feed} }

// notice tells the screens that something about a member changed: the clerk who serves him, and whoever watches the
// store, or the desk when he has none.
func (s *Service) notice(tx *database.Tx, kind string, m model.Member, conversationID string) {
	e := feed.Event{AccountID: m.AccountID, Kind: kind, MemberID: m.ID, ConversationID: conversationID}
	s.feed.PublishTx(tx, e, s.streams(m)...)
}

// streams are the ones that follow a member.
func (s *Service) streams(m model.Member) []string {
	if m.StoreID == "" && m.ClerkID == "" {
		return []string{feed.Desk(m.AccountID)}
	}
	streams := []string{feed.Staff(m.ClerkID), feed.Store(m.StoreID)}
	if m.StoreID == "" {
		streams = append(streams, feed.Desk(m.AccountID))
	}
	if m.ClerkID == "" {
		streams = append(streams, feed.Queue(m.StoreID))
	}
	return streams
}
