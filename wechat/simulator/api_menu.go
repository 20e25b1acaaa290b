package simulator

// The limits of the menu. The lengths are bytes.
const (
	maxButtons    = 3
	maxSubButtons = 5
	maxButtonName = 60
	maxButtonKey  = 128
	maxButtonURL  = 1024
)

func createMenu(c *call) (any, *fail) {
	var in struct {
		Buttons []Button `json:"button"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	if len(in.Buttons) < 1 || len(in.Buttons) > maxButtons {
		return nil, failed(40016)
	}
	for _, b := range in.Buttons {
		if f := b.check(true); f != nil {
			return nil, f
		}
	}
	c.acc.menu = in.Buttons
	return ok(), nil
}

func (b *Button) check(top bool) *fail {
	if b.Name == "" || len(b.Name) > maxButtonName {
		return failed(40018)
	}
	if top && len(b.Sub) > 0 {
		if len(b.Sub) > maxSubButtons {
			return failed(40023)
		}
		for _, sub := range b.Sub {
			if f := sub.check(false); f != nil {
				return f
			}
		}
		return nil
	}
	switch b.Type {
	case "click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select":
		if b.Key == "" || len(b.Key) > maxButtonKey {
			return failed(40019)
		}
	case "view", "miniprogram":
		if b.URL == "" || len(b.URL) > maxButtonURL {
			return failed(40020)
		}
	case "media_id", "article_id", "article_view_limited", "view_limited":
	default:
		return failed(40017)
	}
	return nil
}

func getMenu(c *call) (any, *fail) {
	if c.acc.menu == nil {
		return nil, failed(46003)
	}
	return map[string]any{"menu": map[string]any{"button": c.acc.menu}}, nil
}

func deleteMenu(c *call) (any, *fail) {
	c.acc.menu = nil
	return ok(), nil
}
