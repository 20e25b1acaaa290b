package delivery

import (
	"context"
	"fmt"

	"liuke/model"
)

// look is what was seen right before a delivery leaves: its receiver, his allowance, and why it must not, if whoever checks
// deliveries of that purpose says so.
type look struct {
	follower  model.Follower
	allowance model.Allowance
	reason    string
	err       error
}

// look looks at several at once, by delivery.
func (s *Service) look(ctx context.Context, all []model.Delivery) map[string]look {
	followers, allowances, err := s.receivers(ctx, all)
	reasons := map[string]string{}
	if err == nil {
		reasons, err = s.check(ctx, all)
	}
	looks := make(map[string]look, len(all))
	for _, d := range all {
		looks[d.ID] = look{followers[d.FollowerID], allowances[d.FollowerID], reasons[d.ID], err}
	}
	return looks
}

// receivers reads followers and their allowances as they are now. Text messages have none.
func (s *Service) receivers(ctx context.Context, all []model.Delivery) (map[string]model.Follower, map[string]model.Allowance, error) {
	var ids []string
	for _, d := range all {
		if d.FollowerID != "" {
			ids = append(ids, d.FollowerID)
		}
	}
	if len(ids) == 0 {
		return nil, nil, nil
	}
	var people []model.Follower
	if err := s.db.Read(ctx).Where("id IN ?", ids).Find(&people).Error; err != nil {
		return nil, nil, fmt.Errorf("find followers: %w", err)
	}
	var rows []model.Allowance
	if err := s.db.Read(ctx).Where("follower_id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, nil, fmt.Errorf("read allowances: %w", err)
	}
	followers, allowances := map[string]model.Follower{}, map[string]model.Allowance{}
	for _, f := range people {
		followers[f.ID] = f
	}
	for _, a := range rows {
		allowances[a.FollowerID] = a
	}
	return followers, allowances, nil
}

// check asks those who check deliveries of a purpose, and gives the reasons of those that must not leave.
func (s *Service) check(ctx context.Context, all []model.Delivery) (map[string]string, error) {
	groups := map[string][]model.Delivery{}
	for _, d := range all {
		if s.checks[d.Purpose] != nil {
			groups[d.Purpose] = append(groups[d.Purpose], d)
		}
	}
	reasons := map[string]string{}
	for purpose, group := range groups {
		found, err := s.checks[purpose](ctx, group)
		if err != nil {
			return nil, err
		}
		for id, reason := range found {
			reasons[id] = reason
		}
	}
	return reasons, nil
}
