// Package binding makes parametric codes and decides what a scan does: whom a member belongs to from that moment (A).
//
// What a scene stands for is looked up when it is scanned, never printed into the code, so printed codes go on working
// after a handover.
package binding

import (
	"log/slog"

	"liuke/model/database"
	"liuke/service/account"
	"liuke/service/audit"
	"liuke/service/delivery"
	"liuke/service/feed"
	"liuke/service/member"
	"liuke/service/staff"
	"liuke/wechat"
)

// Deps is what the room needs.
type Deps struct {
	DB       *database.DB
	Members  *member.Service
	Delivery *delivery.Service
	Staff    *staff.Service
	Accounts *account.Service
	WeChat   *wechat.Client
	Feed     *feed.Service
	Audit    *audit.Service
	Log      *slog.Logger
}

// Service is the room.
type Service struct {
	db       *database.DB
	members  *member.Service
	delivery *delivery.Service
	staff    *staff.Service
	accounts *account.Service
	wechat   *wechat.Client
	feed     *feed.Service
	audit    *audit.Service
	log      *slog.Logger
}

// New makes the room.
func New(d Deps) *Service {
	return &Service{
		db: d.DB, members: d.Members, delivery: d.Delivery, staff: d.Staff, accounts: d.Accounts, wechat: d.WeChat,
		feed: d.Feed, audit: d.Audit, log: d.Log,
	}
}
