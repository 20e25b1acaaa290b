package model

// Region is a node of the tree that a supervisor's scope follows.
type Region struct {
	ID        string `gorm:"column:id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	ParentID  string `gorm:"column:parent_id"`
	Name      string `gorm:"column:name"`
	CreatedAt int64  `gorm:"column:created_at"`
}

// TableName names the table.
func (Region) TableName() string { return "regions" }

// Store is one shop.
type Store struct {
	ID        string `gorm:"column:id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	Code      string `gorm:"column:code"` // the till's code of the store
	RegionID  string `gorm:"column:region_id"`
	Name      string `gorm:"column:name"`
	TimeZone  string `gorm:"column:time_zone"` // IANA name; times of this store are shown in it
	Greeting  string `gorm:"column:greeting"`  // overrides the account's greeting
	CreatedAt int64  `gorm:"column:created_at"`

	// BusinessHours is a Week; empty = the account's.
	BusinessHours string `gorm:"column:business_hours"`
}

// TableName names the table.
func (Store) TableName() string { return "stores" }

// Staff is one person who signs in. Role, store and region are today's; Assignment has the dates.
type Staff struct {
	ID                string `gorm:"column:id;primaryKey"`
	AccountID         string `gorm:"column:account_id"`
	PhoneHash         string `gorm:"column:phone_hash"` // keyed hash, the look-up key
	PhoneSealed       []byte `gorm:"column:phone_sealed"`
	Name              string `gorm:"column:name"`
	Role              string `gorm:"column:role"`
	StoreID           string `gorm:"column:store_id"`
	RegionID          string `gorm:"column:region_id"`
	PasswordHash      string `gorm:"column:password_hash"`       // argon2id
	PasswordChangedAt int64  `gorm:"column:password_changed_at"` // 0 = still the first password
	OTPSealed         []byte `gorm:"column:otp_sealed"`          // TOTP secret, sealed; empty = none
	OTPEnabled        bool   `gorm:"column:otp_enabled"`
	Active            bool   `gorm:"column:active"`      // false once he left
	Away              bool   `gorm:"column:away"`        // set by himself: no new members
	SeenAt            int64  `gorm:"column:seen_at"`     // last call or open stream, kept to the minute
	AssignedAt        int64  `gorm:"column:assigned_at"` // last member given by round robin
	CreatedAt         int64  `gorm:"column:created_at"`
	LeftAt            int64  `gorm:"column:left_at"`
	LeavingAt         int64  `gorm:"column:leaving_at"` // end of the last day of who has given notice; 0 = none (E5)
}

// TableName names the table.
func (Staff) TableName() string { return "staff" }

// Assignment says which role, store and region a person had from when to when (E14).
type Assignment struct {
	ID        string `gorm:"column:id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	StaffID   string `gorm:"column:staff_id"`
	Role      string `gorm:"column:role"`
	StoreID   string `gorm:"column:store_id"`
	RegionID  string `gorm:"column:region_id"`
	FromAt    int64  `gorm:"column:from_at"`
	ToAt      *int64 `gorm:"column:to_at"` // nil = today's
}

// TableName names the table.
func (Assignment) TableName() string { return "staff_assignments" }

// Session is one signed-in device. The token itself is never stored.
type Session struct {
	TokenHash string `gorm:"column:token_hash;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	StaffID   string `gorm:"column:staff_id"`
	CSRFHash  string `gorm:"column:csrf_hash"` // of the token that browsers echo in a header
	ByCode    bool   `gorm:"column:by_code"`   // begun by a sign-in code, without the password
	CreatedAt int64  `gorm:"column:created_at"`
	SeenAt    int64  `gorm:"column:seen_at"`
	ExpiresAt int64  `gorm:"column:expires_at"`
}

// TableName names the table.
func (Session) TableName() string { return "sessions" }

// SignInCode lets one person sign in once on a phone that reads it (L1). A person has one at most: making another
// replaces it. The secret itself is never stored.
type SignInCode struct {
	StaffID    string `gorm:"column:staff_id;primaryKey"`
	AccountID  string `gorm:"column:account_id"`
	SecretHash string `gorm:"column:secret_hash"`
	CreatedBy  string `gorm:"column:created_by"` // who made it for him
	CreatedAt  int64  `gorm:"column:created_at"`
	ExpiresAt  int64  `gorm:"column:expires_at"`
	UsedAt     int64  `gorm:"column:used_at"` // 0 = not yet
}

// TableName names the table.
func (SignInCode) TableName() string { return "sign_in_codes" }

// Throttle counts failed tries of one key, such as log-ins with one phone.
type Throttle struct {
	KeyHash      string `gorm:"column:key_hash;primaryKey"`
	Failures     int64  `gorm:"column:failures"`
	WindowAt     int64  `gorm:"column:window_at"` // when counting began
	BlockedUntil int64  `gorm:"column:blocked_until"`
}

// TableName names the table.
func (Throttle) TableName() string { return "throttles" }

// Audit records who saw, changed or exported what (L3). It holds ids, never contents.
type Audit struct {
	ID        string `gorm:"column:id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	At        int64  `gorm:"column:at"`
	ActorKind string `gorm:"column:actor_kind"`
	ActorID   string `gorm:"column:actor_id"`
	Action    string `gorm:"column:action"`
	Object    string `gorm:"column:object"`
	ObjectID  string `gorm:"column:object_id"`
	MemberID  string `gorm:"column:member_id"`
	Detail    string `gorm:"column:detail"` // words and ids, no personal data
	RequestID string `gorm:"column:request_id"`
}

// TableName names the table.
func (Audit) TableName() string { return "audits" }

// IdempotencyKey keeps the answer of a creating call, so that a repeat gets the same.
type IdempotencyKey struct {
	AccountID   string `gorm:"column:account_id;primaryKey"`
	StaffID     string `gorm:"column:staff_id;primaryKey"`
	KeyHash     string `gorm:"column:key_hash;primaryKey"`
	RequestHash string `gorm:"column:request_hash"`
	Status      int64  `gorm:"column:status"` // HTTP status; 0 = still running
	Body        string `gorm:"column:body"`
	CreatedAt   int64  `gorm:"column:created_at"`
}

// TableName names the table.
func (IdempotencyKey) TableName() string { return "idempotency_keys" }
