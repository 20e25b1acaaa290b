package segment

import "liuke/service/segment"

// Filter chooses members: a group (exactly one of all, any, not), or a condition on one field.
type Filter struct {
	All []Filter `json:"all,omitempty" doc:"members whom each of these takes"`
	Any []Filter `json:"any,omitempty" doc:"members whom one of these takes"`
	Not *Filter  `json:"not,omitempty" doc:"members whom this does not take"`

	Field string   `json:"field,omitempty" doc:"see GET /api/segments/fields"`
	In    []string `json:"in,omitempty" maxItems:"200" doc:"of a choice: one of these; unset for who has none"`
	From  *int64   `json:"from,omitempty" doc:"at least this number, or this many days ago"`
	To    *int64   `json:"to,omitempty" doc:"at most"`
	Is    *bool    `json:"is,omitempty" doc:"yes or no; of a time: ever or never"`
	Days  int64    `json:"days,omitempty" doc:"only what was bought in the days just gone"`
}

func (f Filter) filter() segment.Filter {
	out := segment.Filter{Field: f.Field, In: f.In, From: f.From, To: f.To, Is: f.Is, Days: f.Days}
	out.All, out.Any = filters(f.All), filters(f.Any)
	if f.Not != nil {
		not := f.Not.filter()
		out.Not = &not
	}
	return out
}

func filters(list []Filter) []segment.Filter {
	if list == nil {
		return nil
	}
	out := make([]segment.Filter, len(list))
	for i, f := range list {
		out[i] = f.filter()
	}
	return out
}

func viewFilter(f segment.Filter) Filter {
	out := Filter{Field: f.Field, In: f.In, From: f.From, To: f.To, Is: f.Is, Days: f.Days}
	for _, part := range f.All {
		out.All = append(out.All, viewFilter(part))
	}
	for _, part := range f.Any {
		out.Any = append(out.Any, viewFilter(part))
	}
	if f.Not != nil {
		not := viewFilter(*f.Not)
		out.Not = &not
	}
	return out
}
