package handover

import (
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/handover"
)

// FileMoves is what a file of moves asks for.
type FileMoves struct {
	Moves   []FileMove    `json:"moves" nullable:"false" doc:"for moves of a plan"`
	Refused []FileRefusal `json:"refused" nullable:"false" doc:"rows that a plan cannot hold"`
	Total   int64         `json:"total" doc:"rows below the headings"`
}

// FileMove is a row that was understood.
type FileMove struct {
	MemberID   string `json:"member_id"`
	MemberName string `json:"member_name"`
	ToClerkID  string `json:"to_clerk_id"`
	Row        int64  `json:"row" doc:"as a spreadsheet numbers it: the headings and empty rows count"`
}

// FileRefusal is a row that was not understood, as it was written.
type FileRefusal struct {
	Row      int64  `json:"row" doc:"as a spreadsheet numbers it: the headings and empty rows count"`
	Reason   string `json:"reason" enum:"empty,member_unknown,member_two,not_his,clerk_unknown,clerk_ambiguous,clerk_left,to_himself,duplicate"`
	MemberID string `json:"member_id"`
	CardNo   string `json:"card_no"`
	Phone    string `json:"phone"`
	Clerk    string `json:"clerk" doc:"who shall get him"`
}

// maxFile lets a form stand around the largest file.
const maxFile = model.MaxImportBytes + 64<<10

func (r *Room) mountFile(a *rest.API) {
	const path = "/api/handovers/moves"
	rest.Raw(a, rest.Operation{
		Method: http.MethodPost, Path: path, Tag: tag, ID: "readMoves", Roles: managers(), MaxBody: maxFile,
		Summary: "Read a file of moves by hand: CSV or XLSX, members by card, phone or id, receivers by phone or name; nothing is planned. Recorded",
		Errors:  []int{http.StatusNotFound},
	}, r.readMoves)
	rest.DescribeUpload[FileMoves](a, path, http.StatusOK)
	a.Describe(func(doc *huma.OpenAPI) {
		post := doc.Paths[path].Post
		post.Parameters = append(post.Parameters, &huma.Param{Name: "from_clerk_id", In: "query", Required: true, Schema: &huma.Schema{Type: huma.TypeString}})
	})
}

func (r *Room) readMoves(c *gin.Context, actor access.Actor) error {
	return rest.Upload(c, http.StatusOK, func(body io.Reader) (FileMoves, error) {
		read, err := r.handover.ReadMoves(c.Request.Context(), actor, model.ASCIIKey(c.Query("from_clerk_id"), 36), body)
		return fileMoves(read), err
	})
}

func fileMoves(read handover.FileMoves) FileMoves {
	out := FileMoves{Moves: make([]FileMove, len(read.Moves)), Refused: make([]FileRefusal, len(read.Refused)), Total: read.Total}
	for i, m := range read.Moves {
		out.Moves[i] = FileMove{m.MemberID, m.MemberName, m.ToClerkID, m.Row}
	}
	for i, r := range read.Refused {
		out.Refused[i] = FileRefusal{r.Row, r.Reason, r.MemberID, r.CardNo, r.Phone, r.Clerk}
	}
	return out
}
