package transfer

import (
	"liuke/model"
	"liuke/service/member"
)

// takeMembers hands the rows of a batch to the member room and counts what became of them.
func (b *batch) takeMembers() error {
	places := &places{Service: b.Service, tx: b.tx, actor: b.actor, home: b.row.StoreID}
	var rows []member.Row
	var taken []line
	refuse := func(l line, reason string) {
		b.refuse(l.place, reason)
		b.row.Refused++
	}
	for _, l := range b.lines {
		r, store, clerk, reason := rowOf(l.cells, b.mapping)
		if reason == "" {
			var err error
			if r.StoreID, r.ClerkID, reason, err = places.find(store, clerk); err != nil {
				return err
			}
		}
		if reason != "" {
			refuse(l, reason)
			continue
		}
		rows, taken = append(rows, r), append(taken, l)
	}
	outcomes, err := b.members.TakeInTx(b.tx, b.actor, b.row.ID, rows, b.row.Duplicates == model.DuplicatesUpdate)
	if err != nil {
		return err
	}
	for i, outcome := range outcomes {
		switch outcome {
		case member.RowCreated:
			b.row.Created++
		case member.RowUpdated, member.RowUnchanged:
			b.row.Updated++
		default:
			refuse(taken[i], outcome)
		}
	}
	return nil
}
