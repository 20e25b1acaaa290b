package audit

import (
	"strconv"
	"strings"

	"liuke/model"
)

// A cursor names the last record of a page by time and id.
func formatCursor(last model.Audit) string {
	return strconv.FormatInt(last.At, 10) + "." + last.ID
}

func parseCursor(s string) (at int64, id string, ok bool) {
	first, id, _ := strings.Cut(s, ".")
	at, err := strconv.ParseInt(first, 10, 64)
	return at, id, err == nil && model.ValidID(id)
}
