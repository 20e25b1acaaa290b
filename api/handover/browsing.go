package handover

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/service/access"
	"liuke/service/handover"
)

func (r *Room) mountBrowsing(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/browsings", Tag: tag, ID: "listBrowsings", Roles: watchers(),
		Summary: "Days on which somebody opened far more files than usual, the newest first",
	}, r.browsings)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/staff/{id}/opened_files", Tag: tag, ID: "getOpenedFiles", Roles: watchers(),
		Summary: "How many members' files a person opened today and before", Errors: []int{http.StatusNotFound},
	}, r.opened)
}

// Browsing is a day on which somebody opened far more files than on his usual ones.
type Browsing struct {
	ID        string    `json:"id"`
	StaffID   string    `json:"staff_id"`
	StaffName string    `json:"staff_name"`
	StoreID   *string   `json:"store_id"`
	Day       string    `json:"day" format:"date" doc:"of the store"`
	Files     int64     `json:"files" doc:"different members opened on that day"`
	Usual     *int64    `json:"usual" doc:"on a usual day; null: he has not worked long enough to say"`
	Leaving   bool      `json:"leaving" doc:"he had given notice"`
	CreatedAt rest.Time `json:"created_at"`
}

func browsing(b handover.NamedBrowsing) Browsing {
	return Browsing{
		ID: b.ID, StaffID: b.StaffID, StaffName: b.StaffName, StoreID: rest.Null(b.StoreID), Day: b.Day, Files: b.Files, Usual: known(b.Usual),
		Leaving: b.Leaving, CreatedAt: rest.Time(b.CreatedAt),
	}
}

// known is a number that is above nought where anything is known.
func known(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}

func (r *Room) browsings(ctx context.Context, actor access.Actor, in *rest.Paging) (rest.List[Browsing], error) {
	if err := checkCursor(in.Cursor); err != nil {
		return rest.List[Browsing]{}, err
	}
	rows, next, err := r.handover.Browsings(ctx, actor, in.Cursor, in.Limit)
	if err != nil {
		return rest.List[Browsing]{}, err
	}
	return rest.Page(rows, next, browsing), nil
}

// OpenedFiles is how many files a person opened.
type OpenedFiles struct {
	Today   int64       `json:"today"`
	Usual   *int64      `json:"usual" doc:"on a usual day; null: he has not worked long enough to say"`
	TooMany bool        `json:"too_many" doc:"today is far beyond the usual"`
	Days    []OpenedDay `json:"days" doc:"the last 28 before today, the oldest first"`
}

// OpenedDay is one day.
type OpenedDay struct {
	Day   string `json:"day" format:"date"`
	Files int64  `json:"files"`
}

func (r *Room) opened(ctx context.Context, actor access.Actor, in *idInput) (OpenedFiles, error) {
	o, err := r.handover.OpenedBy(ctx, actor, in.ID)
	if err != nil {
		return OpenedFiles{}, err
	}
	v := OpenedFiles{Today: o.Today, Usual: known(o.Usual), TooMany: o.TooMany, Days: make([]OpenedDay, len(o.Days))}
	for i, d := range o.Days {
		v.Days[i] = OpenedDay(d)
	}
	return v, nil
}
