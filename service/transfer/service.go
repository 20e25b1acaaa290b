// Package transfer takes lists of members (M1) and purchases (M2) in from files of other systems and gives members out.
//
// A file is read once, at upload, into sealed parts of a hundred rows. Some rows at a time are worked off in one
// transaction that also moves the count of rows done, so a crash loses and repeats nothing. What was refused is kept with
// its reason.
package transfer

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/keys"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/member"
	"liuke/service/purchase"
	"liuke/service/sheet"
	"liuke/service/worker"
)

// Deps is what the room needs.
type Deps struct {
	DB      *database.DB
	Keys    *keys.Ring
	Members *member.Service
	Sales   *purchase.Service
	Audit   *audit.Service
	Log     *slog.Logger
	Owner   string // names this process in leases
}

// Service is the room.
type Service struct {
	db      *database.DB
	keys    *keys.Ring
	members *member.Service
	sales   *purchase.Service
	audit   *audit.Service
	log     *slog.Logger
	owner   string
	files   *sheet.Reader
	loop    *worker.Loop
}

// readAtOnce is how many files one process reads at the same time.
const readAtOnce = 2

// New makes the room.
func New(d Deps) *Service {
	return &Service{
		db: d.DB, keys: d.Keys, members: d.Members, sales: d.Sales, audit: d.Audit, log: d.Log, owner: d.Owner,
		files: sheet.NewReader(readAtOnce),
	}
}

// Start adds the room's loops to the group.
func (s *Service) Start(g *worker.Group, leases *worker.Leases) {
	s.loop = g.Go("transfer.import", time.Second, s.work)
	g.GoAlone(leases, "transfer.sweep", time.Hour, s.sweep)
}

// rowsPerPart is how many rows are sealed together.
const rowsPerPart = 100

// keepParts is how long the rows of a file are kept: for the file of refused rows.
const keepParts = 7 * 24 * time.Hour

// importsInScope are those a person may see: the owner all, a manager his own.
func importsInScope(actor access.Actor) access.Where {
	switch {
	case actor.Is(model.RoleOwner):
		return access.Where{SQL: "account_id = ?", Args: []any{actor.AccountID}}
	case actor.Is(model.RoleManager):
		return access.Where{SQL: "account_id = ? AND by_id = ?", Args: []any{actor.AccountID, actor.StaffID}}
	}
	return access.Where{SQL: "1 = 0"}
}

func errRowsGone() error { return fault.New(fault.NotFound, "rows_gone") }

func errNoImport() error { return fault.New(fault.NotFound, "import_not_found") }

// Get reads one import of a kind, model.ImportMembers or …Purchases: its state and how far it is.
func (s *Service) Get(ctx context.Context, actor access.Actor, kind, id string) (model.Import, error) {
	var row model.Import
	scope := importsInScope(actor)
	err := s.db.Read(ctx).Where(scope.SQL, scope.Args...).First(&row, "id = ? AND kind = ?", model.ASCIIKey(id, 36), kind).Error
	if database.IsNotFound(err) {
		return row, errNoImport()
	}
	if err != nil {
		return row, fmt.Errorf("find import: %w", err)
	}
	return row, nil
}

// List pages through imports of a kind, the newest first.
func (s *Service) List(ctx context.Context, actor access.Actor, kind, before string, limit int) ([]model.Import, string, error) {
	scope := importsInScope(actor)
	q := s.db.Read(ctx).Where(scope.SQL, scope.Args...).Where("kind = ?", kind)
	if before != "" {
		q = q.Where("id < ?", before)
	}
	var rows []model.Import
	if err := q.Order("id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list imports: %w", err)
	}
	if len(rows) > limit {
		return rows[:limit], rows[limit-1].ID, nil
	}
	return rows, "", nil
}

// sweep deletes the rows of files that are old.
func (s *Service) sweep(ctx context.Context) error {
	before := s.db.Now().Add(-keepParts).UnixMilli()
	for _, table := range []string{"member_import_parts", "member_import_refusals"} {
		_, err := s.db.Exec(ctx, "DELETE FROM "+table+" WHERE import_id IN (SELECT id FROM member_imports WHERE created_at < ? AND state <> ?)",
			before, model.ImportRunning)
		if err != nil {
			return fmt.Errorf("delete old rows of files: %w", err)
		}
	}
	return nil
}

// Filter says which members are given out; its page is not looked at.
type Filter = member.Filter
