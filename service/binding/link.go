package binding

import (
	"context"
	"fmt"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/feed"
	"liuke/service/inbound"
	"liuke/wechat"
)

// linkLife is how long a code lives by which staff link their own WeChat.
const linkLife = 10 * time.Minute

// LinkCode gives the actor a code to scan once with his own WeChat, so that notices reach his phone (D3).
func (s *Service) LinkCode(ctx context.Context, actor access.Actor) (model.Code, error) {
	code, _, err := s.reserve(ctx, actor, model.Code{
		ID: model.NewID(), AccountID: actor.AccountID, Kind: model.CodeStaffLink, Scene: newScene(), StaffID: actor.StaffID,
		State: model.CodeMinting, ExpiresAt: s.db.Now().Add(linkLife).UnixMilli(), CreatedBy: actor.StaffID,
	})
	if err != nil {
		return code, err
	}
	credentials, err := s.accounts.Credentials(ctx, code.AccountID)
	if err != nil {
		return code, err
	}
	ticket, err := s.wechat.Account(credentials).CreateQR(ctx, wechat.QRRequest{Scene: code.Scene, ExpireIn: linkLife})
	if err != nil {
		return code, s.failed(ctx, code, err)
	}
	return s.finish(ctx, code, ticket)
}

// linkTx takes the scan of a code by which staff link their own WeChat, before anything makes the scanner a member. It
// reports whether the scene was such a code; one that is used up, too old, or of somebody who left, does nothing.
func (s *Service) linkTx(tx *database.Tx, r inbound.Received, scene string) (bool, error) {
	key := model.ASCIIKey(scene, 64)
	if key == "" {
		return false, nil
	}
	var codes []model.Code
	err := tx.Where("account_id = ? AND scene = ? AND kind = ?", r.AccountID, key, model.CodeStaffLink).Find(&codes).Error
	if err != nil || len(codes) == 0 {
		return false, err
	}
	c := codes[0]
	var staff int64
	if err := tx.Model(&model.Staff{}).Where("id = ? AND account_id = ? AND active = ?", c.StaffID, r.AccountID, true).Count(&staff).Error; err != nil {
		return true, fmt.Errorf("find whom to link: %w", err)
	}
	if staff == 0 || c.ExpiresAt <= r.ReceivedAt {
		return true, nil
	}
	used := tx.Model(&model.Code{}).Where("id = ? AND state = ?", c.ID, model.CodeReady).
		Updates(map[string]any{"state": model.CodeUsed, "used_at": tx.Millis()})
	if used.Error != nil {
		return true, fmt.Errorf("use up code: %w", used.Error)
	}
	if used.RowsAffected == 0 {
		return true, nil
	}
	if err := s.members.LinkStaffTx(tx, r.AccountID, r.Push.OpenID(), c.StaffID); err != nil {
		return true, err
	}
	s.feed.PublishTx(tx, feed.Event{AccountID: r.AccountID, Kind: "staff_link"}, feed.Staff(c.StaffID))
	return true, s.audit.RecordTx(tx, access.System(r.AccountID), audit.Entry{Action: "staff.link", Object: "staff", ObjectID: c.StaffID})
}
