package transfer

import (
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/sheet"
	"liuke/service/transfer"
)

// UploadedImport is a file that was read and waits for its start.
type UploadedImport struct {
	Import

	Columns []string       `json:"columns" nullable:"false" doc:"the headings"`
	Preview [][]string     `json:"preview" nullable:"false" doc:"the first 20 rows; a row may be shorter than the headings"`
	Mapping map[string]int `json:"mapping" nullable:"false" doc:"field -> column as the headings suggest"`
}

// upload takes a file as the body itself or as a field of a form.
func (r *Room) upload(c *gin.Context, actor access.Actor) error {
	return rest.Upload(c, http.StatusCreated, func(body io.Reader) (UploadedImport, error) {
		up, err := r.transfer.Upload(c.Request.Context(), actor, model.ImportMembers, body)
		return UploadedImport{view(up.Import), up.Columns, up.Preview, up.Guess}, err
	})
}

func (r *Room) refused(kind string) func(*gin.Context, access.Actor) error {
	return func(c *gin.Context, actor access.Actor) error {
		rest.Download(c, sheet.MediaType(sheet.CSV), "refused.csv")
		return rest.Whole(c, r.transfer.Refused(c.Request.Context(), actor, kind, c.Param("id"), c.Writer))
	}
}

func (r *Room) export(kind string) func(*gin.Context, access.Actor) error {
	return func(c *gin.Context, actor access.Actor) error {
		f := transfer.Filter{
			Query: c.Query("q"), Tag: c.Query("tag"), Class: c.Query("class"), Level: c.Query("level"),
			ClerkID: model.ASCIIKey(c.Query("clerk_id"), 36), StoreID: model.ASCIIKey(c.Query("store_id"), 36),
			Subscribed: truth(c.Query("subscribed")), Unbound: truth(c.Query("unbound")),
		}
		rest.Download(c, sheet.MediaType(kind), "members."+kind)
		return rest.Whole(c, r.transfer.Export(c.Request.Context(), actor, kind, f, c.Query("phones") == "true", c.Writer))
	}
}

// truth is true, false, or nil for what was not given.
func truth(word string) *bool {
	if word != "true" && word != "false" {
		return nil
	}
	is := word == "true"
	return &is
}
