package binding

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/worker"
	"liuke/wechat"
)

// Mint asks for a code. A permanent one (clerk, store) is minted once and given again whenever it is asked for; a
// member's code is temporary and new each time (A1, A4).
type Mint struct {
	Kind     string
	ClerkID  string // clerk: whose code, the caller's own if empty; member: who shall serve him if he has no clerk
	StoreID  string // store: which store, the caller's own if empty
	MemberID string
	Greeting string // set when the code is first minted; empty = the store's or account's
}

// mintLease is how long one instance has for the call that makes a code.
const mintLease = 15 * time.Second

// Mint gives a code ready to be shown. When the stock of permanent codes is used up it is a Conflict stock_used_up; when
// WeChat does not answer it is Upstream, and asking again goes on where this call stopped.
func (s *Service) Mint(ctx context.Context, actor access.Actor, in Mint) (model.Code, error) {
	if utf8.RuneCountInString(in.Greeting) > 600 {
		return model.Code{}, fault.Input("greeting", "length")
	}
	want, err := s.plan(ctx, actor, in)
	if err != nil {
		return want, err
	}
	code, ready, err := s.reserve(ctx, actor, want)
	if err != nil || ready {
		return code, err
	}
	credentials, err := s.accounts.Credentials(ctx, code.AccountID)
	if err != nil {
		return code, err
	}
	request := wechat.QRRequest{Scene: code.Scene, Permanent: code.Target != nil}
	if !request.Permanent {
		request.ExpireIn = model.MemberCodeLife * time.Second
	}
	ticket, err := s.wechat.Account(credentials).CreateQR(ctx, request)
	if err != nil {
		return code, s.failed(ctx, code, err)
	}
	return s.finish(ctx, code, ticket)
}

// plan works out what the code shall stand for and whether the actor may have it.
func (s *Service) plan(ctx context.Context, actor access.Actor, in Mint) (model.Code, error) {
	c := model.Code{
		ID: model.NewID(), AccountID: actor.AccountID, Kind: in.Kind, Scene: newScene(), Greeting: in.Greeting,
		State: model.CodeMinting, CreatedBy: actor.StaffID,
	}
	switch in.Kind {
	case model.CodeClerk:
		clerk, err := s.clerk(ctx, actor, in.ClerkID)
		if err != nil {
			return c, err
		}
		c.ClerkID, c.StoreID = clerk.ID, clerk.StoreID
		c.Target = target(c.Kind, clerk.ID)
	case model.CodeStore:
		id := in.StoreID
		if id == "" {
			id = actor.StoreID
		}
		if id == "" {
			return c, fault.Input("store_id", "required")
		}
		if err := s.storeInScope(ctx, actor, id); err != nil {
			return c, err
		}
		c.StoreID = id
		c.Target = target(c.Kind, id)
	case model.CodeMember:
		return c, s.planMember(ctx, actor, in, &c)
	default:
		return c, fault.Input("kind", "unknown")
	}
	return c, nil
}

func target(kind, id string) *string {
	key := kind + ":" + id
	return &key
}

func (s *Service) planMember(ctx context.Context, actor access.Actor, in Mint, c *model.Code) error {
	if in.MemberID == "" {
		return fault.Input("member_id", "required")
	}
	scope := actor.Members(s.db.Now().UnixMilli())
	var m model.Member
	err := s.db.Read(ctx).Where(scope.SQL, scope.Args...).Where("members.merged_into = ''").First(&m, "members.id = ?", in.MemberID).Error
	if database.IsNotFound(err) {
		return fault.New(fault.NotFound, "member_not_found")
	}
	if err != nil {
		return fmt.Errorf("find member: %w", err)
	}
	c.MemberID, c.ClerkID, c.StoreID = m.ID, m.ClerkID, m.StoreID
	c.ExpiresAt = s.db.Now().UnixMilli() + model.MemberCodeLife*1000
	if m.ClerkID != "" {
		return nil
	}
	if in.ClerkID == "" && !actor.Is(model.RoleClerk) {
		return nil // nobody's member: the scan finds a clerk on duty in his store
	}
	clerk, err := s.clerk(ctx, actor, in.ClerkID)
	if err != nil {
		return err
	}
	c.ClerkID, c.StoreID = clerk.ID, clerk.StoreID
	return nil
}

// clerk finds a serving person within the actor's reach: himself, his store's, his account's.
func (s *Service) clerk(ctx context.Context, actor access.Actor, id string) (model.Staff, error) {
	if id == "" {
		id = actor.StaffID
	}
	var people []model.Staff
	if model.ValidID(id) {
		err := s.db.Read(ctx).Where("id = ? AND account_id = ? AND active = ?", id, actor.AccountID, true).Find(&people).Error
		if err != nil {
			return model.Staff{}, fmt.Errorf("find clerk: %w", err)
		}
	}
	if len(people) == 0 || actor.Is(model.RoleManager) && people[0].StoreID != actor.StoreID {
		return model.Staff{}, fault.Missing("clerk_id")
	}
	if actor.Is(model.RoleClerk, model.RoleSupport) && id != actor.StaffID {
		return model.Staff{}, fault.New(fault.Forbidden, "not_your_code")
	}
	if people[0].StoreID == "" {
		return model.Staff{}, fault.Input("clerk_id", "no_store")
	}
	return people[0], nil
}

func (s *Service) storeInScope(ctx context.Context, actor access.Actor, id string) error {
	var n int64
	err := s.db.Read(ctx).Model(&model.Store{}).Where("id = ? AND account_id = ?", id, actor.AccountID).Count(&n).Error
	if err != nil {
		return fmt.Errorf("find store: %w", err)
	}
	if n == 0 || !actor.Is(model.RoleOwner, model.RoleSupervisor, model.RoleSupport) && id != actor.StoreID {
		return fault.New(fault.NotFound, "store_not_found")
	}
	return nil
}

// newScene is a random name: it tells nothing and cannot be guessed.
func newScene() string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))
}

// waitForMint is how long a second caller waits for the first one's call.
const waitForMint = 9 * time.Second

// reserve writes the code down before WeChat is asked, so that a crash in between neither mints twice nor loses count
// of the stock. It gives ready = true for a code that is there already.
func (s *Service) reserve(ctx context.Context, actor access.Actor, want model.Code) (model.Code, bool, error) {
	deadline := s.db.Now().Add(waitForMint)
	for {
		code, mine, err := s.tryReserve(ctx, actor, want)
		if err == nil && code.State == model.CodeReady {
			return code, true, nil
		}
		if err != nil && !database.IsDuplicate(err) || mine {
			return code, false, err
		}
		if s.db.Now().After(deadline) {
			return code, false, fault.New(fault.Unavailable, "code_being_made")
		}
		timer := time.NewTimer(50 * time.Millisecond) // another call is making this very code
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return code, false, ctx.Err()
		}
	}
}

func (s *Service) tryReserve(ctx context.Context, actor access.Actor, want model.Code) (code model.Code, mine bool, err error) {
	err = s.db.InTx(ctx, func(tx *database.Tx) error {
		code, mine = want, false
		if want.Target != nil {
			var there []model.Code
			err := tx.Where("account_id = ? AND target = ?", want.AccountID, *want.Target).Find(&there).Error
			if err != nil {
				return fmt.Errorf("find code: %w", err)
			}
			if len(there) == 1 {
				code = there[0]
				if code.State == model.CodeReady {
					return nil
				}
				below, above := worker.Lapsed(tx.Now, mintLease)
				r := tx.Model(&model.Code{}).Where("id = ? AND state = ? AND (lease_until < ? OR lease_until > ?)", code.ID, model.CodeMinting, below, above).
					Update("lease_until", tx.Now.Add(mintLease).UnixMilli())
				mine = r.RowsAffected == 1
				return r.Error
			}
			r := tx.Model(&model.Account{}).Where("id = ? AND codes_used < ?", want.AccountID, model.PermanentCodes).
				Update("codes_used", gormInc("codes_used"))
			if r.Error != nil {
				return fmt.Errorf("count stock: %w", r.Error)
			}
			if r.RowsAffected == 0 {
				return fault.New(fault.Conflict, "stock_used_up")
			}
		}
		code.CreatedAt, code.LeaseUntil = tx.Millis(), tx.Now.Add(mintLease).UnixMilli()
		if err := tx.Create(&code).Error; err != nil {
			return fmt.Errorf("reserve code: %w", err)
		}
		mine = true
		return s.audit.RecordTx(tx, actor, audit.Entry{
			Action: "code.create", Object: "code", ObjectID: code.ID, MemberID: code.MemberID, Detail: code.Kind,
		})
	})
	return code, mine, err
}

// finish writes down what WeChat made.
func (s *Service) finish(ctx context.Context, code model.Code, ticket wechat.QRTicket) (model.Code, error) {
	code.State, code.Ticket, code.URL, code.LeaseUntil = model.CodeReady, ticket.Ticket, ticket.URL, 0
	if ticket.ExpireIn > 0 {
		code.ExpiresAt = s.db.Now().Add(ticket.ExpireIn).UnixMilli()
	}
	_, err := s.db.Exec(ctx, "UPDATE codes SET state = ?, ticket = ?, url = ?, expires_at = ?, lease_until = 0 WHERE id = ? AND state = ?",
		code.State, code.Ticket, code.URL, code.ExpiresAt, code.ID, model.CodeMinting)
	if err != nil {
		return code, fmt.Errorf("keep code: %w", err)
	}
	return code, nil
}

// failed lets the next caller try again at once and tells this one what happened.
func (s *Service) failed(ctx context.Context, code model.Code, cause error) error {
	if _, err := s.db.Exec(context.WithoutCancel(ctx), "UPDATE codes SET lease_until = 0 WHERE id = ? AND state = ?", code.ID, model.CodeMinting); err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "free code", slog.Any("error", err))
	}
	reason := "wechat_unreachable"
	var e *wechat.Error
	if errors.As(cause, &e) {
		reason = "wechat_" + e.Reason
		if e.Reaction == wechat.ReactStopAccount {
			if err := s.accounts.StopSending(ctx, code.AccountID, e.Reason); err != nil {
				s.log.LogAttrs(ctx, slog.LevelWarn, "stop account", slog.Any("error", err))
			}
		}
	}
	return fault.New(fault.Upstream, reason).Because(cause)
}
