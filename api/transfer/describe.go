package transfer

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/sheet"
)

// describe completes what the OpenAPI document says of the calls that read and write files.
func describe(a *rest.API) {
	rest.DescribeUpload[UploadedImport](a, "/api/member_imports", http.StatusCreated)
	rest.DescribeUpload[UploadedPurchaseImport](a, "/api/purchase_imports", http.StatusCreated)
	a.Describe(describeExports)
}

func describeExports(doc *huma.OpenAPI) {
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
