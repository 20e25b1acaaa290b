package staff

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"liuke/model"
	"liuke/service/fault"
)

// Limits of the input.
const (
	maxName     = model.MaxNameRunes // runes, the width of the columns
	maxGreeting = 600                // runes
	maxCode     = 64                 // runes
	minPassword = 8                  // bytes
	maxPassword = 128                // bytes
)

// problems gathers everything that is wrong with one input.
type problems struct{ fields []fault.Field }

func (p *problems) add(field, reason string) {
	if reason != "" {
		p.fields = append(p.fields, fault.Field{Name: field, Reason: reason})
	}
}

// week adds what is wrong with the spans of a week; least is how many minutes it must have if it has spans.
func (p *problems) week(field string, w model.Week, least int) {
	for _, f := range w.Faults(field, least) {
		p.add(f.Name, f.Reason)
	}
}

func (p *problems) err() error {
	if len(p.fields) == 0 {
		return nil
	}
	e := fault.New(fault.Invalid, "invalid_input")
	e.Fields = p.fields
	return e
}

// line cleans a text of one line and tells what is wrong with it.
func line(s string, longest int) (clean, reason string) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return "", "required"
	case utf8.RuneCountInString(s) > longest:
		return "", "too_long"
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return "", "invalid"
	}
	return s, ""
}

func greetingReason(s string) string {
	switch {
	case utf8.RuneCountInString(s) > maxGreeting || len(s) > model.MaxTextBytes:
		return "too_long"
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		return "invalid"
	}
	return ""
}

func passwordReason(s string) string {
	switch {
	case s == "":
		return "required"
	case len(s) < minPassword:
		return "too_short"
	case len(s) > maxPassword:
		return "too_long"
	}
	return ""
}

func phoneReason(s string, ok bool) string {
	switch {
	case ok:
		return ""
	case strings.TrimSpace(s) == "":
		return "required"
	}
	return "invalid"
}

// place adds what is wrong with role, store and region together.
func (p *problems) place(role, storeID, regionID string) {
	roles := []string{model.RoleOwner, model.RoleSupervisor, model.RoleManager, model.RoleClerk, model.RoleSupport}
	switch {
	case role == "":
		p.add("role", "required")
	case !slices.Contains(roles, role):
		p.add("role", "unknown")
	}
	if storeID == "" && (role == model.RoleClerk || role == model.RoleManager) {
		p.add("store_id", "required")
	}
	if regionID != "" && role != model.RoleSupervisor {
		p.add("region_id", "not_for_role")
	}
}
