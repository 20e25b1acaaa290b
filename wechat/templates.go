package wechat

import (
	"context"
	"net/http"
	"regexp"
	"strings"
)

const (
	apiTemplates          = "template/get_all_private_template"
	apiSubscribeTemplates = "newtmpl/gettemplate"
)

// Template is one of the account's templates. WeChat keeps two libraries: an id of one is refused by the other's send.
type Template struct {
	ID      string
	Title   string
	Content string // with {{thing1.DATA}} where a field goes
	Example string
	// LongTerm is of subscription templates only: one accept is enough for ever (public services). Others need one each.
	LongTerm bool
}

// Templates lists what SendTemplate can send by, at most 25. Errors: *Error.
func (a *API) Templates(ctx context.Context) ([]Template, error) {
	var out struct {
		List []struct {
			ID      string `json:"template_id"`
			Title   string `json:"title"`
			Content string `json:"content"`
			Example string `json:"example"`
		} `json:"template_list"`
	}
	if err := a.fetch(ctx, apiTemplates, "/cgi-bin/template/get_all_private_template", &out); err != nil {
		return nil, err
	}
	all := make([]Template, 0, len(out.List))
	for _, t := range out.List {
		all = append(all, Template{ID: t.ID, Title: t.Title, Content: t.Content, Example: t.Example})
	}
	return all, nil
}

// SubscribeTemplates lists what SendSubscribe can send by. Errors: *Error.
func (a *API) SubscribeTemplates(ctx context.Context) ([]Template, error) {
	var out struct {
		List []struct {
			ID      string `json:"priTmplId"`
			Title   string `json:"title"`
			Content string `json:"content"`
			Example string `json:"example"`
			Type    int    `json:"type"` // 2 one-time, 3 long-term
		} `json:"data"`
	}
	if err := a.fetch(ctx, apiSubscribeTemplates, "/wxaapi/newtmpl/gettemplate", &out); err != nil {
		return nil, err
	}
	all := make([]Template, 0, len(out.List))
	for _, t := range out.List {
		all = append(all, Template{ID: t.ID, Title: t.Title, Content: t.Content, Example: t.Example, LongTerm: t.Type == 3})
	}
	return all, nil
}

// fetch reads a list that takes no parameters.
func (a *API) fetch(ctx context.Context, api, path string, out any) error {
	ctx, cancel := context.WithTimeout(ctx, a.client.timeout)
	defer cancel()
	r := request{api: api, method: http.MethodGet, path: path}
	return a.call(ctx, r, takeJSON(ctx, r, out))
}

var fieldInContent = regexp.MustCompile(`\{\{\s*(\w+)\.DATA\s*\}\}`)

// Fields lists the template's fields in their order, each once.
func (t Template) Fields() []TemplateField {
	var fields []TemplateField
	seen := map[string]bool{}
	for line := range strings.Lines(t.Content) {
		from := 0
		for _, at := range fieldInContent.FindAllStringSubmatchIndex(line, -1) {
			name, label := line[at[2]:at[3]], line[from:at[0]]
			from = at[1]
			if !seen[name] {
				seen[name] = true
				fields = append(fields, TemplateField{Name: name, Label: strings.Trim(label, " \t\r\n：:")})
			}
		}
	}
	return fields
}
