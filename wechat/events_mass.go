package wechat

func massSendFinished(id string, t *tree) Body {
	body := MassSendFinished{
		MsgID:       id,
		Status:      t.get(top, "Status"),
		TotalCount:  number(t.get(top, "TotalCount")),
		FilterCount: number(t.get(top, "FilterCount")),
		SentCount:   number(t.get(top, "SentCount")),
		ErrorCount:  number(t.get(top, "ErrorCount")),
		CheckState:  number(t.anywhere("CheckState")),
	}
	for _, item := range t.named("item") {
		index := number(t.get(item, "ArticleIdx"))
		if t.within(item, "ArticleUrlResult") {
			body.Articles = append(body.Articles, ArticleURL{Index: index, URL: t.get(item, "ArticleUrl")})
			continue
		}
		body.Copyright = append(body.Copyright, CopyrightItem{
			Index:             index,
			UserDeclareState:  number(t.get(item, "UserDeclareState")),
			AuditState:        number(t.get(item, "AuditState")),
			OriginalURL:       t.get(item, "OriginalArticleUrl"),
			OriginalType:      number(t.get(item, "OriginalArticleType")),
			CanReprint:        number(t.get(item, "CanReprint")) == 1,
			NeedReplace:       number(t.get(item, "NeedReplaceContent")) == 1,
			NeedReprintSource: number(t.get(item, "NeedShowReprintSource")) == 1,
		})
	}
	return body
}

// within says whether an inner element stands somewhere inside another of that name.
func (t *tree) within(element int, name string) bool {
	for parent := t.inners[element].parent; parent != top; parent = t.inners[parent].parent {
		if t.inners[parent].name == name {
			return true
		}
	}
	return false
}
