package segment

import (
	"cmp"
	"slices"

	"liuke/model"
)

// kind says what a condition on a field gives.
type kind int

const (
	choice kind = iota // in
	number             // from, to
	since              // from, to days ago; or is false: never
	flag               // is
)

// field is something that members are chosen by.
type field struct {
	kind        kind
	days        bool // may be narrowed to the days just gone
	least, most int64
	span        int64    // how far from and to may be apart; both are needed then. 0 = any distance
	values      []string // of a choice: only these; nil: any text
	ids         bool     // of a choice: ids, or Unset
	// cost is about how many rows one member's answer reads. A filter may cost model.MaxFilterCost.
	cost int
	sql  func(c condition) clause
	// holds answers the same for a person in plain Go: what the SQL is tested against.
	holds func(c condition, p Person) bool
}

// condition is one condition at a moment.
type condition struct {
	Filter

	field field
	at    moment
}

// Unset is the value of a choice for who has none: no level, class, store, clerk.
const Unset = "unset"

// Values of the choices sleeping and reach.
const (
	SleepOne   = "1"    // in the store one month ago
	SleepTwo   = "2"    // two months
	SleepThree = "3"    // three months
	SleepMore  = "more" // longer ago
	SleepNever = "never"

	ReachMessage = "message" // an open window, and more than one message left in it
	ReachFollow  = "follow"  // follows the account
	ReachPhone   = "phone"   // has a phone
)

// fields are all there are.
func fields() map[string]field {
	const days = model.MaxFilterDays
	return map[string]field{
		"kind":     {kind: choice, values: []string{model.MemberKnown, model.MemberProspect}, cost: 1, sql: memberColumn("kind"), holds: func(c condition, p Person) bool { return c.has(p.Kind) }},
		"level":    {kind: choice, cost: 1, sql: memberColumn("level"), holds: func(c condition, p Person) bool { return c.has(p.Level) }},
		"store":    {kind: choice, ids: true, cost: 1, sql: memberColumn("store_id"), holds: func(c condition, p Person) bool { return c.has(p.StoreID) }},
		"clerk":    {kind: choice, ids: true, cost: 1, sql: memberColumn("clerk_id"), holds: func(c condition, p Person) bool { return c.has(p.ClerkID) }},
		"class":    {kind: choice, values: []string{model.ClassSeed, model.ClassKey, Unset}, cost: 1, sql: beside("member_classes", "class"), holds: func(c condition, p Person) bool { return c.has(p.Class) }},
		"sex":      {kind: choice, values: []string{model.SexFemale, model.SexMale, Unset}, cost: 1, sql: beside("member_profiles", "sex"), holds: func(c condition, p Person) bool { return c.has(p.Sex) }},
		"channel":  {kind: choice, values: []string{model.PreferWeChat, model.PreferPhone, model.PreferSMS, model.PreferNone, Unset}, cost: 1, sql: beside("member_profiles", "channel"), holds: func(c condition, p Person) bool { return c.has(p.Channel) }},
		"tag":      {kind: choice, cost: 2, sql: tagSQL, holds: func(c condition, p Person) bool { return c.any(p.Tags) }},
		"consent":  {kind: choice, values: []string{model.ConsentForService, model.ConsentForMarketing, model.ConsentForProfiling}, cost: 1, sql: consentSQL, holds: func(c condition, p Person) bool { return c.any(p.Consents) }},
		"bought":   {kind: choice, days: true, cost: 8, sql: boughtSQL, holds: boughtHolds},
		"sleeping": {kind: choice, values: []string{SleepOne, SleepTwo, SleepThree, SleepMore, SleepNever}, cost: 6, sql: sleepingSQL, holds: sleepingHolds},
		"reach":    {kind: choice, values: []string{ReachMessage, ReachFollow, ReachPhone}, cost: 3, sql: reachSQL, holds: reachHolds},

		"bound": {kind: flag, cost: 1, sql: boundSQL, holds: func(c condition, p Person) bool { return (p.ClerkID != "") == *c.Is }},

		"points":       {kind: number, least: -model.MaxFilterNumber, most: model.MaxFilterNumber, cost: 1, sql: pointsSQL, holds: func(c condition, p Person) bool { return c.within(p.Points) }},
		"child_months": {kind: number, least: 0, most: model.MaxChildInMonths, cost: 2, sql: childSQL, holds: childHolds},
		"birthday":     {kind: number, least: 0, most: 366, span: model.MaxBirthdaySpan, cost: 1, sql: birthdaySQL, holds: birthdayHolds},
		"amount":       {kind: number, days: true, least: -model.MaxFilterNumber, most: model.MaxFilterNumber, cost: 5, sql: amountSQL, holds: amountHolds},
		"purchases":    {kind: number, days: true, least: 0, most: model.MaxFilterNumber, cost: 5, sql: purchasesSQL, holds: purchasesHolds},

		"joined":         {kind: since, least: 0, most: days, cost: 1, sql: memberSince("created_at"), holds: func(c condition, p Person) bool { return c.was(p.JoinedAt) }},
		"bound_since":    {kind: since, least: 0, most: days, cost: 1, sql: boundSinceSQL, holds: boundSinceHolds},
		"first_purchase": {kind: since, least: 0, most: days, cost: 1, sql: totalSince("first_at"), holds: func(c condition, p Person) bool { return c.was(p.firstPurchase()) }},
		"last_purchase":  {kind: since, least: 0, most: days, cost: 1, sql: totalSince("last_at"), holds: func(c condition, p Person) bool { return c.was(p.lastPurchase()) }},
		"last_visit":     {kind: since, least: 0, most: days, cost: 6, sql: lastVisitSQL, holds: func(c condition, p Person) bool { return c.was(p.lastVisit()) }},
		"last_contact":   {kind: since, least: 0, most: days, cost: 1, sql: lastContactSQL, holds: func(c condition, p Person) bool { return c.was(p.ContactAt) }},
	}
}

// has reports whether the choice takes a value; Unset stands for an empty one.
func (c condition) has(v string) bool {
	if v == "" {
		v = Unset
	}
	return slices.Contains(c.In, v)
}

func (c condition) any(values []string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return slices.Contains(c.In, v) })
}

func (c condition) within(n int64) bool {
	from, to := c.bounds(c.field)
	return n >= from && n <= to
}

// was reports whether a time lies as many days ago as the condition asks; never (0) does not.
func (c condition) was(at int64) bool {
	if c.Is != nil {
		return (at > 0) == *c.Is
	}
	first, end := c.at.between(c.bounds(c.field))
	return at > 0 && at >= first && at < end
}

// Field is what people are told of a field.
type Field struct {
	Name, Kind string
	Values     []string
	Days       bool
	From, To   int64
	Span       int64
}

// Fields lists what members can be chosen by, in the order of their names.
func Fields() []Field {
	words := map[kind]string{choice: "choice", number: "number", since: "since", flag: "flag"}
	var all []Field
	for name, f := range fields() {
		all = append(all, Field{name, words[f.kind], f.values, f.days, f.least, f.most, f.span})
	}
	slices.SortFunc(all, func(a, b Field) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
