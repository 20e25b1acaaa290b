package segment

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"liuke/model"
	"liuke/service/fault"
)

// Filter chooses members. It is a group of filters (exactly one of All, Any, Not), or a condition on one field, which
// uses what the kind of the field asks for: In for a choice, From and To for a number or a time, Is for yes or no. Days
// narrows a condition on purchases to the days just gone.
type Filter struct {
	All []Filter `json:"all,omitempty"`
	Any []Filter `json:"any,omitempty"`
	Not *Filter  `json:"not,omitempty"`

	Field string   `json:"field,omitempty"`
	In    []string `json:"in,omitempty"`
	From  *int64   `json:"from,omitempty"` // at least
	To    *int64   `json:"to,omitempty"`   // at most
	Is    *bool    `json:"is,omitempty"`
	Days  int64    `json:"days,omitempty"` // 1 = since the beginning of yesterday, in Beijing
}

// Parse reads a filter and checks it. Unknown words are refused.
func Parse(text string) (Filter, error) {
	f, err := Kept(text)
	if err != nil {
		return f, err
	}
	return f, f.Check()
}

// Kept reads a filter as it was saved. It may be one that this program would refuse to save, and must be looked at by
// Check before it is used.
func Kept(text string) (Filter, error) {
	var f Filter
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return f, fault.Input("filter", "invalid").Because(err)
	}
	if err := d.Decode(&struct{}{}); err != io.EOF {
		return f, fault.Input("filter", "invalid")
	}
	return f, nil
}

// String is the filter as it is kept.
func (f Filter) String() string {
	text, err := json.Marshal(f)
	if err != nil {
		panic("segment: a filter of plain values: " + err.Error())
	}
	return string(text)
}

// Check tells what is wrong with a filter: input filter…:reason at the place of the fault; one that would have the
// database read too much is filter:too_costly.
func (f Filter) Check() error {
	parts, cost := 0, 0
	if err := f.check("filter", 1, &parts, &cost); err != nil {
		return err
	}
	if cost > model.MaxFilterCost {
		return fault.Input("filter", "too_costly")
	}
	return nil
}

func (f Filter) check(at string, depth int, parts, cost *int) error {
	if *parts++; *parts > model.MaxFilterParts {
		return fault.Input("filter", "too_many_parts")
	}
	if depth > model.MaxFilterDepth {
		return fault.Input("filter", "too_deep")
	}
	group := f.All != nil || f.Any != nil || f.Not != nil
	kinds := 0
	for _, is := range []bool{f.All != nil, f.Any != nil, f.Not != nil, f.Field != ""} {
		if is {
			kinds++
		}
	}
	if kinds != 1 || group && (f.In != nil || f.From != nil || f.To != nil || f.Is != nil || f.Days != 0) {
		return fault.Input(at, "one_of")
	}
	if f.Not != nil {
		return f.Not.check(at+".not", depth+1, parts, cost)
	}
	for name, list := range map[string][]Filter{"all": f.All, "any": f.Any} {
		for i, part := range list {
			if err := part.check(at+"."+name+"["+strconv.Itoa(i)+"]", depth+1, parts, cost); err != nil {
				return err
			}
		}
	}
	if group {
		if len(f.All)+len(f.Any) == 0 {
			return fault.Input(at, "empty")
		}
		return nil
	}
	field, known := fields()[f.Field]
	if !known {
		return fault.Input(at+".field", "unknown")
	}
	*cost += field.cost
	if reason := f.fits(field); reason != "" {
		return fault.Input(at, reason)
	}
	return nil
}

// fits tells what is wrong with a condition on a field, or nothing.
func (f Filter) fits(d field) string {
	ranged := f.From != nil || f.To != nil
	switch {
	case f.Days != 0 && !d.days:
		return "days_not_here"
	case f.Days < 0 || f.Days > model.MaxFilterDays:
		return "days_range"
	case f.In != nil && d.kind != choice, ranged && d.kind != number && d.kind != since, f.Is != nil && d.kind != flag && d.kind != since:
		return "wrong_kind"
	case d.kind == choice && len(f.In) == 0, d.kind == flag && f.Is == nil, d.kind == number && !ranged:
		return "required"
	case d.kind == since && ranged == (f.Is != nil):
		return "one_of"
	case len(f.In) > model.MaxFilterValues:
		return "too_many_values"
	}
	for _, v := range f.In {
		if !utf8.ValidString(v) || utf8.RuneCountInString(v) > model.MaxCategory {
			return "value_invalid"
		}
		if d.values != nil && !slices.Contains(d.values, v) || d.ids && v != Unset && !model.ValidID(v) {
			return "value_unknown"
		}
	}
	for _, n := range []*int64{f.From, f.To} {
		if n != nil && (*n < d.least || *n > d.most) {
			return "range"
		}
	}
	if f.From != nil && f.To != nil && *f.From > *f.To {
		return "from_after_to"
	}
	if d.span > 0 && (f.From == nil || f.To == nil || *f.To-*f.From > d.span) {
		return "span"
	}
	return ""
}

// bounds are From and To with what they are when they are not given.
func (f Filter) bounds(d field) (from, to int64) {
	from, to = d.least, d.most
	if f.From != nil {
		from = *f.From
	}
	if f.To != nil {
		to = *f.To
	}
	return from, to
}
