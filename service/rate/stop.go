package rate

import (
	"context"
	"fmt"
	"sync"
	"time"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
)

// topic is where instances tell each other that an API was stopped.
const topic = "rate"

// stopsFor is how old what is known of stops may be.
const stopsFor = time.Second

// Stop is an API of an account that WeChat answers no more today.
type Stop struct {
	AccountID, API, Reason string
	Until                  int64 // Unix milliseconds
}

// stops are those in force, read from the database at most once a second.
type stops struct {
	mu   sync.Mutex
	read int64 // Unix milliseconds; 0 = read anew
	list []Stop
}

func (s *stops) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read = 0
}

// OnStop registers who tells a person, in the same transaction, that an API was stopped. Only the wiring calls it,
// before the start.
func (s *Service) OnStop(f func(*database.Tx, Stop) error) { s.stopped = append(s.stopped, f) }

// StopToday takes WeChat's word that an account's calls of an API are used up (45009), or that the API was taken away
// from it: it is not called until the next Beijing day, by no instance and after no restart, and a person is told, once
// a day. It is then tried again: that is how a punishment that has ended is noticed.
func (s *Service) StopToday(ctx context.Context, accountID, api, reason string) (until int64, err error) {
	until = model.NextBeijingDay(s.db.Now()).UnixMilli()
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		row := model.APIStop{AccountID: accountID, API: api, At: tx.Millis()}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
			return fmt.Errorf("begin the stop of an api: %w", err)
		}
		if err := tx.Lock().First(&row, "account_id = ? AND api = ?", accountID, api).Error; err != nil {
			return fmt.Errorf("hold the stop of an api: %w", err)
		}
		if row.Until >= until {
			return nil // known already
		}
		err := tx.Model(&model.APIStop{}).Where("account_id = ? AND api = ?", accountID, api).
			Updates(map[string]any{"reason": reason, "stopped_until": until, "at": tx.Millis()}).Error
		if err != nil {
			return fmt.Errorf("stop an api: %w", err)
		}
		for _, f := range s.stopped {
			if err := f(tx, Stop{AccountID: accountID, API: api, Reason: reason, Until: until}); err != nil {
				return err
			}
		}
		tx.AfterCommit(func(context.Context) {
			s.stops.forget()
			s.bus.Publish(topic, "")
		})
		return nil
	})
	return until, err
}

// Stopped lists the APIs that are stopped now, of all accounts, at most a second old.
func (s *Service) Stopped(ctx context.Context) ([]Stop, error) {
	now := s.db.Now().UnixMilli()
	s.stops.mu.Lock()
	defer s.stops.mu.Unlock()
	if now-s.stops.read < 0 || now-s.stops.read >= stopsFor.Milliseconds() {
		var rows []model.APIStop
		if err := s.db.Read(ctx).Where("stopped_until > ?", now).Order("account_id, api").Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("read stopped apis: %w", err)
		}
		s.stops.list = make([]Stop, len(rows))
		for i, r := range rows {
			s.stops.list[i] = Stop{AccountID: r.AccountID, API: r.API, Reason: r.Reason, Until: r.Until}
		}
		s.stops.read = now
	}
	var open []Stop
	for _, stop := range s.stops.list {
		if stop.Until > now {
			open = append(open, stop)
		}
	}
	return open, nil
}
