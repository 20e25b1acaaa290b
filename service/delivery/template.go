package delivery

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/inbound"
	"liuke/wechat"
)

// sameIDFor is how long WeChat sends a template message with the same client id once (fact page, section 6): so long an
// answer that was lost may be asked for again. A minute less, for clocks.
const sameIDFor = 9 * time.Minute

// template sends by a service template. The delivery's id is the client id, so that a repeat does no harm.
func (s *Service) template(ctx context.Context, api *wechat.API, d model.Delivery, openID string) outcome {
	var c Content
	if err := json.Unmarshal([]byte(d.Payload), &c); err != nil || c.Template == nil {
		return outcome{state: model.StateRefused, reason: "content_missing", unused: true}
	}
	if !s.renew(ctx, d) {
		return later("lease", time.Second)
	}
	call, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	id, err := api.SendTemplate(call, wechat.TemplateMessage{
		ToUser: openID, TemplateID: c.Template.ID, URL: c.Template.URL, ClientMsgID: d.ID, Data: c.Template.Fields,
	})
	if err == nil {
		return outcome{state: model.StateAccepted, used: true, msgID: id}
	}
	o := s.judge(ctx, d, err, false)
	if o.state == model.StateUnknown && s.db.Now().Sub(model.Time(d.CreatedAt)) < sameIDFor {
		return later(o.reason, backoff(d.Tries))
	}
	return o
}

// EventTx takes what WeChat says later of template messages, and of subscriptions and their notices. It may say so before we have written down its id; then
// settling finds the word waiting. A repeat changes nothing.
func (s *Service) EventTx(tx *database.Tx, batch []inbound.Received) error {
	for _, r := range batch {
		if err := s.subscriptionEvent(tx, r); err != nil {
			return err
		}
		done, is := r.Push.Body.(wechat.TemplateSendFinished)
		msgID := model.ASCIIKey(done.MsgID, 32)
		if !is || msgID == "" {
			continue
		}
		before, err := meet(tx, r.AccountID, msgID)
		if err != nil {
			return err
		}
		if before != "" {
			continue
		}
		status := []rune("finished: " + done.Status)
		err = tx.Model(&model.TemplateResult{}).Where("account_id = ? AND msg_id = ?", r.AccountID, msgID).
			Update("status", string(status[:min(len(status), 64)])).Error
		if err != nil {
			return fmt.Errorf("keep the result of a template message: %w", err)
		}
		var found []model.Delivery
		if err := tx.Where("account_id = ? AND msg_id = ?", r.AccountID, msgID).Limit(1).Find(&found).Error; err != nil {
			return fmt.Errorf("find what was sent by a template: %w", err)
		}
		for _, d := range found {
			if err := s.tellResult(tx, d, reasonOf(done.Status)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) tellResult(tx *database.Tx, d model.Delivery, reason string) error {
	for _, f := range s.results {
		if err := f(tx, d, reason); err != nil {
			return err
		}
	}
	return nil
}

// meet holds the row where id and result meet, so that whichever comes second sees the first, and gives the result that
// has come.
func meet(tx *database.Tx, accountID, msgID string) (status string, err error) {
	row := model.TemplateResult{AccountID: accountID, MsgID: msgID, At: tx.Millis()}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return "", fmt.Errorf("begin the result of a template message: %w", err)
	}
	if err := tx.Lock().First(&row, "account_id = ? AND msg_id = ?", accountID, msgID).Error; err != nil {
		return "", fmt.Errorf("hold the result of a template message: %w", err)
	}
	return row.Status, nil
}

// keepResults is how long results are kept: WeChat sends them within minutes.
const keepResults = 3 * 24 * time.Hour

func (s *Service) sweepResults(ctx context.Context) error {
	_, err := s.db.Exec(ctx, "DELETE FROM template_results WHERE at < ?", s.db.Now().Add(-keepResults).UnixMilli())
	if err != nil {
		return fmt.Errorf("forget old results of template messages: %w", err)
	}
	return nil
}

// reasonOf puts WeChat's words for the end of a template message in ours. They come with and without blanks.
func reasonOf(status string) string {
	switch status = strings.ReplaceAll(strings.ToLower(status), " ", ""); {
	case strings.HasSuffix(status, "success"):
		return ""
	case strings.Contains(status, "block"):
		return "blocked"
	case strings.Contains(status, "freq"):
		return "too_often"
	}
	return "wechat_failed"
}
