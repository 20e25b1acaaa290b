package staff

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/staff"
)

func (r *Room) mountDuty(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodGet, Path: "/api/staff/{id}/duty", Tag: tag, ID: "getDuty",
		Summary: "When a person takes new members of his store's code", Errors: []int{http.StatusNotFound},
	}, r.getDuty)
	rest.Register(a, rest.Operation{
		Method: http.MethodPut, Path: "/api/staff/{id}/duty", Tag: tag, ID: "setDuty", Roles: bosses(),
		Summary: "Replace a person's timetable", Errors: []int{http.StatusNotFound},
	}, r.setDuty)
}

// Span is one span of a week, in the zone of the store.
type Span struct {
	Weekday int    `json:"weekday" minimum:"1" maximum:"7" doc:"1 Monday … 7 Sunday"`
	From    string `json:"from" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" example:"09:00"`
	To      string `json:"to" pattern:"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$" example:"18:00" doc:"not after from: it ends on the next day"`
}

// Duty is a person's timetable.
type Duty struct {
	Hours       []Span `json:"hours" nullable:"false" doc:"empty: on duty whenever he is present"`
	DailyCap    *int64 `json:"daily_cap" doc:"new members a day at most; null: no limit"`
	Backup      bool   `json:"backup" doc:"takes new members when nobody else of the store does, whatever his hours"`
	IntakeToday int64  `json:"intake_today" doc:"new members that the store's code gave him today"`
}

func viewDuty(d staff.Duty) Duty {
	out := Duty{Hours: make([]Span, len(d.Hours)), Backup: d.Backup, IntakeToday: d.Intake}
	for i, h := range d.Hours {
		out.Hours[i] = Span{h.Weekday, clock(h.FromMinute), clock(h.ToMinute)}
	}
	if d.DailyCap > 0 {
		out.DailyCap = &d.DailyCap
	}
	return out
}

func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// minuteOf reads 09:00; the pattern of the input leaves only 24:00 as what time does not know.
func minuteOf(text string) (int, bool) {
	if text == "24:00" {
		return model.DayMinutes, true
	}
	t, err := time.Parse("15:04", text)
	return t.Hour()*60 + t.Minute(), err == nil
}

func (r *Room) getDuty(ctx context.Context, actor access.Actor, in *one) (Duty, error) {
	d, err := r.staff.GetDuty(ctx, actor, in.ID)
	return viewDuty(d), err
}

type setDuty struct {
	ID   string `path:"id"`
	Body struct {
		Hours    []Span `json:"hours" maxItems:"42" nullable:"false"`
		DailyCap *int64 `json:"daily_cap,omitempty" minimum:"1" maximum:"10000"`
		Backup   bool   `json:"backup,omitempty"`
	}
}

func (r *Room) setDuty(ctx context.Context, actor access.Actor, in *setDuty) (Duty, error) {
	d := staff.Duty{DailyCap: rest.Or(in.Body.DailyCap), Backup: in.Body.Backup}
	for i, s := range in.Body.Hours {
		from, okFrom := minuteOf(s.From)
		to, okTo := minuteOf(s.To)
		if !okFrom || !okTo {
			return Duty{}, fault.Input("hours["+strconv.Itoa(i)+"]", "invalid")
		}
		if to == 0 {
			to = model.DayMinutes // 00:00 as an end is the end of the day
		}
		d.Hours = append(d.Hours, model.DutyHours{Weekday: s.Weekday, FromMinute: from, ToMinute: to})
	}
	d, err := r.staff.SetDuty(ctx, actor, in.ID, d)
	return viewDuty(d), err
}
