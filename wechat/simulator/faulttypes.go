package simulator

import "time"

// FaultKind says what goes wrong with an API call.
type FaultKind string

// The API faults.
const (
	FaultCode      FaultKind = "errcode"    // answers Code without doing anything
	FaultStatus    FaultKind = "status"     // answers HTTP status Code (502 when 0)
	FaultSlow      FaultKind = "slow"       // does it, but answers only after Delay (real time)
	FaultCutBefore FaultKind = "cut_before" // cuts the connection, nothing was done
	FaultCutAfter  FaultKind = "cut_after"  // does it, then cuts the connection
	FaultNonsense  FaultKind = "nonsense"   // answers HTML instead of JSON, nothing was done
)

// Fault makes API calls go wrong.
type Fault struct {
	ID    int64         `json:"id"`
	AppID string        `json:"appid,omitempty"` // empty = every account
	Path  string        `json:"path,omitempty"`  // such as /cgi-bin/message/custom/send; empty = every path
	Kind  FaultKind     `json:"kind"`
	Code  int           `json:"code,omitempty"`
	Delay time.Duration `json:"delay,omitempty"` // nanoseconds in JSON
	After int           `json:"after,omitempty"` // calls that still work first
	Count int           `json:"count,omitempty"` // calls that go wrong; 0 = until removed
}

// PushFaultKind says what goes wrong with a push.
type PushFaultKind string

// The push faults.
const (
	PushDuplicate  PushFaultKind = "duplicate"  // delivered twice at the same time
	PushReorder    PushFaultKind = "reorder"    // held back until the person's next push has gone
	PushConcurrent PushFaultKind = "concurrent" // all three tries at once, not waiting for an answer
	PushLost       PushFaultKind = "lost"       // never delivered
	PushSkew       PushFaultKind = "skew"       // the query's timestamp is off by Delay
	PushStatus     PushFaultKind = "job_status" // template and mass results carry Status instead of success
	PushLate       PushFaultKind = "late"       // goes out only after Delay (real time); a mass job shows as being sent until then
	PushAgain      PushFaultKind = "again"      // pushed anew, as if it had happened a second later once more
	PushForeignID  PushFaultKind = "foreign_id" // its MsgID is one that the account was never given
)

// PushFault makes pushes go wrong.
type PushFault struct {
	ID     int64         `json:"id"`
	AppID  string        `json:"appid,omitempty"` // empty = every account
	Event  string        `json:"event,omitempty"` // only this MsgType or Event; empty = all
	Kind   PushFaultKind `json:"kind"`
	Delay  time.Duration `json:"delay,omitempty"`  // nanoseconds in JSON
	Status string        `json:"status,omitempty"` // such as "failed:user block" or "err(20001)"
	Count  int           `json:"count,omitempty"`  // 0 = until removed
}
