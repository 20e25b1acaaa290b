package binding

import (
	"liuke/api/rest"
	"liuke/model"
)

// Code is a parametric QR code.
type Code struct {
	ID        string          `json:"id"`
	Kind      string          `json:"kind" enum:"clerk,store,member"`
	Scene     string          `json:"scene" doc:"what WeChat tells us when it is scanned"`
	URL       string          `json:"url" doc:"what the picture holds; empty while WeChat has not made it"`
	StoreID   *string         `json:"store_id"`
	ClerkID   *string         `json:"clerk_id"`
	MemberID  *string         `json:"member_id"`
	State     string          `json:"state" enum:"minting,ready,used"`
	ExpiresAt rest.TimeOrNull `json:"expires_at" doc:"null: permanent"`
	UsedAt    rest.TimeOrNull `json:"used_at"`
	CreatedAt rest.Time       `json:"created_at"`
}

func codeView(c model.Code) Code {
	return Code{
		ID: c.ID, Kind: c.Kind, Scene: c.Scene, URL: c.URL, StoreID: rest.Null(c.StoreID), ClerkID: rest.Null(c.ClerkID),
		MemberID: rest.Null(c.MemberID), State: c.State, ExpiresAt: rest.TimeOrNull(c.ExpiresAt),
		UsedAt: rest.TimeOrNull(c.UsedAt), CreatedAt: rest.Time(c.CreatedAt),
	}
}

// Scan is one scan of a code.
type Scan struct {
	ID       string    `json:"id"`
	MemberID string    `json:"member_id"`
	StoreID  *string   `json:"store_id" doc:"where it led"`
	ClerkID  *string   `json:"clerk_id" doc:"to whom it led"`
	Outcome  string    `json:"outcome" enum:"bound,kept,guest,changed,asked,queued,stolen,other_member,used,expired,unknown,no_target"`
	Followed bool      `json:"followed" doc:"the scan was also the follow"`
	At       rest.Time `json:"at"`
}

func scanView(s model.Scan) Scan {
	return Scan{s.ID, s.MemberID, rest.Null(s.StoreID), rest.Null(s.ClerkID), s.Outcome, s.Followed, rest.Time(s.At)}
}

// Request is an entry for the manager.
type Request struct {
	ID          string          `json:"id"`
	Kind        string          `json:"kind" enum:"second_scan,stolen_code,other_member"`
	State       string          `json:"state" enum:"open,approved,refused,noted"`
	MemberID    string          `json:"member_id"`
	StoreID     *string         `json:"store_id"`
	FromClerkID *string         `json:"from_clerk_id"`
	ToClerkID   *string         `json:"to_clerk_id"`
	ToStoreID   *string         `json:"to_store_id"`
	DecidedBy   *string         `json:"decided_by"`
	DecidedAt   rest.TimeOrNull `json:"decided_at"`
	CreatedAt   rest.Time       `json:"created_at"`
}

func requestView(q model.BindingRequest) Request {
	return Request{
		ID: q.ID, Kind: q.Kind, State: q.State, MemberID: q.MemberID, StoreID: rest.Null(q.StoreID),
		FromClerkID: rest.Null(q.FromClerkID), ToClerkID: rest.Null(q.ToClerkID), ToStoreID: rest.Null(q.ToStoreID),
		DecidedBy: rest.Null(q.DecidedBy), DecidedAt: rest.TimeOrNull(q.DecidedAt), CreatedAt: rest.Time(q.CreatedAt),
	}
}
