package simulator

func clearQuota(c *call) (any, *fail) {
	var in struct {
		AppID string `json:"appid"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	if in.AppID != c.acc.AppID {
		return nil, failed(40013)
	}
	return c.clear(c.acc)
}

// clearQuotaBySecret takes its parameters from the body or, as older pages say, from the query.
func clearQuotaBySecret(c *call) (any, *fail) {
	in := struct {
		AppID  string `json:"appid"`
		Secret string `json:"appsecret"`
	}{c.query.Get("appid"), c.query.Get("appsecret")}
	if in.AppID == "" {
		if f := c.json(&in); f != nil {
			return nil, f
		}
	}
	acc, f := c.credentials(in.AppID, in.Secret)
	if f != nil {
		return nil, f
	}
	return c.clear(acc)
}

func (c *call) clear(acc *account) (any, *fail) {
	if acc.cleared.at(c.at) >= clearPerMonth {
		return nil, failed(48006)
	}
	acc.cleared.add(c.at)
	for _, q := range acc.quotas {
		q.day, q.usedMinute = dayCount{}, 0
	}
	return ok(), nil
}

func getQuota(c *call) (any, *fail) {
	var in struct {
		Path string `json:"cgi_path"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	q := c.acc.quota(in.Path)
	type numbers struct {
		Limit  int `json:"daily_limit"`
		Used   int `json:"used"`
		Remain int `json:"remain"`
	}
	used := q.day.at(c.at)
	return struct {
		done
		Quota numbers `json:"quota"`
	}{ok(), numbers{q.perDay, used, max(0, q.perDay-used)}}, nil
}
