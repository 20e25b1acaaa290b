package staff

import (
	"context"

	"liuke/model/database"
)

// CountWrongTries counts n wrong tries from an address, without the cost of n password hashes.
func (s *Service) CountWrongTries(ctx context.Context, ip string, n int) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		for range n {
			if _, err := countWrong(tx, s.addressLimit(ip)); err != nil {
				return err
			}
		}
		return nil
	})
}
