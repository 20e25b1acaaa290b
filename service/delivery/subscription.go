package delivery

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/inbound"
	"liuke/wechat"
)

// reasonNoGrant says that the follower allows no more notices by that template.
const reasonNoGrant = "no_grant"

// subscription sends a notice. WeChat takes no id of ours for it: one whose answer was lost is never sent again.
func (s *Service) subscription(ctx context.Context, api *wechat.API, d model.Delivery, openID string) outcome {
	template := templateOf(d)
	if template == nil {
		return outcome{state: model.StateRefused, reason: "content_missing", unused: true}
	}
	if !s.renew(ctx, d) {
		return later("lease", time.Second)
	}
	call, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	err := api.SendSubscribe(call, wechat.SubscribeMessage{ToUser: openID, TemplateID: template.ID, Page: template.URL, Data: template.Fields})
	if err == nil {
		return outcome{state: model.StateAccepted, used: true}
	}
	o := s.judge(ctx, d, err, false)
	if e := asWeChat(err); e != nil && e.Code == codeNoGrant {
		o.reason = reasonNoGrant
	}
	return o
}

// codeNoGrant is WeChat's word that nothing is granted: used up, or switched off (fact page, section 12).
const codeNoGrant = 43101

// templateOf reads by which template a delivery goes; nil for none.
func templateOf(d model.Delivery) *Template {
	var c Content
	if err := json.Unmarshal([]byte(d.Payload), &c); err != nil {
		return nil
	}
	return c.Template
}

// grants are the rows of a follower's grants to a template: one or none.
func grants(db *gorm.DB, accountID, openID, templateID string) *gorm.DB {
	return db.Model(&model.SubscriptionGrant{}).Where("account_id = ? AND openid = ? AND template_id = ?", accountID, openID, templateID)
}

// GrantsTx tells how many notices by a template a follower still allows, and locks that until the end.
func (s *Service) GrantsTx(tx *database.Tx, f model.Follower, templateID string) (int64, error) {
	var left []int64
	if err := grants(tx.Lock(), f.AccountID, f.OpenID, templateID).Pluck("remaining", &left).Error; err != nil {
		return 0, fmt.Errorf("hold a grant: %w", err)
	}
	if len(left) == 0 {
		return 0, nil
	}
	return left[0], nil
}

// Granted tells of some followers of an account how many notices by a template they still allow, by openid.
func (s *Service) Granted(db *gorm.DB, accountID, templateID string, openIDs []string) (map[string]int64, error) {
	var rows []model.SubscriptionGrant
	err := db.Where("account_id = ? AND openid IN ? AND template_id = ? AND remaining > 0", accountID, openIDs, templateID).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read grants: %w", err)
	}
	left := make(map[string]int64, len(rows))
	for _, g := range rows {
		left[g.OpenID] = g.Remaining
	}
	return left, nil
}

// useGrant takes one of a follower's grants; had is false where there is none.
func useGrant(tx *database.Tx, f model.Follower, c Content) (had bool, err error) {
	if c.Template == nil {
		return false, nil
	}
	r := grants(tx.DB, f.AccountID, f.OpenID, c.Template.ID).Where("remaining > 0").
		Updates(map[string]any{"remaining": gorm.Expr("remaining - 1"), "used_at": tx.Millis()})
	if r.Error != nil {
		return false, fmt.Errorf("use a grant: %w", r.Error)
	}
	return r.RowsAffected == 1, nil
}

// returnGrant gives the grant back of a notice that surely was not sent; not where all ended meanwhile.
func returnGrant(tx *database.Tx, d model.Delivery) error {
	template := templateOf(d)
	if d.Channel != model.ChannelSubscription || template == nil {
		return nil
	}
	openID, err := openIDOf(tx, d)
	if err != nil {
		return err
	}
	err = grants(tx.DB, d.AccountID, openID, template.ID).Where("ended_at <= ?", d.CreatedAt).Update("remaining", gorm.Expr("remaining + 1")).Error
	if err != nil {
		return fmt.Errorf("give a grant back: %w", err)
	}
	return nil
}

func openIDOf(tx *database.Tx, d model.Delivery) (string, error) {
	var ids []string
	if err := tx.Model(&model.Follower{}).Where("id = ?", d.FollowerID).Pluck("openid", &ids).Error; err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}

// settleGrant does for a grant what follows from a notice's new state, and reads the id by which its result came before.
func (s *Service) settleGrant(tx *database.Tx, d *model.Delivery) error {
	switch {
	case d.State == model.StateRefused && d.Reason == reasonNoGrant:
		openID, err := openIDOf(tx, *d)
		if err != nil {
			return err
		}
		return endGrant(tx, d.AccountID, openID, templateOf(*d).ID, model.GrantRefused)
	case d.State == model.StateRefused:
		return returnGrant(tx, *d)
	}
	var ids []string
	if err := tx.Model(&model.Delivery{}).Where("id = ?", d.ID).Pluck("msg_id", &ids).Error; err != nil {
		return fmt.Errorf("look for the result of a notice: %w", err)
	}
	if len(ids) == 1 {
		d.MsgID = ids[0]
	}
	return nil
}

func endGrant(tx *database.Tx, accountID, openID, templateID, how string) error {
	err := grants(tx.DB, accountID, openID, templateID).Updates(map[string]any{"remaining": 0, "ended_at": tx.Millis(), "ended_how": how}).Error
	if err != nil {
		return fmt.Errorf("end a grant: %w", err)
	}
	return nil
}

// subscriptionEvent takes accepts, withdrawals and the results of notices. A refusal in the popup takes nothing away that
// was granted before.
func (s *Service) subscriptionEvent(tx *database.Tx, r inbound.Received) error {
	openID := model.ASCIIKey(r.Push.OpenID(), 64)
	if openID == "" {
		return nil
	}
	switch body := r.Push.Body.(type) {
	case wechat.SubscribePopup:
		for _, choice := range body.Lists {
			if id := model.ASCIIKey(choice.TemplateID, 64); choice.Accepted && id != "" {
				if err := grant(tx, r.AccountID, openID, id, choice.Scene); err != nil {
					return err
				}
			}
		}
	case wechat.SubscribeChange:
		for _, choice := range body.Lists {
			if id := model.ASCIIKey(choice.TemplateID, 64); !choice.Accepted && id != "" {
				if err := endGrant(tx, r.AccountID, openID, id, model.GrantWithdrawn); err != nil {
					return err
				}
			}
		}
	case wechat.SubscribeSent:
		for _, result := range body.Lists {
			if err := s.noticeResult(tx, r.AccountID, openID, result); err != nil {
				return err
			}
		}
	}
	return nil
}

// grant adds one. Scene 2 of the popup is an article, all else H5 (fact page, section 2).
func grant(tx *database.Tx, accountID, openID, templateID string, scene int) error {
	how := model.GrantInH5
	if scene == 2 {
		how = model.GrantInArticle
	}
	row := model.SubscriptionGrant{AccountID: accountID, OpenID: openID, TemplateID: templateID}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("begin a grant: %w", err)
	}
	err := grants(tx.DB, accountID, openID, templateID).Updates(map[string]any{
		"remaining": gorm.Expr("remaining + 1"), "granted": gorm.Expr("granted + 1"), "how": how, "granted_at": tx.Millis(),
	}).Error
	if err != nil {
		return fmt.Errorf("keep a grant: %w", err)
	}
	return nil
}

// How many notices of a follower are looked through for the one that a result is of, and how old they may be. Results come
// within minutes and name person and template only, so the latest without a result is meant.
const (
	resultAmong  = 50
	resultWithin = 24 * time.Hour
)

// noticeResult finds the notice that a result is of. One that comes while the call is under way waits for its settling.
func (s *Service) noticeResult(tx *database.Tx, accountID, openID string, result wechat.SubscribeResult) error {
	msgID := model.ASCIIKey(result.MsgID, 32)
	if msgID == "" {
		return nil
	}
	before, err := meet(tx, accountID, msgID)
	if err != nil || before != "" {
		return err
	}
	_, reason := result.Verdict()
	if result.Code == codeNoGrant {
		if err := endGrant(tx, accountID, openID, result.TemplateID, model.GrantRefused); err != nil {
			return err
		}
		reason = reasonNoGrant
	}
	err = tx.Model(&model.TemplateResult{}).Where("account_id = ? AND msg_id = ?", accountID, msgID).Update("status", noticeStatus+reason).Error
	if err != nil {
		return fmt.Errorf("keep the result of a notice: %w", err)
	}
	var sent []model.Delivery
	err = tx.Lock().Where("follower_id IN (SELECT id FROM followers WHERE account_id = ? AND openid = ?)", accountID, openID).
		Where("state IN ? AND channel = ? AND msg_id = '' AND created_at > ?",
			[]string{model.StateSending, model.StateAccepted, model.StateUnknown}, model.ChannelSubscription, tx.Now.Add(-resultWithin).UnixMilli()).
		Order("id DESC").Limit(resultAmong).Find(&sent).Error
	if err != nil {
		return fmt.Errorf("find the notice that a result is of: %w", err)
	}
	for _, d := range sent {
		if template := templateOf(d); template == nil || template.ID != result.TemplateID {
			continue
		}
		if err := tx.Model(&model.Delivery{}).Where("id = ?", d.ID).Update("msg_id", msgID).Error; err != nil {
			return fmt.Errorf("note the id of a notice: %w", err)
		}
		if d.State == model.StateSending {
			return nil
		}
		return s.tellResult(tx, d, reason)
	}
	return nil
}

// noticeStatus begins what is kept of a notice's result; our reason follows, or nothing.
const noticeStatus = "notice: "

// resultOf is the reason in what is kept of a result.
func resultOf(d model.Delivery, status string) string {
	if d.Channel == model.ChannelSubscription {
		return status[min(len(noticeStatus), len(status)):]
	}
	return reasonOf(status)
}
