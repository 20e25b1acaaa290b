package simulator

import "slices"

type templateView struct {
	ID      string `json:"template_id"`
	Title   string `json:"title"`
	Content string `json:"content"`
}

func listTemplates(c *call) (any, *fail) {
	all := []templateView{}
	for _, t := range c.acc.templates {
		if !t.Subscribe {
			all = append(all, templateView{t.ID, t.Title, t.Content})
		}
	}
	return map[string]any{"template_list": all}, nil
}

func listSubscribeTemplates(c *call) (any, *fail) {
	type view struct {
		ID      string `json:"priTmplId"`
		Title   string `json:"title"`
		Content string `json:"content"`
		Type    int    `json:"type"` // 2 = one-time
	}
	all := []view{}
	for _, t := range c.acc.templates {
		if t.Subscribe {
			all = append(all, view{t.ID, t.Title, t.Content, 2})
		}
	}
	return struct {
		done
		Data []view `json:"data"`
	}{ok(), all}, nil
}

// addTemplate takes any number from the public library and makes the same plain template of it.
func addTemplate(c *call) (any, *fail) {
	var in struct {
		Short    string   `json:"template_id_short"`
		Keywords []string `json:"keyword_name_list"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	if in.Short == "" {
		return nil, failedWith(40035, "template_id_short")
	}
	if len(c.acc.templates) >= maxTemplates {
		return nil, failedWith(45026, "template num exceeds limit")
	}
	t := &Template{ID: c.fresh(43, "template"), Title: "服务通知", Content: "{{thing1.DATA}}\n{{time2.DATA}}"}
	c.acc.templates = append(c.acc.templates, t)
	return struct {
		done
		ID string `json:"template_id"`
	}{ok(), t.ID}, nil
}

func deleteTemplate(c *call) (any, *fail) {
	var in struct {
		ID string `json:"template_id"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	if c.acc.template(in.ID, false) == nil {
		return nil, failed(40037)
	}
	c.acc.templates = slices.DeleteFunc(c.acc.templates, func(t *Template) bool { return t.ID == in.ID })
	return ok(), nil
}
