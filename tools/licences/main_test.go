package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFine_takesPermissiveLicencesAndChoicesAmongThemAlone(t *testing.T) {
	t.Parallel()
	for term, want := range map[string]bool{
		"MIT": true, "(MIT OR CC0-1.0)": true, "(GPL-2.0-only OR MIT)": true, "MIT AND BSD-3-Clause": true, "MPL-2.0": true,
		"GPL-3.0-only": false, "AGPL-3.0": false, "LGPL-2.1": false, "MIT AND GPL-2.0-only": false, "SEE LICENSE IN x": false, "UNLICENSED": false, "": false,
	} {
		require.Equal(t, want, fine(term), term)
	}
}

func TestRun_failsForALicenceThatIsNotAllowedAndForNone(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]int{
		`{"components":[{"name":"a","licenses":[{"license":{"id":"MIT"}}]}]}`:                                    0,
		`{"components":[{"name":"a","licenses":[{"expression":"MIT OR GPL-2.0-only"}]}]}`:                        0,
		`{"components":[{"name":"a","licenses":[{"license":{"id":"MIT"}},{"license":{"id":"AGPL-3.0-only"}}]}]}`: 1,
		`{"components":[{"name":"a"}]}`: 1,
		`{"components":[]}`:             1,
		`nonsense`:                      1,
	} {
		file := filepath.Join(t.TempDir(), "bill.json")
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
		var out bytes.Buffer
		require.Equal(t, want, run([]string{file}, &out), "%s\n%s", content, &out)
	}
	require.Equal(t, 2, run(nil, &bytes.Buffer{}))
	require.Equal(t, 1, run([]string{"does-not-exist"}, &bytes.Buffer{}))
}
