package binding

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"liuke/api/binding/poster"
	"liuke/api/rest"
	"liuke/service/access"
	"liuke/service/binding"
	"liuke/service/fault"
)

func (r *Room) mountStatistics(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/codes/{id}/statistics", Tag: tag, ID: "getCodeStatistics",
		Summary: "Scans of a code by day and by what came of them", Errors: []int{http.StatusNotFound},
	}, r.codeStatistics)
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/scan_statistics", Tag: tag, ID: "getScanStatistics",
		Summary: "Scans of all codes I see by day and by source",
	}, r.statistics)
	rest.Raw(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/codes/{id}/poster.pdf", Tag: tag, ID: "getCodePoster", Produces: "application/pdf",
		Summary: "A sheet to print; size=A4 or A5 (A4), advice= the sentence below the code",
		Errors:  []int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity},
	}, r.poster)
}

// ScanDay is what came of the scans of one day.
type ScanDay struct {
	Day      string           `json:"day" format:"date"`
	Scans    int64            `json:"scans"`
	Followed int64            `json:"followed" doc:"of them: were also the follow"`
	Outcomes map[string]int64 `json:"outcomes" doc:"by outcome of a scan; those that did not happen are missing"`
}

// ScanSource is what came of the scans of one sort of code.
type ScanSource struct {
	Kind     string `json:"kind" doc:"of the code"`
	Channel  string `json:"channel" doc:"name of a channel code, else empty"`
	Scans    int64  `json:"scans"`
	Followed int64  `json:"followed"`
}

// ScanDays are the days of a span, one after the other.
type ScanDays struct {
	Items []ScanDay `json:"items" nullable:"false"`
	Total ScanDay   `json:"total" doc:"its day is the last"`
}

// ScanStatistics are scans by day and by source.
type ScanStatistics struct {
	Items   []ScanDay    `json:"items" nullable:"false"`
	Total   ScanDay      `json:"total" doc:"its day is the last"`
	Sources []ScanSource `json:"sources" nullable:"false"`
}

// Days is the part of an input that asks for days.
type Days struct {
	From string `query:"from" format:"date" doc:"first day; thirty days by default"`
	To   string `query:"to" format:"date" doc:"last day; today by default"`
}

func viewScanDays(days []binding.DayScans) (items []ScanDay, total ScanDay) {
	items, total.Outcomes = make([]ScanDay, len(days)), map[string]int64{}
	for i, d := range days {
		items[i] = ScanDay(d)
		total.Day = d.Day
		total.Scans += d.Scans
		total.Followed += d.Followed
		for outcome, n := range d.Outcomes {
			total.Outcomes[outcome] += n
		}
	}
	return items, total
}

type codeStatisticsInput struct {
	Days

	ID string `path:"id"`
}

func (r *Room) codeStatistics(ctx context.Context, actor access.Actor, in *codeStatisticsInput) (ScanDays, error) {
	days, err := r.binding.CodeStatistics(ctx, actor, in.ID, binding.Span{From: in.From, To: in.To})
	if err != nil {
		return ScanDays{}, err
	}
	items, total := viewScanDays(days)
	return ScanDays{items, total}, nil
}

type statisticsInput struct {
	Days

	StoreID string `query:"store_id"`
	ClerkID string `query:"clerk_id"`
}

func (r *Room) statistics(ctx context.Context, actor access.Actor, in *statisticsInput) (ScanStatistics, error) {
	days, sources, err := r.binding.Statistics(ctx, actor, in.StoreID, in.ClerkID, binding.Span{From: in.From, To: in.To})
	if err != nil {
		return ScanStatistics{}, err
	}
	out := ScanStatistics{Sources: make([]ScanSource, len(sources))}
	out.Items, out.Total = viewScanDays(days)
	for i, s := range sources {
		out.Sources[i] = ScanSource(s)
	}
	return out, nil
}

// maxAdvice is how long the sentence on a poster may be, in letters.
const maxAdvice = 40

// advice stands below the code when nothing else is asked for. It is print for members, whose language is Chinese.
const advice = "微信扫一扫，专属顾问为您服务"

func (r *Room) poster(c *gin.Context, actor access.Actor) error {
	p, err := r.binding.Poster(c.Request.Context(), actor, c.Param("id"))
	if err != nil {
		return err
	}
	sheet := poster.Sheet{Size: strings.ToUpper(c.DefaultQuery("size", poster.A4)), URL: p.URL, Title: p.Account, Advice: c.DefaultQuery("advice", advice)}
	if sheet.Size != poster.A4 && sheet.Size != poster.A5 {
		return fault.Input("size", "unknown")
	}
	if utf8.RuneCountInString(sheet.Advice) > maxAdvice {
		return fault.Input("advice", "too_long")
	}
	sheet.Line = p.Store
	if p.Clerk != "" {
		sheet.Line += "  " + p.Clerk
	}
	pdf, err := poster.Draw(sheet)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-cache")
	c.Header("Content-Disposition", "inline") // without a name, so that a page's own counts
	c.Data(http.StatusOK, "application/pdf", pdf)
	return nil
}
