package simulator

import (
	"encoding/json"
	"strconv"
	"strings"
)

func massPreview(c *call) (any, *fail) {
	var in massInput
	if f := c.json(&in); f != nil {
		return nil, f
	}
	var r *relation
	if in.ToWXName != "" {
		if c.acc.previews.at(c.at) >= previewsPerDay {
			return nil, failed(45009)
		}
		for _, p := range c.persons {
			if p.name == in.ToWXName {
				r = p.rels[c.acc.AppID]
			}
		}
		if r == nil {
			return nil, failed(40132)
		}
		c.acc.previews.add(c.at)
	} else {
		var openid string
		if json.Unmarshal(in.ToUser, &openid) != nil {
			return nil, failed(40003)
		}
		var f *fail
		if r, f = c.fan(openid); f != nil {
			return nil, f
		}
	}
	shown, f := c.massContent(&in)
	if f != nil {
		return nil, f
	}
	if !r.subscribed {
		return nil, failed(43004)
	}
	shown.Via, shown.MsgID = ViaPreview, c.born/100+c.next("mass")
	c.receive(r, shown)
	return massAnswer{0, "preview success", shown.MsgID, 0}, nil
}

// job finds a job by its id, which comes as a number or as a string.
func (c *call) job(id flexible) (*massJob, *fail) {
	n, err := strconv.ParseInt(string(id), 10, 64)
	if err != nil {
		return nil, failedWith(40097, "msg_id")
	}
	for _, j := range c.acc.jobs {
		if j.MsgID == n {
			return j, nil
		}
	}
	return nil, failedWith(40097, "msg_id")
}

func massGet(c *call) (any, *fail) {
	var in struct {
		MsgID flexible `json:"msg_id"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	j, f := c.job(in.MsgID)
	if f != nil {
		return nil, f
	}
	return map[string]any{"msg_id": j.MsgID, "msg_status": j.state(c.real())}, nil
}

// massDelete deletes sent jobs of articles and videos only; what lies on the phones stays there.
func massDelete(c *call) (any, *fail) {
	var in struct {
		MsgID flexible `json:"msg_id"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	j, f := c.job(in.MsgID)
	if f != nil {
		return nil, f
	}
	if !strings.HasPrefix(j.Kind, "mp") {
		return nil, failedWith(40008, "only articles and videos can be deleted")
	}
	j.deleted = true
	return ok(), nil
}

func massSpeedGet(c *call) (any, *fail) {
	return map[string]int{"speed": c.acc.speed, "realspeed": []int{80, 60, 45, 30, 10}[c.acc.speed]}, nil
}

func massSpeedSet(c *call) (any, *fail) {
	var in struct {
		Speed int `json:"speed"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	if in.Speed < 0 || in.Speed > 4 {
		return nil, failed(45083)
	}
	c.acc.speed = in.Speed
	return ok(), nil
}

// MassJobs returns the newest mass sends of an account, oldest first.
func (s *Simulator) MassJobs(appid string) []MassJob {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []MassJob{}
	acc, known := s.accounts[appid]
	if !known {
		return all
	}
	for _, j := range acc.jobs {
		v := j.MassJob
		v.Status = j.state(s.real())
		all = append(all, v)
	}
	return all
}
