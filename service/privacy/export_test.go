package privacy

// Before lets a test stop an erasure right before a step.
func (s *Service) Before(f func(step string) error) { s.before = f }

// Rule is a rule as tests read it.
type Rule struct {
	Table, Fate, Why string
	By, Columns      []string
	Blanks           []string
	Cut              bool
}

// Rules are those of all tables.
func Rules() []Rule {
	var out []Rule
	for _, r := range rules() {
		one := Rule{Table: r.table, Fate: r.fate, Why: r.why, By: r.by, Columns: r.stayColumns(), Cut: r.cut}
		for _, b := range r.blank {
			one.Blanks = append(one.Blanks, b.column)
		}
		out = append(out, one)
	}
	return out
}
