package privacy_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm/schema"

	"liuke/model"
	"liuke/service/privacy"
)

// tables gives the columns of every table there is.
func tables(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, row := range model.Tables() {
		s, err := schema.Parse(row, &sync.Map{}, schema.NamingStrategy{})
		require.NoError(t, err)
		all[s.Table] = s.DBNames
	}
	return all
}

// pointsAtPerson reports whether a column leads to a member: a table with one must say how his rows are found, or why they
// need not be.
func pointsAtPerson(column string) bool {
	switch column {
	case "member_id", "from_member_id", "into_member_id", "conversation_id", "follower_id", "openid", "bought_by", "made_by":
		return true
	}
	return false
}

func TestRules_nameEveryTableAndEveryColumnThatStays(t *testing.T) {
	t.Parallel()
	columns := tables(t)
	seen := map[string]bool{}
	for _, r := range privacy.Rules() {
		require.False(t, seen[r.Table], "%s has two rules", r.Table)
		seen[r.Table] = true
		there, known := columns[r.Table]
		require.True(t, known, "%s is no table", r.Table)
		for _, c := range r.By {
			require.Contains(t, there, c, r.Table)
		}
		if r.Fate == privacy.FateRemoved {
			require.NotEmpty(t, r.By, "%s: whose rows?", r.Table)
			require.Empty(t, r.Columns, r.Table)
			continue
		}
		named := slices.Concat(r.Columns, r.Blanks)
		slices.Sort(named)
		slices.Sort(there)
		require.Equal(t, there, named, "%s: decide for each column whether it tells something of a member", r.Table)
		require.Equal(t, r.Fate == privacy.FateKept, r.Why != "", r.Table)
		require.Equal(t, r.Fate == privacy.FateBlanked, len(r.Blanks) > 0, r.Table)
		if r.Why == privacy.WhyHouse {
			for _, c := range there {
				if pointsAtPerson(c) {
					require.Equal(t, "staff_links.follower_id", r.Table+"."+c, "it points at a member")
				}
			}
		}
	}
	for table := range columns {
		require.True(t, seen[table], "%s has no rule: what becomes of a member's rows when his data is erased?", table)
	}
}

// What staff type in their own words must be in no table that is kept.
func TestRules_keepNoTextAboutAMember(t *testing.T) {
	t.Parallel()
	for _, r := range privacy.Rules() {
		if r.Fate != privacy.FateKept || r.Why == privacy.WhyHouse || r.Why == privacy.WhyLaw {
			continue
		}
		for _, c := range r.Columns {
			require.False(t, strings.Contains(c, "text") || c == "name" || c == "note" || c == "payload" || c == "body", "%s.%s", r.Table, c)
		}
	}
}
