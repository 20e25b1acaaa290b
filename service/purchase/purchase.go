// Package purchase keeps what members bought and returned (B5, M2): taken from tills by the API and from files, each
// once, and counted for the member who bought it.
package purchase

import (
	"liuke/model/database"
	"liuke/model/keys"
	"liuke/service/audit"
)

// Deps is what the room needs.
type Deps struct {
	DB    *database.DB
	Keys  *keys.Ring
	Audit *audit.Service
}

// Service is the room.
type Service struct {
	db    *database.DB
	keys  *keys.Ring
	audit *audit.Service
}

// New makes the room.
func New(d Deps) *Service { return &Service{db: d.DB, keys: d.Keys, audit: d.Audit} }
