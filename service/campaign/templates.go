package campaign

import (
	"context"
	"errors"
	"time"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/wechat"
)

// Templates lists what the account may send by: its service templates (model.ChannelTemplate) or those of subscription
// notices (model.ChannelSubscription), as WeChat knows them now. Where WeChat gives none the reason is in an Upstream fault:
// who writes a campaign types the id then.
func (s *Service) Templates(ctx context.Context, actor access.Actor, channel string) ([]wechat.Template, error) {
	if !actor.Is(model.RoleOwner, model.RoleManager) {
		return nil, fault.New(fault.Forbidden, "role")
	}
	credentials, err := s.accounts.Credentials(ctx, actor.AccountID)
	if err != nil {
		return nil, err
	}
	api := s.wechat.Account(credentials)
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	list := api.Templates
	if channel == model.ChannelSubscription {
		list = api.SubscribeTemplates
	}
	all, err := list(ctx)
	if err == nil {
		return all, nil
	}
	reason := "wechat_unreachable"
	var e *wechat.Error
	if errors.As(err, &e) {
		reason = "wechat_" + e.Reason
	}
	return nil, fault.New(fault.Upstream, reason).Because(err)
}

// listTimeout is how long somebody who writes a campaign waits for WeChat.
const listTimeout = 5 * time.Second
