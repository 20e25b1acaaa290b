package simulator

// maxDrafts is how many drafts are kept; the oldest go first.
const maxDrafts = 1_000

// draft is an article that a mass send can carry. Only its card is played here, not its page.
type draft struct {
	id, title, digest, url string
}

// addDraft takes the first of the articles; the others would be read on the page only.
func addDraft(c *call) (any, *fail) {
	var in struct {
		Articles []struct {
			Title   string `json:"title"`
			Digest  string `json:"digest"`
			Content string `json:"content"`
			URL     string `json:"content_source_url"`
		} `json:"articles"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	if len(in.Articles) == 0 || in.Articles[0].Title == "" || in.Articles[0].Content == "" {
		return nil, failed(44003)
	}
	if len(in.Articles) > 8 {
		return nil, failed(45008)
	}
	a := in.Articles[0]
	d := draft{c.fresh(43, "draft"), a.Title, a.Digest, a.URL}
	if len(c.acc.drafts) >= maxDrafts {
		c.acc.drafts = c.acc.drafts[1:]
	}
	c.acc.drafts = append(c.acc.drafts, d)
	return map[string]string{"media_id": d.id}, nil
}

func (acc *account) articles(mediaID string) (Received, *fail) {
	for _, d := range acc.drafts {
		if d.id == mediaID {
			return Received{Kind: "news", Title: d.title, Description: d.digest, URL: d.url}, nil
		}
	}
	return Received{Kind: "news"}, failed(40007)
}
