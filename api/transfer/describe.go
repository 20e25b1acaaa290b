package transfer

import (
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/sheet"
)

// describe completes what the OpenAPI document says of the calls that read and write files.
func describe(a *rest.API) {
	doc := a.Document()
	file := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	upload := doc.Paths["/api/member_imports"].Post
	upload.RequestBody = &huma.RequestBody{
		Required: true, Description: "the file itself, of any declared type, or a form with the field file; what it is, its content says",
		Content: map[string]*huma.MediaType{
			"application/octet-stream": {Schema: file},
			"multipart/form-data": {Schema: &huma.Schema{
				Type: huma.TypeObject, Properties: map[string]*huma.Schema{"file": file}, Required: []string{"file"},
			}},
		},
	}
	upload.Responses[strconv.Itoa(http.StatusCreated)].Content = map[string]*huma.MediaType{
		"application/json": {Schema: doc.Components.Schemas.Schema(reflect.TypeFor[UploadedImport](), true, "UploadedImport")},
	}
	words := &huma.Schema{Type: huma.TypeString}
	truth := &huma.Schema{Type: huma.TypeString, Enum: []any{"true", "false"}}
	class := &huma.Schema{Type: huma.TypeString, Enum: []any{model.ClassSeed, model.ClassKey}}
	for _, kind := range []string{sheet.CSV, sheet.XLSX} {
		export := doc.Paths["/api/member_exports."+kind].Get
		for _, p := range []struct {
			name   string
			schema *huma.Schema
		}{
			{"q", words},
			{"clerk_id", words},
			{"store_id", words},
			{"tag", words},
			{"class", class},
			{"level", words},
			{"subscribed", truth},
			{"unbound", truth},
			{"phones", truth},
		} {
			export.Parameters = append(export.Parameters, &huma.Param{Name: p.name, In: "query", Schema: p.schema})
		}
	}
}
