// Command licences reads bills of materials (CycloneDX, JSON) and tells under which licences the components stand:
//
//	go run ./tools/licences go.cdx.json npm.cdx.json
//
// It ends with 1 if one stands under a licence that is not on the list below, or under none that is known.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

// allowed are the licences that ask for no more than to be named, and MPL-2.0, which asks for changes of its own files.
func allowed() []string {
	return []string{
		"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "CC-BY-4.0", "CC0-1.0", "ISC", "MIT", "MPL-2.0",
		"Python-2.0", "Unlicense", "Zlib",
	}
}

// read are components whose file LICENSE a person read, because the tool takes it for another or finds none.
func read() map[string]string {
	return map[string]string{
		"github.com/pressly/goose/v3": "MIT",
		"golang.org/x/crypto":         "BSD-3-Clause",
		"golang.org/x/net":            "BSD-3-Clause",
		"golang.org/x/sync":           "BSD-3-Clause",
		"golang.org/x/sys":            "BSD-3-Clause",
		"golang.org/x/text":           "BSD-3-Clause",
		"golang.org/x/time":           "BSD-3-Clause",
	}
}

// bill is the part of a bill of materials that matters here.
type bill struct {
	Components []component `json:"components"`
}

type component struct {
	Group    string `json:"group"`
	Name     string `json:"name"`
	Version  string `json:"version"`
	Licenses []struct {
		Expression string `json:"expression"`
		License    struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"license"`
	} `json:"licenses"`
}

func (c component) fullName() string { return strings.TrimPrefix(c.Group+"/"+c.Name, "/") }

// terms are what the component stands under; several at once all count.
func (c component) terms() []string {
	if known := read()[c.fullName()]; known != "" {
		return []string{known}
	}
	var terms []string
	for _, l := range c.Licenses {
		if term := l.Expression + l.License.ID + l.License.Name; term != "" {
			terms = append(terms, term)
		}
	}
	return terms
}

// fine reports whether a licence, or one of those to choose from, is allowed.
func fine(term string) bool {
	term = strings.NewReplacer("(", "", ")", "").Replace(term)
	for choice := range strings.SplitSeq(term, " OR ") {
		parts := strings.Split(choice, " AND ")
		if !slices.ContainsFunc(parts, func(p string) bool { return !slices.Contains(allowed(), strings.TrimSpace(p)) }) {
			return true
		}
	}
	return false
}

// judge counts licences and names what is wrong.
func judge(components []component) (counts map[string]int, faults []string) {
	counts = map[string]int{}
	for _, c := range components {
		terms := c.terms()
		if len(terms) == 0 {
			faults = append(faults, c.fullName()+" "+c.Version+": no known licence")
		}
		for _, term := range terms {
			counts[term]++
			if !fine(term) {
				faults = append(faults, c.fullName()+" "+c.Version+": "+term)
			}
		}
	}
	slices.Sort(faults)
	return counts, faults
}

func run(files []string, out io.Writer) int {
	say := func(format string, values ...any) { _, _ = fmt.Fprintf(out, format+"\n", values...) }
	if len(files) == 0 {
		say("usage: licences BILL…")
		return 2
	}
	code := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		var b bill
		if err == nil {
			err = json.Unmarshal(text, &b)
		}
		if err != nil || len(b.Components) == 0 {
			say("%s: no bill of materials with components (%v)", file, err)
			return 1
		}
		counts, faults := judge(b.Components)
		say("%s: %d components", file, len(b.Components))
		for _, term := range slices.Sorted(maps.Keys(counts)) {
			say("  %4d  %s", counts[term], term)
		}
		for _, f := range faults {
			say("  NOT ALLOWED  %s", f)
			code = 1
		}
	}
	return code
}

func main() { os.Exit(run(os.Args[1:], os.Stdout)) }
