package delivery

import (
	"encoding/json"
	"fmt"
	"slices"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/fault"
)

// rowsAtOnce bounds the rows of one statement.
const rowsAtOnce = 200

// Content is what a message says, by kind: text: Text; image, voice, video: MediaID (ours), Title, Description; news:
// Title, Description, URL, PicURL; miniprogram: Title, AppID, PagePath, MediaID as cover.
type Content struct {
	Text        string `json:"text,omitempty"`
	MediaID     string `json:"media_id,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	URL         string `json:"url,omitempty"`
	PicURL      string `json:"pic_url,omitempty"`
	AppID       string `json:"app_id,omitempty"`
	PagePath    string `json:"page_path,omitempty"`

	// Template is what goes by a service template or as a subscription notice; Text is then what the conversation shows.
	Template *Template `json:"template,omitempty"`
	// SMS is what goes as a text message; Text is then what the conversation shows.
	SMS *SMS `json:"sms,omitempty"`
}

// Template is a service template of the account with the text of its fields.
type Template struct {
	ID     string            `json:"id"`
	URL    string            `json:"url,omitempty"`
	Fields map[string]string `json:"fields"`
}

// Order is one thing to send.
type Order struct {
	Follower       model.Follower // of a text message: without id, for its member needs not follow
	ConversationID string
	MessageID      string
	Purpose        string // model.Purpose…
	SourceKind     string
	SourceID       string
	AuthorKind     string
	AuthorID       string
	OnBehalfOf     string
	Channel        string // model.Channel…; empty: customer
	ChannelReason  string // why that one
	Kind           string
	Content        Content
	DedupeKey      string // the same key twice is a duplicate-key error; empty: none
	ExpiresAt      int64  // after that it is refused instead of sent; 0 = never
}

// EnqueueTx writes a delivery down. Its state says what will become of it: queued, pending when the allowance is used
// up, or refused when the follower has left (a greeting is refused instead of pending: it is worth nothing later).
func (s *Service) EnqueueTx(tx *database.Tx, o Order) (model.Delivery, error) {
	all, err := s.EnqueueAllTx(tx, []Order{o})
	if err != nil {
		return model.Delivery{}, err
	}
	return all[0], nil
}

// EnqueueAllTx is EnqueueTx for many, in few statements however many there are. Those of one follower are in their order.
func (s *Service) EnqueueAllTx(tx *database.Tx, orders []Order) ([]model.Delivery, error) {
	var receivers []model.Follower
	for _, o := range orders {
		if o.Channel != model.ChannelSMS {
			receivers = append(receivers, o.Follower)
		}
	}
	allowances, err := s.allowances(tx, receivers)
	if err != nil {
		return nil, err
	}
	all := make([]model.Delivery, len(orders))
	reserved := map[string]bool{}
	for i, o := range orders {
		if all[i], err = draft(o, tx.Millis()); err != nil {
			return nil, err
		}
		if err := place(tx, &all[i], o, allowances[o.Follower.ID]); err != nil {
			return nil, err
		}
		if all[i].WindowKind != model.WindowNone {
			reserved[o.Follower.ID] = true
		}
	}
	var rows []model.Allowance
	for id := range reserved {
		allowances[id].UpdatedAt = tx.Millis()
		rows = append(rows, *allowances[id])
	}
	if err := saveAllowances(tx, rows); err != nil {
		return nil, err
	}
	if err := s.logAtOnce(tx, all, orders); err != nil {
		return nil, err
	}
	return all, s.write(tx, all)
}

// draft is the row of an order.
func draft(o Order, now int64) (model.Delivery, error) {
	payload, err := json.Marshal(o.Content)
	if err != nil {
		return model.Delivery{}, fmt.Errorf("encode content: %w", err)
	}
	d := model.Delivery{
		ID: model.NewID(), AccountID: o.Follower.AccountID, FollowerID: o.Follower.ID, MemberID: o.Follower.MemberID,
		ConversationID: o.ConversationID, MessageID: o.MessageID, Purpose: o.Purpose, SourceKind: o.SourceKind,
		SourceID: o.SourceID, AuthorKind: o.AuthorKind, AuthorID: o.AuthorID, OnBehalfOf: o.OnBehalfOf,
		Channel: o.Channel, ChannelReason: o.ChannelReason, Kind: o.Kind, Payload: string(payload),
		State: model.StateQueued, DueAt: now, ExpiresAt: o.ExpiresAt, CreatedAt: now, UpdatedAt: now,
	}
	if o.DedupeKey != "" {
		d.DedupeKey = &o.DedupeKey
	}
	if d.Channel == "" {
		d.Channel, d.ChannelReason = model.ChannelCustomer, "conversation"
	}
	return d, nil
}

// place takes what a delivery needs to leave (a window, a grant), or says why it does not. a is the allowance of its follower,
// locked.
func place(tx *database.Tx, d *model.Delivery, o Order, a *model.Allowance) error {
	switch {
	case d.Channel == model.ChannelSMS: // its member needs not follow
	case !o.Follower.Subscribed:
		d.State, d.Reason = model.StateRefused, "unsubscribed"
	case d.Channel == model.ChannelSubscription:
		had, err := useGrant(tx, o.Follower, o.Content)
		if err != nil {
			return err
		}
		if !had {
			d.State, d.Reason = model.StateRefused, reasonNoGrant
		}
	case d.Channel == model.ChannelCustomer:
		if d.WindowKind = a.Reserve(tx.Millis()); d.WindowKind != model.WindowNone {
			return nil
		}
		d.State, d.Reason = held(d.Purpose, "quota_used_up")
		if left, until := a.Left(tx.Millis()); left == 0 && until == 0 {
			d.State, d.Reason = held(d.Purpose, reasonClosed)
		}
	}
	return nil
}

// logAtOnce shows in the conversations what does not wait until it has left.
func (s *Service) logAtOnce(tx *database.Tx, all []model.Delivery, orders []Order) error {
	if s.logged == nil {
		return nil
	}
	var entries []Entry
	var at []int
	for i, d := range all {
		if d.Channel != model.ChannelSMS && d.MessageID == "" && d.ConversationID != "" && !shownOnceSent(d) {
			entries, at = append(entries, Entry{d, orders[i].Content}), append(at, i)
		}
	}
	if len(entries) == 0 {
		return nil
	}
	ids, err := s.logged(tx, entries)
	for n, id := range ids {
		all[at[n]].MessageID = id
	}
	return err
}

func (s *Service) write(tx *database.Tx, all []model.Delivery) error {
	if len(all) == 0 {
		return nil
	}
	if err := tx.CreateInBatches(&all, rowsAtOnce).Error; err != nil {
		return fmt.Errorf("write deliveries: %w", err)
	}
	if slices.ContainsFunc(all, func(d model.Delivery) bool { return d.State == model.StateQueued }) {
		s.wake(tx)
	}
	return nil
}

// shownOnceSent reports whether the conversation shows a delivery only when it has left: of a campaign that is stopped or
// looks for another channel it shows nothing.
func shownOnceSent(d model.Delivery) bool { return d.Purpose == model.PurposeCampaign }

// held is what becomes of a delivery without allowance. A greeting is worth nothing later; a campaign looks for another
// channel.
func held(purpose, reason string) (state, why string) {
	if purpose == model.PurposeGreeting || purpose == model.PurposeCampaign {
		return model.StateRefused, reason
	}
	return model.StatePending, reason
}

// WithdrawTx takes a pending delivery back by the message it carries. One that is no longer pending is a Conflict
// not_pending.
func (s *Service) WithdrawTx(tx *database.Tx, messageID string) error {
	var d model.Delivery
	err := tx.First(&d, "message_id = ?", messageID).Error
	if database.IsNotFound(err) {
		return fault.New(fault.Conflict, "not_pending")
	}
	if err != nil {
		return fmt.Errorf("find delivery: %w", err)
	}
	r := tx.Model(&model.Delivery{}).Where("id = ? AND state = ?", d.ID, model.StatePending).
		Updates(map[string]any{"state": model.StateWithdrawn, "reason": "", "updated_at": tx.Millis()})
	if r.Error != nil {
		return fmt.Errorf("withdraw delivery: %w", r.Error)
	}
	if r.RowsAffected != 1 {
		return fault.New(fault.Conflict, "not_pending")
	}
	d.State, d.Reason = model.StateWithdrawn, ""
	return s.tell(tx, d)
}
