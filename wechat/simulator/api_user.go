package simulator

import (
	"slices"
	"unicode/utf8"
)

// The limits of the follower calls.
const (
	userPage     = 10_000
	userBatchMax = 100
	maxRemark    = 29 // characters: fewer than 30
)

// userView is what WeChat still tells of a person: no nickname, no avatar, no sex or place since 2021.
type userView struct {
	Subscribe int     `json:"subscribe"`
	OpenID    string  `json:"openid"`
	Language  *string `json:"language,omitempty"`
	Since     int64   `json:"subscribe_time,omitempty"`
	Remark    *string `json:"remark,omitempty"`
	GroupID   *int    `json:"groupid,omitempty"`
	Tags      *[]int  `json:"tagid_list,omitempty"`
	How       string  `json:"subscribe_scene,omitempty"`
	QRScene   *int64  `json:"qr_scene,omitempty"`
	QRString  *string `json:"qr_scene_str,omitempty"`
}

func (r *relation) view() userView {
	v := userView{OpenID: r.openid}
	if !r.subscribed {
		return v
	}
	tags, group, language := append([]int{}, r.tags...), 0, "zh_CN"
	remark, id, str := r.remark, r.qrScene, r.qrSceneStr
	v.Subscribe, v.Since, v.How = 1, r.since.Unix(), r.how
	v.Language, v.Remark, v.GroupID, v.Tags, v.QRScene, v.QRString = &language, &remark, &group, &tags, &id, &str
	return v
}

func userInfo(c *call) (any, *fail) {
	r, f := c.fan(c.query.Get("openid"))
	if f != nil {
		return nil, f
	}
	return r.view(), nil
}

func userBatch(c *call) (any, *fail) {
	var in struct {
		List []struct {
			OpenID string `json:"openid"`
		} `json:"user_list"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	if len(in.List) < 1 || len(in.List) > userBatchMax {
		return nil, failed(40032)
	}
	views := make([]userView, 0, len(in.List))
	for _, u := range in.List {
		r, f := c.fan(u.OpenID)
		if f != nil {
			return nil, f
		}
		views = append(views, r.view())
	}
	return map[string]any{"user_info_list": views}, nil
}

// openidPage is one page of a list of openids.
type openidPage struct {
	Total int         `json:"total,omitempty"`
	Count int         `json:"count"`
	Data  *openidList `json:"data,omitempty"`
	Next  string      `json:"next_openid"`
}

type openidList struct {
	OpenIDs []string `json:"openid"`
}

// page cuts the page after next out of all.
func page(all []string, next string, size int) (openidPage, *fail) {
	start := 0
	if next != "" {
		at := slices.Index(all, next)
		if at < 0 {
			return openidPage{}, failed(40003)
		}
		start = at + 1
	}
	ids := all[start:min(len(all), start+size)]
	p := openidPage{Total: len(all), Count: len(ids)}
	if len(ids) > 0 {
		p.Data, p.Next = &openidList{ids}, ids[len(ids)-1]
	}
	return p, nil
}

// members are the openids of those whose relation fits, in the order of their first follow.
func (s *Simulator) members(acc *account, fits func(*relation) bool) []string {
	ids := []string{}
	for _, openid := range acc.openids {
		if fits(s.relations[openid]) {
			ids = append(ids, openid)
		}
	}
	return ids
}

func userList(c *call) (any, *fail) {
	next := c.query.Get("next_openid")
	// Somebody who has left since the last page still marks the place.
	all := c.members(c.acc, func(r *relation) bool { return r.subscribed || r.openid == next })
	p, f := page(all, next, userPage)
	if f != nil {
		return nil, f
	}
	p.Total = len(c.members(c.acc, func(r *relation) bool { return r.subscribed }))
	return p, nil
}

func updateRemark(c *call) (any, *fail) {
	var in struct {
		OpenID string `json:"openid"`
		Remark string `json:"remark"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	r, f := c.fan(in.OpenID)
	if f != nil {
		return nil, f
	}
	if utf8.RuneCountInString(in.Remark) > maxRemark {
		return nil, failedWith(40035, "remark")
	}
	if !r.subscribed {
		return nil, failed(43004)
	}
	r.remark = in.Remark
	return ok(), nil
}

// The limits of the blacklist.
const (
	blacklistPage  = 1_000
	blacklistBatch = 20
)

func getBlacklist(c *call) (any, *fail) {
	var in struct {
		Begin string `json:"begin_openid"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	p, f := page(c.members(c.acc, func(r *relation) bool { return r.blocked }), in.Begin, blacklistPage)
	if f != nil {
		return nil, f
	}
	return p, nil
}

func batchBlacklist(c *call) (any, *fail)   { return c.setBlocked(true) }
func batchUnblacklist(c *call) (any, *fail) { return c.setBlocked(false) }

func (c *call) setBlocked(blocked bool) (any, *fail) {
	var in struct {
		OpenIDs []string `json:"openid_list"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	rels, f := c.fans(in.OpenIDs, blacklistBatch)
	if f != nil {
		return nil, f
	}
	for _, r := range rels {
		r.blocked = blocked
	}
	return ok(), nil
}

// fans finds all the people of a list that may have up to most entries.
func (c *call) fans(openids []string, most int) ([]*relation, *fail) {
	if len(openids) < 1 || len(openids) > most {
		return nil, failed(40032)
	}
	rels := make([]*relation, 0, len(openids))
	for _, openid := range openids {
		r, known := c.relations[openid]
		switch {
		case !known:
			return nil, failed(40003)
		case r.acc != c.acc:
			return nil, failed(49003)
		}
		rels = append(rels, r)
	}
	return rels, nil
}
