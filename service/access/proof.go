package access

import "liuke/service/fault"

// Proof is the condition under which a recalled actor is still who he was at that moment (Unix milliseconds): his session
// goes on, and gives him these rights and no others. It stands in the statement that reads for him, so that what is found
// was his to see when it was read, as if he had been asked for first. Of an actor who was not recalled it is empty.
func (a Actor) Proof(now int64) Where {
	if !a.Recalled {
		return Where{}
	}
	return Where{
		"EXISTS (SELECT 1 FROM sessions JOIN staff ON staff.id = sessions.staff_id WHERE sessions.token_hash = ? AND sessions.expires_at > ?" +
			" AND staff.id = ? AND staff.active = 1 AND staff.account_id = ? AND staff.role = ? AND staff.store_id = ? AND staff.region_id = ?" +
			" AND (staff.leaving_at > 0) = ?)",
		[]any{a.SessionID, now, a.StaffID, a.AccountID, a.Role, a.StoreID, a.RegionID, a.Leaving},
	}
}

// Proved tells what a statement that holds Proof says of a recalled actor: nothing, if it found nothing. Then he is asked
// for in earnest, whatever the reason was, and the call begins anew.
func (a Actor) Proved(found bool) error {
	if a.Recalled && !found {
		return fault.New(fault.Unsigned, "not_proved")
	}
	return nil
}
