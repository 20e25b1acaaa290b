package media

import (
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"liuke/model"
)

// describe completes what the OpenAPI document says of the room.
func describe(doc *huma.OpenAPI) {
	file := &huma.Schema{Type: huma.TypeString, Format: "binary"}

	upload := doc.Paths["/api/media"].Post
	upload.Parameters = append(upload.Parameters, &huma.Param{
		Name: "kind", In: "query", Required: true, Description: "image: png, jpeg, gif; voice: amr, mp3; video: mp4",
		Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{model.KindImage, model.KindVoice, model.KindVideo}},
	})
	upload.RequestBody = &huma.RequestBody{
		Required: true, Description: "the file itself, of any declared type, or a form with the field file; what it is, its content says",
		Content: map[string]*huma.MediaType{
			"application/octet-stream": {Schema: file},
			"multipart/form-data": {Schema: &huma.Schema{
				Type: huma.TypeObject, Properties: map[string]*huma.Schema{fileField: file}, Required: []string{fileField},
			}},
		},
	}
	upload.Responses[strconv.Itoa(http.StatusCreated)].Content = map[string]*huma.MediaType{
		"application/json": {Schema: doc.Components.Schemas.Schema(reflect.TypeFor[Upload](), true, "Upload")},
	}

	get := doc.Paths["/api/media/{id}"].Get
	get.Responses[strconv.Itoa(http.StatusOK)].Content = map[string]*huma.MediaType{"*/*": {Schema: file}}
	for status, what := range map[int]string{
		http.StatusPartialContent:               "the part that the Range header asks for",
		http.StatusNotModified:                  "the caller's copy is still right",
		http.StatusRequestedRangeNotSatisfiable: "there is no such part",
	} {
		get.Responses[strconv.Itoa(status)] = &huma.Response{Description: what}
	}
}
