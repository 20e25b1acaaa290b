package segment

import (
	"slices"
	"strings"

	"liuke/model"
)

// clause is a piece of a WHERE on the table members. Its text is put together from constants of this file alone; whatever
// a filter says goes into the arguments.
type clause struct {
	sql  string
	args []any
}

// Where is the filter at a moment as a condition on the table members, for gorm's Where. The filter was checked.
func (f Filter) where(at moment) clause {
	switch {
	case f.Not != nil:
		c := f.Not.where(at)
		return clause{"NOT " + c.sql, c.args}
	case f.All != nil:
		return joined(f.All, " AND ", at)
	case f.Any != nil:
		return joined(f.Any, " OR ", at)
	}
	field := fields()[f.Field]
	c := field.sql(condition{f, field, at})
	return clause{"(" + c.sql + ")", c.args}
}

func joined(parts []Filter, by string, at moment) clause {
	texts := make([]string, len(parts))
	var args []any
	for i, p := range parts {
		c := p.where(at)
		texts[i], args = c.sql, append(args, c.args...)
	}
	return clause{"(" + strings.Join(texts, by) + ")", args}
}

// values are those of a choice as they stand in a column: empty for Unset.
func (c condition) values() []string {
	all := slices.Clone(c.In)
	for i, v := range all {
		if v == Unset {
			all[i] = ""
		}
	}
	return all
}

// memberColumn takes a choice on a column of members.
func memberColumn(name string) func(condition) clause {
	return func(c condition) clause { return clause{"members." + name + " IN ?", []any{c.values()}} }
}

// beside takes a choice on a column of a table with at most one row per member. Who has no row has nothing set.
func beside(table, column string) func(condition) clause {
	there := "EXISTS (SELECT 1 FROM " + table + " AS f WHERE f.member_id = members.id AND f." + column + " IN ?)"
	missing := "NOT EXISTS (SELECT 1 FROM " + table + " AS f WHERE f.member_id = members.id)"
	return func(c condition) clause {
		if slices.Contains(c.In, Unset) {
			return clause{there + " OR " + missing, []any{c.values()}}
		}
		return clause{there, []any{c.In}}
	}
}

func tagSQL(c condition) clause {
	return clause{"EXISTS (SELECT 1 FROM member_tags AS f WHERE f.member_id = members.id AND f.tag IN ?)", []any{c.In}}
}

func consentSQL(c condition) clause {
	return clause{
		"EXISTS (SELECT 1 FROM consents AS f WHERE f.member_id = members.id AND f.purpose IN ? AND f.state = ?)",
		[]any{c.In, model.ConsentGiven},
	}
}

func boundSQL(c condition) clause {
	if *c.Is {
		return clause{"members.clerk_id <> ''", nil}
	}
	return clause{"members.clerk_id = ''", nil}
}

func pointsSQL(c condition) clause {
	from, to := c.bounds(c.field)
	return clause{"members.points BETWEEN ? AND ?", []any{from, to}}
}

func childSQL(c condition) clause {
	from, to := c.bounds(c.field)
	return clause{
		"EXISTS (SELECT 1 FROM member_children AS f WHERE f.member_id = members.id AND f.birthday <= ? AND f.birthday > ?)",
		[]any{c.at.bornBefore(from), c.at.bornBefore(to + 1)},
	}
}

func birthdaySQL(c condition) clause {
	from, to := c.bounds(c.field)
	return clause{
		"EXISTS (SELECT 1 FROM member_profiles AS f WHERE f.member_id = members.id AND f.birth_day IN ?)", []any{c.at.birthdays(from, to)},
	}
}

// memberSince takes days since a time on members; totalSince on what purchases come to.
func memberSince(column string) func(condition) clause {
	return func(c condition) clause { return c.since("members." + column) }
}

func totalSince(column string) func(condition) clause {
	return func(c condition) clause {
		inner := c.since("f." + column)
		return clause{c.orNever("EXISTS (SELECT 1 FROM purchase_totals AS f WHERE f.member_id = members.id AND "+inner.sql+")",
			"NOT EXISTS (SELECT 1 FROM purchase_totals AS f WHERE f.member_id = members.id AND f."+column+" > 0)"), inner.argsUnless(c.never())}
	}
}

func boundSinceSQL(c condition) clause {
	inner := c.since("members.bound_at")
	if c.never() {
		return clause{"members.clerk_id = ''", nil}
	}
	return clause{"members.clerk_id <> '' AND " + inner.sql, inner.args}
}

func lastContactSQL(c condition) clause {
	inner := c.since("f.last_at")
	return clause{c.orNever("EXISTS (SELECT 1 FROM conversations AS f WHERE f.member_id = members.id AND "+inner.sql+")",
		"NOT EXISTS (SELECT 1 FROM conversations AS f WHERE f.member_id = members.id AND f.last_at > 0)"), inner.argsUnless(c.never())}
}

// never reports whether the condition asks for who never did.
func (c condition) never() bool { return c.Is != nil && !*c.Is }

func (c condition) orNever(text, never string) string {
	if c.never() {
		return never
	}
	return text
}

func (c clause) argsUnless(not bool) []any {
	if not {
		return nil
	}
	return c.args
}

// since compares a column with times; of Is true it asks for any time.
func (c condition) since(column string) clause {
	if c.Is != nil {
		if *c.Is {
			return clause{column + " > 0", nil}
		}
		return clause{column + " = 0", nil}
	}
	first, end := c.at.between(c.bounds(c.field))
	return clause{column + " > 0 AND " + column + " >= ? AND " + column + " < ?", []any{first, end}}
}

// begin is from when on purchases count.
func (c condition) begin() int64 {
	if c.Days == 0 {
		return 0
	}
	return c.at.daysAgo(c.Days)
}

func boughtSQL(c condition) clause {
	return clause{
		"EXISTS (SELECT 1 FROM purchase_items AS f JOIN purchases ON purchases.id = f.purchase_id" +
			" WHERE f.member_id = members.id AND f.category IN ? AND f.paid_at >= ? AND purchases.amount >= 0)",
		[]any{c.In, c.begin()},
	}
}

func amountSQL(c condition) clause {
	from, to := c.bounds(c.field)
	if c.Days == 0 {
		return clause{"COALESCE((SELECT f.amount FROM purchase_totals AS f WHERE f.member_id = members.id), 0) BETWEEN ? AND ?", []any{from, to}}
	}
	return clause{
		"COALESCE((SELECT SUM(f.amount) FROM purchases AS f WHERE f.member_id = members.id AND f.paid_at >= ?), 0) BETWEEN ? AND ?",
		[]any{c.begin(), from, to},
	}
}

func purchasesSQL(c condition) clause {
	from, to := c.bounds(c.field)
	if c.Days == 0 {
		return clause{"COALESCE((SELECT f.purchases FROM purchase_totals AS f WHERE f.member_id = members.id), 0) BETWEEN ? AND ?", []any{from, to}}
	}
	return clause{
		"(SELECT COUNT(*) FROM purchases AS f WHERE f.member_id = members.id AND f.paid_at >= ? AND f.amount >= 0) BETWEEN ? AND ?",
		[]any{c.begin(), from, to},
	}
}

// A member was in the store when he bought or scanned a code. Scans hang on the follower, who follows merges.
const (
	scanned = "EXISTS (SELECT 1 FROM scans JOIN followers ON followers.id = scans.follower_id WHERE followers.member_id = members.id AND scans.at >= ?"
	bought  = "EXISTS (SELECT 1 FROM purchase_totals AS f WHERE f.member_id = members.id AND f.last_at >= ?"
)

// visited asks for a last visit in [first, end).
func visited(first, end int64) clause {
	return clause{
		"NOT " + scanned + ") AND NOT " + bought + ") AND (" + scanned + ") OR " + bought + "))",
		[]any{end, end, first, first},
	}
}

func everVisited() clause { return clause{scanned + ") OR " + bought + ")", []any{1, 1}} }

func lastVisitSQL(c condition) clause {
	if c.Is == nil {
		return visited(c.at.between(c.bounds(c.field)))
	}
	ever := everVisited()
	if *c.Is {
		return ever
	}
	return clause{"NOT (" + ever.sql + ")", ever.args}
}

func sleepingSQL(c condition) clause {
	var texts []string
	var args []any
	for _, v := range c.In {
		var part clause
		if v == SleepNever {
			ever := everVisited()
			part = clause{"NOT (" + ever.sql + ")", ever.args}
		} else {
			part = visited(c.at.slept(v))
		}
		texts, args = append(texts, "("+part.sql+")"), append(args, part.args...)
	}
	return clause{strings.Join(texts, " OR "), args}
}

// slept are the times of the last visit of who sleeps so: [first, end).
func (m moment) slept(class string) (first, end int64) {
	switch class {
	case SleepOne:
		return m.monthsAgo(2), m.monthsAgo(1)
	case SleepTwo:
		return m.monthsAgo(3), m.monthsAgo(2)
	case SleepThree:
		return m.monthsAgo(4), m.monthsAgo(3)
	}
	return 1, m.monthsAgo(4)
}

func reachSQL(c condition) clause {
	of := map[string]clause{
		ReachMessage: {
			"EXISTS (SELECT 1 FROM followers JOIN allowances ON allowances.follower_id = followers.id WHERE followers.member_id = members.id" +
				" AND followers.subscribed = ? AND allowances.user_until > ? AND allowances.user_left - allowances.inflight > 1)",
			[]any{true, c.at.now},
		},
		ReachFollow: {"EXISTS (SELECT 1 FROM followers WHERE followers.member_id = members.id AND followers.subscribed = ?)", []any{true}},
		ReachPhone:  {"members.phone_tail_hash <> ''", nil},
	}
	var texts []string
	var args []any
	for _, v := range c.In {
		texts, args = append(texts, of[v].sql), append(args, of[v].args...)
	}
	return clause{strings.Join(texts, " OR "), args}
}
