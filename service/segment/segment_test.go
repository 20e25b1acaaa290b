package segment_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/access"
	"liuke/service/fault"
	"liuke/service/segment"
)

// The day of these tests: the last of a month, an hour after midnight in Beijing.
var now = time.Date(2027, 5, 30, 17, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// ago draws times near the edges that filters cut at.
func ago() *rapid.Generator[int64] {
	return rapid.Custom(func(t *rapid.T) int64 {
		midnight := now.Add(-time.Hour)
		days := rapid.SampledFrom([]int{0, 1, 2, 6, 7, 8, 29, 30, 31, 32, 59, 60, 61, 62, 89, 90, 91, 92, 93, 119, 120, 121, 122, 123, 124, 400}).Draw(t, "days")
		edge := rapid.SampledFrom([]time.Duration{-time.Millisecond, 0, time.Millisecond, time.Hour}).Draw(t, "edge")
		return midnight.Add(-time.Duration(days) * day).Add(edge).UnixMilli()
	})
}

func birthday() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		year := rapid.IntRange(2022, 2027).Draw(t, "year")
		at := time.Date(year, time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.SampledFrom([]int{1, 28, 29, 30, 31}).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
		return at.Format(time.DateOnly)
	})
}

var (
	stores     = []string{"", model.NewID(), model.NewID()}
	clerks     = []string{"", model.NewID(), model.NewID()}
	tags       = []string{"VIP", "团购", "' OR 1=1 --"}
	categories = []string{"奶粉", "纸尿裤", "推车%"}
	levels     = []string{"", "A", "B", "C"}
)

func person() *rapid.Generator[segment.Person] {
	return rapid.Custom(func(t *rapid.T) segment.Person {
		p := segment.Person{
			Kind:    rapid.SampledFrom([]string{model.MemberKnown, model.MemberProspect}).Draw(t, "kind"),
			Level:   rapid.SampledFrom(levels).Draw(t, "level"),
			StoreID: rapid.SampledFrom(stores).Draw(t, "store"),
			ClerkID: rapid.SampledFrom(clerks).Draw(t, "clerk"),
			Class:   rapid.SampledFrom([]string{"", model.ClassSeed, model.ClassKey}).Draw(t, "class"),
			Sex:     rapid.SampledFrom([]string{"", model.SexFemale, model.SexMale}).Draw(t, "sex"),
			Channel: rapid.SampledFrom([]string{"", model.PreferWeChat, model.PreferNone}).Draw(t, "channel"),
			Points:  rapid.Int64Range(-2, 2).Draw(t, "points") * 100, JoinedAt: ago().Draw(t, "joined"), BoundAt: ago().Draw(t, "bound"),
			Tags:     rapid.SliceOfNDistinct(rapid.SampledFrom(tags), 0, 2, rapid.ID).Draw(t, "tags"),
			Consents: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{model.ConsentForService, model.ConsentForMarketing}), 0, 2, rapid.ID).Draw(t, "consents"),
			Children: rapid.SliceOfN(birthday(), 0, 2).Draw(t, "children"), Scans: rapid.SliceOfN(ago(), 0, 2).Draw(t, "scans"),
			Follows: rapid.Bool().Draw(t, "follows"), HasPhone: rapid.Bool().Draw(t, "phone"), WindowLeft: rapid.Int64Range(0, 3).Draw(t, "left"),
			WindowUntil: now.UnixMilli() + rapid.SampledFrom([]int64{-1, 0, 1}).Draw(t, "until"),
		}
		if rapid.Bool().Draw(t, "born") {
			p.Birthday = birthday().Draw(t, "birthday")
		}
		if rapid.Bool().Draw(t, "talked") {
			p.ContactAt = ago().Draw(t, "contact")
		}
		if p.ClerkID == "" {
			p.BoundAt = 0
		}
		for range rapid.IntRange(0, 3).Draw(t, "purchases") {
			p.Purchases = append(p.Purchases, segment.Bought{
				At: ago().Draw(t, "at"), Amount: rapid.Int64Range(-2, 3).Draw(t, "amount") * 100,
				Categories: rapid.SliceOfN(rapid.SampledFrom(categories), 0, 2).Draw(t, "categories"),
			})
		}
		return p
	})
}

func pointer[T any](v T) *T { return &v }

// conditions are the shapes of condition that are drawn: a field with values that persons may have.
func condition() *rapid.Generator[segment.Filter] {
	choices := map[string][]string{
		"kind": {model.MemberKnown, model.MemberProspect}, "level": {"A", "B", segment.Unset}, "store": {stores[1], segment.Unset}, "clerk": {clerks[1], clerks[2], segment.Unset},
		"class": {model.ClassSeed, segment.Unset}, "sex": {model.SexFemale, segment.Unset}, "channel": {model.PreferNone, model.PreferWeChat, segment.Unset},
		"tag": tags, "consent": {model.ConsentForService, model.ConsentForMarketing, model.ConsentForProfiling}, "bought": categories,
		"sleeping": {segment.SleepOne, segment.SleepTwo, segment.SleepThree, segment.SleepMore, segment.SleepNever},
		"reach":    {segment.ReachMessage, segment.ReachFollow, segment.ReachPhone},
	}
	numbers := map[string][]int64{
		"points": {-200, -100, 0, 100}, "child_months": {0, 1, 11, 12, 13, 24, 36, 59}, "birthday": {0, 1, 30, 80}, "amount": {-200, 0, 100, 300}, "purchases": {0, 1, 2},
		"joined": {0, 1, 30, 90}, "bound_since": {0, 7, 31}, "first_purchase": {0, 1, 61, 92}, "last_purchase": {0, 7, 30, 91}, "last_visit": {0, 1, 31, 62}, "last_contact": {0, 1, 2, 30},
	}
	sometimes := []string{"joined", "bound_since", "first_purchase", "last_purchase", "last_visit", "last_contact"}
	return rapid.Custom(func(t *rapid.T) segment.Filter {
		names := []string{"bound"}
		for name := range choices {
			names = append(names, name)
		}
		for name := range numbers {
			names = append(names, name)
		}
		slices.Sort(names)
		f := segment.Filter{Field: rapid.SampledFrom(names).Draw(t, "field")}
		if slices.Contains([]string{"bought", "amount", "purchases"}, f.Field) && rapid.Bool().Draw(t, "narrowed") {
			f.Days = rapid.SampledFrom([]int64{1, 7, 30, 90}).Draw(t, "days")
		}
		if f.Field == "bound" || slices.Contains(sometimes, f.Field) && rapid.Bool().Draw(t, "ever") {
			f.Is = pointer(rapid.Bool().Draw(t, "is"))
			return f
		}
		if values := choices[f.Field]; values != nil {
			f.In = rapid.SliceOfNDistinct(rapid.SampledFrom(values), 1, 2, rapid.ID).Draw(t, "in")
			return f
		}
		some := rapid.SampledFrom(numbers[f.Field])
		from, to := some.Draw(t, "from"), some.Draw(t, "to")
		from, to = min(from, to), max(from, to)
		switch which := rapid.IntRange(0, 2).Draw(t, "ends"); {
		case which == 0 && f.Field != "birthday":
			f.From = &from
		case which == 1 && f.Field != "birthday":
			f.To = &to
		default:
			f.From, f.To = &from, &to
		}
		return f
	})
}

func filter(depth int) *rapid.Generator[segment.Filter] {
	return rapid.Custom(func(t *rapid.T) segment.Filter {
		switch kind := rapid.IntRange(0, 4).Draw(t, "kind"); {
		case depth == 0 || kind > 2:
			return condition().Draw(t, "condition")
		case kind == 0:
			inner := filter(depth-1).Draw(t, "not")
			return segment.Filter{Not: &inner}
		case kind == 1:
			return segment.Filter{All: rapid.SliceOfN(filter(depth-1), 1, 3).Draw(t, "all")}
		}
		return segment.Filter{Any: rapid.SliceOfN(filter(depth-1), 1, 3).Draw(t, "any")}
	})
}

// put writes a person down as the rooms would.
func put(t *testing.T, tx *database.Tx, account string, n int, p segment.Person) string {
	t.Helper()
	id, follower, conversation := model.NewID(), model.NewID(), model.NewID()
	m := model.Member{
		ID: id, AccountID: account, Kind: p.Kind, Level: p.Level, StoreID: p.StoreID, ClerkID: p.ClerkID, Points: p.Points, CreatedAt: p.JoinedAt, BoundAt: p.BoundAt,
	}
	if p.HasPhone {
		m.PhoneTailHash = "x"
	}
	rows := []any{
		&m, &model.Follower{ID: follower, AccountID: account, OpenID: fmt.Sprint("o", n), MemberID: id, Subscribed: p.Follows},
		&model.Allowance{FollowerID: follower, AccountID: account, UserLeft: p.WindowLeft, UserUntil: p.WindowUntil},
		&model.Conversation{ID: conversation, AccountID: account, FollowerID: follower, MemberID: id, LastAt: p.ContactAt},
	}
	if p.Birthday+p.Sex+p.Channel != "" {
		profile := model.Profile{MemberID: id, AccountID: account, Birthday: p.Birthday, Sex: p.Sex, Channel: p.Channel}
		if p.Birthday != "" {
			profile.BirthDay = p.Birthday[5:]
		}
		rows = append(rows, &profile)
	}
	for i, c := range p.Children {
		rows = append(rows, &model.ProfileChild{MemberID: id, Position: int64(i), Birthday: c})
	}
	if p.Class != "" {
		rows = append(rows, &model.Class{MemberID: id, AccountID: account, Class: p.Class})
	}
	for _, tag := range p.Tags {
		rows = append(rows, &model.Tag{MemberID: id, AccountID: account, Tag: tag})
	}
	for _, purpose := range p.Consents {
		rows = append(rows, &model.Consent{MemberID: id, AccountID: account, Purpose: purpose, State: model.ConsentGiven})
	}
	for i, at := range p.Scans {
		rows = append(rows, &model.Scan{ID: model.NewID(), AccountID: account, FollowerID: follower, MemberID: id, At: at, Scene: strconv.Itoa(i)})
	}
	total := model.PurchaseTotal{MemberID: id, AccountID: account}
	for i, b := range p.Purchases {
		bought := model.NewID()
		rows = append(rows, &model.Purchase{ID: bought, AccountID: account, MemberID: id, ExternalID: fmt.Sprint(n, "-", i), PaidAt: b.At, Amount: b.Amount})
		for line, category := range b.Categories {
			rows = append(rows, &model.PurchaseItem{PurchaseID: bought, Line: int64(line), MemberID: id, PaidAt: b.At, Category: category})
		}
		total.Amount += b.Amount
		if b.Amount >= 0 {
			total.Purchases++
			total.LastAt = max(total.LastAt, b.At)
			if total.FirstAt == 0 || b.At < total.FirstAt {
				total.FirstAt = b.At
			}
		}
	}
	if len(p.Purchases) > 0 {
		rows = append(rows, &total)
	}
	for _, row := range rows {
		require.NoError(t, tx.Create(row).Error)
	}
	return id
}

func TestFilter_selectsExactlyWhatPlainGoSelects(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		account := model.NewID()
		people := map[string]segment.Person{}
		require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error {
			for n := range 400 {
				p := person().Example(n)
				people[put(t, tx, account, n, p)] = p
			}
			return nil
		}))
		owner := access.Actor{Kind: model.ByStaff, AccountID: account, StaffID: model.NewID(), Role: model.RoleOwner}
		some := 0
		rapid.Check(t, func(rt *rapid.T) {
			f := filter(2).Draw(rt, "filter")
			if err := f.Check(); err != nil {
				rt.Fatalf("%s: %v", f, err)
			}
			read, err := segment.Parse(f.String())
			if err != nil || read.String() != f.String() {
				rt.Fatalf("%s is read as %s: %v", f, read, err)
			}
			w := segment.Where(owner, read, now)
			var got, want []string
			if err := db.Read(t.Context()).Model(&model.Member{}).Where(w.SQL, w.Args...).Order("members.id").Pluck("members.id", &got).Error; err != nil {
				rt.Fatal(err)
			}
			for id, p := range people {
				if f.Holds(p, now) {
					want = append(want, id)
				}
			}
			slices.Sort(want)
			if len(want) > 0 && len(want) < len(people) {
				some++
			}
			if !slices.Equal(got, want) {
				rt.Fatalf("%s\n%s takes %d, plain Go %d", f, w.SQL, len(got), len(want))
			}
		})
		require.Greater(t, some, 20, "filters that tell people apart")
	})
}

func TestFilter_refusesInWords(t *testing.T) {
	t.Parallel()
	deep := `{"field":"bound","is":true}`
	for range model.MaxFilterDepth {
		deep = `{"not":` + deep + `}`
	}
	many, _ := json.Marshal(segment.Filter{Any: slices.Repeat([]segment.Filter{{Field: "bound", Is: pointer(true)}}, model.MaxFilterParts)})
	costly, _ := json.Marshal(segment.Filter{All: slices.Repeat([]segment.Filter{{Field: "bought", In: []string{"a"}}}, 13)})
	values, _ := json.Marshal(segment.Filter{Field: "tag", In: slices.Repeat([]string{"a"}, model.MaxFilterValues+1)})
	for text, want := range map[string]string{
		`{`:                                     "filter:invalid",
		`{"field":"bound","is":true} {}`:        "filter:invalid",
		`{"sql":"1=1"}`:                         "filter:invalid",
		`{}`:                                    "filter:one_of",
		`{"all":[]}`:                            "filter:empty",
		`{"field":"bound","is":true,"all":[]}`:  "filter:one_of",
		`{"all":[{"field":"colour"}]}`:          "filter.all[0].field:unknown",
		`{"field":"level"}`:                     "filter:required",
		`{"field":"level","from":1}`:            "filter:wrong_kind",
		`{"field":"points"}`:                    "filter:required",
		`{"field":"points","from":2,"to":1}`:    "filter:from_after_to",
		`{"field":"child_months","from":-1}`:    "filter:range",
		`{"field":"birthday","from":0}`:         "filter:span",
		`{"field":"birthday","from":0,"to":93}`: "filter:span",
		`{"field":"last_visit"}`:                "filter:one_of",
		`{"field":"joined","from":1,"is":true}`: "filter:one_of",
		`{"field":"store","in":["x"]}`:          "filter:value_unknown",
		`{"field":"level","in":["A"],"days":3}`: "filter:days_not_here",
		`{"field":"amount","from":1,"days":-1}`: "filter:days_range",
		deep:                                    "filter:too_deep",
		string(many):                            "filter:too_many_parts",
		string(costly):                          "filter:too_costly",
		string(values):                          "filter:too_many_values",
	} {
		_, err := segment.Parse(text)
		f := fault.Of(err)
		require.NotNil(t, f, text)
		require.Equal(t, want, f.Fields[0].Name+":"+f.Fields[0].Reason, text)
	}
}
