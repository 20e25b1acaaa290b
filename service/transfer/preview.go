package transfer

import (
	"context"
	"errors"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/purchase"
)

// Seen is a sale of a file as it would be taken in.
type Seen struct {
	Row  int64 // its first one, as a spreadsheet numbers it
	Rows int
	Sale purchase.Sale
	purchase.Outcome
}

// errOnlySeen takes back what was done to see what would become of it.
var errOnlySeen = errors.New("nothing shall stay")

// Preview tells what would become of the sales in the first rows of an uploaded file. Nothing is taken in.
func (s *Service) Preview(ctx context.Context, actor access.Actor, id string, in Start) ([]Seen, error) {
	row, err := s.Get(ctx, actor, model.ImportPurchases, id)
	if err != nil {
		return nil, err
	}
	if row.State != model.ImportUploaded {
		return nil, fault.New(fault.Conflict, "already_started")
	}
	if err := in.apply(actor, &row); err != nil {
		return nil, err
	}
	var seen []Seen
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		if err := storeThere(tx, row); err != nil {
			return err
		}
		b, err := s.batch(tx, actor, &row)
		if err != nil {
			return err
		}
		n := min(previewRows, len(b.lines))
		for n < len(b.lines) && sameSale(b.mapping, b.lines[n-1].cells, b.lines[n].cells) {
			n++
		}
		b.lines = b.lines[:n]
		all, outcomes, err := b.recordSales()
		if err != nil {
			return err
		}
		seen = make([]Seen, len(all))
		for i, sale := range all {
			seen[i] = Seen{Row: sale.rows[0].number, Rows: len(sale.rows), Sale: sale.sale, Outcome: outcomes[i]}
		}
		return errOnlySeen
	})
	if !errors.Is(err, errOnlySeen) {
		return nil, fmt.Errorf("look at the first sales: %w", err)
	}
	return seen, nil
}
