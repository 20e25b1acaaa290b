package simulator

import (
	"encoding/json"
	"errors"
)

// flexible is a JSON string or number, as WeChat takes some ids in either form.
type flexible string

// UnmarshalJSON takes a string or a number.
func (f *flexible) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		*f = flexible(text)
		return nil
	}
	var n json.Number
	if json.Unmarshal(b, &n) != nil {
		return errors.New("neither a string nor a number")
	}
	*f = flexible(n.String())
	return nil
}
