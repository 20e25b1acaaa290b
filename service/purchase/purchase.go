// Package purchase keeps what members bought and returned (B5, M2): taken from tills by the API and from files, each
// once, and counted for the member who bought it.
package purchase

import (
	"liuke/model/database"
	"liuke/service/audit"
	"liuke/service/member"
)

// Deps is what the room needs.
type Deps struct {
	DB      *database.DB
	Members *member.Service
	Audit   *audit.Service
}

// Service is the room.
type Service struct {
	db      *database.DB
	members *member.Service
	audit   *audit.Service
}

// New makes the room.
func New(d Deps) *Service { return &Service{db: d.DB, members: d.Members, audit: d.Audit} }
