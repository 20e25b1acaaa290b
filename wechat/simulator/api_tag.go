package simulator

import (
	"slices"
	"unicode/utf8"
)

// The limits of tags (WeChat: "user tag management").
const (
	maxTags       = 100
	maxTagName    = 30 // characters
	maxTagsOfUser = 20
	tagBatch      = 50
	tagKeep       = 100_000 // a tag of more people cannot be deleted
	firstTagID    = 100     // 0, 1 and 2 are WeChat's own
)

type tag struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Count int    `json:"count"`
}

func (acc *account) tag(id int) *tag {
	for _, t := range acc.tags {
		if t.ID == id {
			return t
		}
	}
	return nil
}

func (c *call) countTag(id int) int {
	return len(c.members(c.acc, func(r *relation) bool { return r.subscribed && slices.Contains(r.tags, id) }))
}

type tagInput struct {
	Tag struct {
		ID   int    `json:"id"`
		Name string `json:"name"`
	} `json:"tag"`
}

func (c *call) checkTagName(name string, self int) *fail {
	if utf8.RuneCountInString(name) > maxTagName {
		return failed(45158)
	}
	taken := slices.ContainsFunc(c.acc.tags, func(t *tag) bool { return t.Name == name && t.ID != self })
	if name == "" || taken {
		return failed(45157)
	}
	return nil
}

// ownTag finds a tag that the account may change.
func (c *call) ownTag(id int) (*tag, *fail) {
	if id >= 0 && id <= 2 {
		return nil, failed(45058)
	}
	if t := c.acc.tag(id); t != nil {
		return t, nil
	}
	return nil, failed(45159)
}

func createTag(c *call) (any, *fail) {
	var in tagInput
	if f := c.json(&in); f != nil {
		return nil, f
	}
	if f := c.checkTagName(in.Tag.Name, -1); f != nil {
		return nil, f
	}
	own := 0
	for _, t := range c.acc.tags {
		if t.ID >= firstTagID {
			own++
		}
	}
	if own >= maxTags {
		return nil, failed(45056)
	}
	t := &tag{ID: firstTagID - 1 + int(c.next("tag"+c.acc.AppID)), Name: in.Tag.Name}
	c.acc.tags = append(c.acc.tags, t)
	return map[string]any{"tag": map[string]any{"id": t.ID, "name": t.Name}}, nil
}

func listTags(c *call) (any, *fail) {
	all := make([]tag, 0, len(c.acc.tags))
	for _, t := range c.acc.tags {
		all = append(all, tag{t.ID, t.Name, c.countTag(t.ID)})
	}
	return map[string]any{"tags": all}, nil
}

func updateTag(c *call) (any, *fail) {
	var in tagInput
	if f := c.json(&in); f != nil {
		return nil, f
	}
	t, f := c.ownTag(in.Tag.ID)
	if f != nil {
		return nil, f
	}
	if f := c.checkTagName(in.Tag.Name, t.ID); f != nil {
		return nil, f
	}
	t.Name = in.Tag.Name
	return ok(), nil
}

func deleteTag(c *call) (any, *fail) {
	var in tagInput
	if f := c.json(&in); f != nil {
		return nil, f
	}
	t, f := c.ownTag(in.Tag.ID)
	if f != nil {
		return nil, f
	}
	if c.countTag(t.ID) > tagKeep {
		return nil, failed(45057)
	}
	c.acc.tags = slices.DeleteFunc(c.acc.tags, func(o *tag) bool { return o == t })
	for _, openid := range c.acc.openids {
		r := c.relations[openid]
		r.tags = slices.DeleteFunc(r.tags, func(id int) bool { return id == t.ID })
	}
	return ok(), nil
}

func tagsOf(c *call) (any, *fail) {
	var in struct {
		OpenID string `json:"openid"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	rels, f := c.fans([]string{in.OpenID}, 1)
	if f != nil {
		return nil, f
	}
	return map[string]any{"tagid_list": append([]int{}, rels[0].tags...)}, nil
}

func tagMembers(c *call) (any, *fail) {
	var in struct {
		TagID int    `json:"tagid"`
		Next  string `json:"next_openid"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	if c.acc.tag(in.TagID) == nil {
		return nil, failed(45159)
	}
	ids := c.members(c.acc, func(r *relation) bool { return r.subscribed && slices.Contains(r.tags, in.TagID) })
	p, f := page(ids, in.Next, userPage)
	if f != nil {
		return nil, f
	}
	p.Total = 0 // this call does not tell
	return p, nil
}

type tagBatchInput struct {
	OpenIDs []string `json:"openid_list"`
	TagID   int      `json:"tagid"`
}

func batchTag(c *call) (any, *fail) {
	var in tagBatchInput
	if f := c.json(&in); f != nil {
		return nil, f
	}
	rels, f := c.tagged(in)
	if f != nil {
		return nil, f
	}
	for _, r := range rels {
		if !r.subscribed {
			return nil, failed(43004)
		}
		if !slices.Contains(r.tags, in.TagID) && len(r.tags) >= maxTagsOfUser {
			return nil, failed(45059)
		}
	}
	for _, r := range rels {
		if !slices.Contains(r.tags, in.TagID) {
			r.tags = append(r.tags, in.TagID)
		}
	}
	return ok(), nil
}

func batchUntag(c *call) (any, *fail) {
	var in tagBatchInput
	if f := c.json(&in); f != nil {
		return nil, f
	}
	rels, f := c.tagged(in)
	if f != nil {
		return nil, f
	}
	for _, r := range rels {
		r.tags = slices.DeleteFunc(r.tags, func(id int) bool { return id == in.TagID })
	}
	return ok(), nil
}

func (c *call) tagged(in tagBatchInput) ([]*relation, *fail) {
	rels, f := c.fans(in.OpenIDs, tagBatch)
	if f != nil {
		return nil, f
	}
	if c.acc.tag(in.TagID) == nil {
		return nil, failed(45159)
	}
	return rels, nil
}
