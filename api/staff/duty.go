package staff

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
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

// Duty is a person's timetable.
type Duty struct {
	Hours       []rest.Span `json:"hours" nullable:"false" doc:"empty: on duty whenever he is present"`
	DailyCap    *int64      `json:"daily_cap" doc:"new members a day at most; null: no limit"`
	Backup      bool        `json:"backup" doc:"takes new members when nobody else of the store does, whatever his hours"`
	IntakeToday int64       `json:"intake_today" doc:"new members that the store's code gave him today"`
}

func viewDuty(d staff.Duty) Duty {
	week := make(model.Week, len(d.Hours))
	for i, h := range d.Hours {
		week[i] = h.Span()
	}
	out := Duty{Hours: rest.Spans(week), Backup: d.Backup, IntakeToday: d.Intake}
	if d.DailyCap > 0 {
		out.DailyCap = &d.DailyCap
	}
	return out
}

func (r *Room) getDuty(ctx context.Context, actor access.Actor, in *one) (Duty, error) {
	d, err := r.staff.GetDuty(ctx, actor, in.ID)
	return viewDuty(d), err
}

type setDuty struct {
	ID   string `path:"id"`
	Body struct {
		Hours    []rest.Span `json:"hours" maxItems:"42" nullable:"false"`
		DailyCap *int64      `json:"daily_cap,omitempty" minimum:"1" maximum:"10000"`
		Backup   bool        `json:"backup,omitempty"`
	}
}

func (r *Room) setDuty(ctx context.Context, actor access.Actor, in *setDuty) (Duty, error) {
	d := staff.Duty{DailyCap: rest.Or(in.Body.DailyCap), Backup: in.Body.Backup}
	week, err := rest.Week("hours", in.Body.Hours)
	if err != nil {
		return Duty{}, err
	}
	for _, s := range week {
		d.Hours = append(d.Hours, model.DutyHours{Weekday: s.Weekday, FromMinute: s.FromMinute, ToMinute: s.ToMinute})
	}
	d, err = r.staff.SetDuty(ctx, actor, in.ID, d)
	return viewDuty(d), err
}
