package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"liuke/model"
	"liuke/service/inbound"
)

type pushCommand struct {
	List  pushListCommand  `cmd:"" help:"List pushes that were set aside, one JSON object a line, the oldest first."`
	Retry pushRetryCommand `cmd:"" help:"Put pushes that were set aside back to work."`
}

type pushListCommand struct {
	Limit int `default:"100" help:"How many at most."`
}

// asideView is one push set aside, without its contents.
type asideView struct {
	ID         string `json:"id"`
	AccountID  string `json:"account_id"`
	MsgType    string `json:"msg_type"`
	Event      string `json:"event,omitempty"`
	Tries      int64  `json:"tries"`
	Reason     string `json:"reason"`
	ReceivedAt int64  `json:"received_at_ms"`
}

// Run lists them.
func (c pushListCommand) Run(w *world) error {
	return withInbound(w, func(s *inbound.Service) error {
		rows, err := s.Aside(w.ctx, c.Limit)
		if err != nil {
			return err
		}
		out := json.NewEncoder(w.stdout)
		for _, r := range rows {
			if err := out.Encode(asideView{r.ID, r.AccountID, r.MsgType, r.Event, r.Tries, r.Reason, r.ReceivedAt}); err != nil {
				return err
			}
		}
		return nil
	})
}

type pushRetryCommand struct {
	ID string `arg:"" optional:"" help:"Only this one."`
}

// Run puts them back; the running program takes them up.
func (c pushRetryCommand) Run(w *world) error {
	if c.ID != "" && !model.ValidID(c.ID) {
		return &usageError{"that is no id of a push"}
	}
	return withInbound(w, func(s *inbound.Service) error {
		n, err := s.Retry(w.ctx, c.ID)
		if err != nil {
			return err
		}
		if n == 0 && c.ID != "" {
			return errors.New("no such push is set aside")
		}
		_, err = fmt.Fprintf(w.stdout, "%d put back to work\n", n)
		return err
	})
}

func withInbound(w *world, f func(*inbound.Service) error) (err error) {
	cfg, log, err := w.settings()
	if err != nil {
		return err
	}
	db, err := openDatabase(w.ctx, cfg, time.Now, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.CheckSchema(w.ctx); err != nil {
		return err
	}
	return f(inbound.New(inbound.Deps{DB: db, Log: slog.New(slog.DiscardHandler)}))
}
