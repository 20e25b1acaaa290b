package handover

import (
	"strconv"
	"strings"

	"liuke/model"
)

func writeCursor(at int64, id string) string { return strconv.FormatInt(at, 10) + "." + id }

func readCursor(s string) (at int64, id string, ok bool) {
	first, id, found := strings.Cut(s, ".")
	at, err := strconv.ParseInt(first, 10, 64)
	return at, id, found && err == nil && model.ValidID(id)
}
