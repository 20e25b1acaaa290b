// Package report is the HTTP side of the figures of stores and clerks.
package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/report"
)

// Room answers the calls about figures.
type Room struct{ report *report.Service }

// New makes the room.
func New(s *report.Service) *Room { return &Room{s} }

const tag = "report"

// Mount adds the operations.
func (r *Room) Mount(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/reports/overview", Tag: tag, ID: "getOverview",
		Summary: "Today's figures of the stores I see, a second old at most but for who waits now", Errors: []int{http.StatusNotFound},
	}, r.overview)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/reports/days", Tag: tag, ID: "listReportDays",
		Summary: "Figures by day, each day of the stores' own zones, for charts",
	}, r.days)
	rest.Raw(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/reports/days.csv", Tag: tag, ID: "exportReportDays", Produces: "text/csv",
		Summary: "The same as a table file; from, to, store_id and clerk_id as there", Errors: []int{http.StatusUnprocessableEntity},
	}, r.export)
}

// Figures are what a day or a store counts.
type Figures struct {
	NewMembers    int64  `json:"new_members"`
	Scans         int64  `json:"scans"`
	Unfollows     int64  `json:"unfollows"`
	MessagesIn    int64  `json:"messages_in"`
	MessagesOut   int64  `json:"messages_out" doc:"answers that WeChat accepted"`
	Answered      int64  `json:"answered" doc:"how often a waiting member got his answer"`
	MedianSeconds *int64 `json:"median_answer_seconds" doc:"null: none answered; estimated within its bucket, at most a day"`
}

func figures(d model.ReportDay) Figures {
	f := Figures{
		NewMembers: d.NewMembers, Scans: d.Scans, Unfollows: d.Unfollows, MessagesIn: d.MessagesIn,
		MessagesOut: d.MessagesOut, Answered: d.Answered,
	}
	if median, ok := d.MedianAnswer(); ok {
		f.MedianSeconds = &median
	}
	return f
}

// StoreToday is how a store stands today.
type StoreToday struct {
	StoreID    *string `json:"store_id" doc:"null: what belongs to no store"`
	StoreName  string  `json:"store_name"`
	Day        string  `json:"day" format:"date"`
	Unanswered int64   `json:"unanswered" doc:"conversations that wait now"`

	Figures
}

// Overview is how the stores stand today.
type Overview struct {
	Items []StoreToday `json:"items" nullable:"false"`
	Total StoreToday   `json:"total" doc:"of all items; its day is that of the first"`
}

type overviewInput struct {
	StoreID string `query:"store_id"`
}

func (r *Room) overview(ctx context.Context, actor access.Actor, in *overviewInput) (Overview, error) {
	rows, err := r.report.Overview(ctx, actor, in.StoreID)
	if err != nil {
		return Overview{}, err
	}
	out := Overview{Items: make([]StoreToday, len(rows))}
	var sum model.ReportDay
	for i, t := range rows {
		out.Items[i] = StoreToday{
			StoreID: rest.Null(t.Store.ID), StoreName: t.Store.Name, Day: t.Day.Day, Unanswered: t.Unanswered, Figures: figures(t.Day),
		}
		sum.Add(t.Day)
		out.Total.Unanswered += t.Unanswered
	}
	out.Total.Figures = figures(sum)
	if len(rows) > 0 {
		out.Total.Day = rows[0].Day.Day
	}
	return out, nil
}

// Day is what one day counts.
type Day struct {
	Day string `json:"day" format:"date"`

	Figures
}

// Days are the days of a span, one after the other.
type Days struct {
	Items []Day `json:"items" nullable:"false"`
	Total Day   `json:"total" doc:"of all items; its day is the last"`
}

type daysInput struct {
	From    string `query:"from" format:"date" doc:"first day; thirty days by default"`
	To      string `query:"to" format:"date" doc:"last day; today by default"`
	StoreID string `query:"store_id"`
	ClerkID string `query:"clerk_id"`
}

func (r *Room) days(ctx context.Context, actor access.Actor, in *daysInput) (Days, error) {
	rows, err := r.report.Days(ctx, actor, report.Filter{From: in.From, To: in.To, StoreID: in.StoreID, ClerkID: in.ClerkID})
	if err != nil {
		return Days{}, err
	}
	out := Days{Items: make([]Day, len(rows))}
	var sum model.ReportDay
	for i, d := range rows {
		out.Items[i] = Day{d.Day, figures(d)}
		out.Total.Day = d.Day
		sum.Add(d)
	}
	out.Total.Figures = figures(sum)
	return out, nil
}

// bom makes spreadsheets read the file as UTF-8.
const bom = "\ufeff"

func (r *Room) export(c *gin.Context, actor access.Actor) error {
	rows, err := r.report.Export(c.Request.Context(), actor, report.Filter{
		From: c.Query("from"), To: c.Query("to"), StoreID: c.Query("store_id"), ClerkID: c.Query("clerk_id"),
	})
	if err != nil {
		return err
	}
	file := bytes.NewBufferString(bom)
	w := csv.NewWriter(file)
	lines := [][]string{{"day", "new_members", "scans", "unfollows", "messages_in", "messages_out", "answered", "median_answer_seconds"}}
	for _, d := range rows {
		line := []string{d.Day}
		for _, n := range []int64{d.NewMembers, d.Scans, d.Unfollows, d.MessagesIn, d.MessagesOut, d.Answered} {
			line = append(line, strconv.FormatInt(n, 10))
		}
		median := ""
		if m, ok := d.MedianAnswer(); ok {
			median = strconv.FormatInt(m, 10)
		}
		lines = append(lines, append(line, median))
	}
	if err := w.WriteAll(lines); err != nil {
		return fmt.Errorf("write a table: %w", err)
	}
	c.Header("Content-Disposition", `attachment; filename="days.csv"`)
	c.Data(http.StatusOK, "text/csv; charset=utf-8", file.Bytes())
	return nil
}
