package binding

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
)

// Poster is what a printed sheet says beside its code.
type Poster struct {
	URL     string // of the QR picture
	Account string
	Store   string
	Clerk   string // empty: the store's own code
}

// Poster gives what a sheet with a code says (A4). A temporary code is not for print: Conflict temporary.
func (s *Service) Poster(ctx context.Context, actor access.Actor, codeID string) (Poster, error) {
	c, err := s.Code(ctx, actor, codeID)
	if err != nil {
		return Poster{}, err
	}
	if c.Target == nil {
		return Poster{}, fault.New(fault.Conflict, "temporary")
	}
	if c.URL == "" {
		return Poster{}, fault.New(fault.Conflict, "not_ready")
	}
	p := Poster{URL: c.URL}
	db := s.db.Read(ctx)
	for _, name := range []struct {
		of any
		id string
		to *string
	}{
		{&model.Account{}, c.AccountID, &p.Account}, {&model.Store{}, c.StoreID, &p.Store}, {&model.Staff{}, c.ClerkID, &p.Clerk},
	} {
		if name.id == "" {
			continue
		}
		var found []string
		if err := db.Model(name.of).Where("id = ?", name.id).Pluck("name", &found).Error; err != nil {
			return p, fmt.Errorf("read a name for a poster: %w", err)
		}
		if len(found) == 1 {
			*name.to = found[0]
		}
	}
	return p, nil
}
