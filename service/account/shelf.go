package account

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"liuke/model"
)

// Shelf keeps a sealed copy outside the database.
type Shelf interface {
	Keep(name string, sealed []byte) error
	Kept(name string) ([]byte, error)
}

// shelved is the name of the copy.
const shelved = "accounts"

// shelf remembers what was last put on it.
type shelf struct {
	to   Shelf
	mu   sync.Mutex
	last []byte
}

// Shelve reads all accounts into the cache and keeps a copy of them, so that pushes of each can be opened while the
// database is away, after a restart as well. It is to be called every few seconds; it writes when something has changed.
func (s *Service) Shelve(ctx context.Context) error {
	at := s.db.Now().UnixMilli()
	rows, err := s.List(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		var known *value
		if e := load(s.cache.byID, row.ID); e != nil {
			known = e.value.Load()
		}
		if known == nil || known.row.Version < row.Version {
			if _, err := s.keep(row, at); err != nil {
				return err
			}
		}
	}
	plain, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("write the accounts down: %w", err)
	}
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	if s.shelf.to == nil || bytes.Equal(plain, s.shelf.last) {
		return nil
	}
	if err := s.shelf.to.Keep(shelved, s.keys.Seal(plain)); err != nil {
		return err
	}
	s.shelf.last = plain
	return nil
}

// Unshelve fills the cache from the copy, for a start without the database. The accounts are asked for again as soon as
// it answers.
func (s *Service) Unshelve() error {
	sealed, err := s.shelf.to.Kept(shelved)
	if err != nil {
		return err
	}
	plain, err := s.keys.Open(sealed)
	if err != nil {
		return fmt.Errorf("open the kept accounts: %w", err)
	}
	var rows []model.Account
	if err := json.Unmarshal(plain, &rows); err != nil {
		return errors.New("the kept accounts cannot be read") // the cause would quote them
	}
	for _, row := range rows {
		v, err := s.open(row)
		if err != nil {
			return err
		}
		s.cache.put(v, s.db.Now().UnixMilli()).away.Store(true)
	}
	return nil
}
