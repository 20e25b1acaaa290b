package main

import (
	"fmt"

	"liuke/model/database"
)

// Set by the linker (see Makefile).
var (
	version = "dev"
	commit  = "unknown" //nolint:gochecknoglobals // the linker sets nothing else
)

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(w *world) error {
	_, err := fmt.Fprintf(w.stdout, "liuke %s (%s), schema %d\n", version, commit, database.WantedSchema())
	return err
}
