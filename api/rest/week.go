package rest

import (
	"fmt"
	"strconv"
	"time"

	"liuke/model"
	"liuke/service/fault"
)

// Span is one span of a week, in the zone of the store.
type Span struct {
	Weekday int    `json:"weekday" minimum:"1" maximum:"7" doc:"1 Monday … 7 Sunday"`
	From    string `json:"from" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" example:"09:00"`
	To      string `json:"to" pattern:"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$" example:"18:00" doc:"not after from: it ends on the next day"`
}

// Spans shows a week.
func Spans(week model.Week) []Span {
	clock := func(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }
	spans := make([]Span, len(week))
	for i, s := range week {
		spans[i] = Span{s.Weekday, clock(s.FromMinute), clock(s.ToMinute)}
	}
	return spans
}

// Week reads spans out of a field of the input.
func Week(field string, spans []Span) (model.Week, error) {
	week := make(model.Week, len(spans))
	for i, s := range spans {
		from, okFrom := minuteOf(s.From)
		to, okTo := minuteOf(s.To)
		if !okFrom || !okTo {
			return nil, fault.Input(field+"["+strconv.Itoa(i)+"]", "invalid")
		}
		if to == 0 {
			to = model.DayMinutes // 00:00 as an end is the end of the day
		}
		week[i] = model.Span{Weekday: s.Weekday, FromMinute: from, ToMinute: to}
	}
	return week, nil
}

// minuteOf reads 09:00; the pattern of the input leaves only 24:00 as what time does not know.
func minuteOf(text string) (int, bool) {
	if text == "24:00" {
		return model.DayMinutes, true
	}
	t, err := time.Parse("15:04", text)
	return t.Hour()*60 + t.Minute(), err == nil
}
