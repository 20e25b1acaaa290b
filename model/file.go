package model

// Attribute is one fact of a member's file from a date on. Rows are added, never changed: the latest that is valid is
// today's (B4).
type Attribute struct {
	ID        string `gorm:"column:id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	MemberID  string `gorm:"column:member_id"`
	Name      string `gorm:"column:name"`  // Attribute…
	Value     string `gorm:"column:value"` // JSON; null = no longer known
	ValidFrom int64  `gorm:"column:valid_from"`
	ByKind    string `gorm:"column:by_kind"`
	ByID      string `gorm:"column:by_id"`
	CreatedAt int64  `gorm:"column:created_at"`
}

// TableName names the table.
func (Attribute) TableName() string { return "member_attributes" }

// Names of attributes.
const (
	AttributeBirthday = "birthday" // "2006-01-02"
	AttributeSex      = "sex"      // female or male
	AttributeChildren = "children" // list of Child
	AttributeChannel  = "channel"  // preferred channel (B11)
	AttributeHours    = "hours"    // preferred hours, in words (B11)
	AttributeClass    = "class"    // ClassValue (D1)
	AttributeLevel    = "level"    // what the member's column says since then
)

// Child is one child of a member.
type Child struct {
	Name     string `json:"name,omitempty"`
	Birthday string `json:"birthday"` // 2006-01-02
	Sex      string `json:"sex,omitempty"`
}

// ClassValue is how a class stands in the ledger.
type ClassValue struct {
	Class    string `json:"class"`
	SubClass string `json:"sub_class,omitempty"`
}

// Sexes.
const (
	SexFemale = "female"
	SexMale   = "male"
)

// Channels that a member may prefer.
const (
	PreferWeChat = "wechat"
	PreferPhone  = "phone"
	PreferSMS    = "sms"
	PreferNone   = "none"
)

// Classes of members: promising and valuable ones (D1, G6).
const (
	ClassSeed = "seed"
	ClassKey  = "key"
)

// Tag is a word that staff hang on a member (B8).
type Tag struct {
	AccountID string `gorm:"column:account_id"`
	MemberID  string `gorm:"column:member_id;primaryKey"`
	Tag       string `gorm:"column:tag;primaryKey"`
	ByID      string `gorm:"column:by_id"`
	CreatedAt int64  `gorm:"column:created_at"`
}

// TableName names the table.
func (Tag) TableName() string { return "member_tags" }

// Class is today's class of a member; its history stands in Attribute.
type Class struct {
	AccountID string `gorm:"column:account_id"`
	MemberID  string `gorm:"column:member_id;primaryKey"`
	Class     string `gorm:"column:class"`
	SubClass  string `gorm:"column:sub_class"`
	ByID      string `gorm:"column:by_id"`
	UpdatedAt int64  `gorm:"column:updated_at"`
}

// TableName names the table.
func (Class) TableName() string { return "member_classes" }

// Note is what somebody of the house wrote into a member's file (B8).
type Note struct {
	ID         string `gorm:"column:id;primaryKey"`
	AccountID  string `gorm:"column:account_id"`
	MemberID   string `gorm:"column:member_id"`
	AuthorID   string `gorm:"column:author_id"`
	AuthorName string `gorm:"column:author_name"` // as it was at the time
	Text       string `gorm:"column:text"`
	CreatedAt  int64  `gorm:"column:created_at"`
}

// TableName names the table.
func (Note) TableName() string { return "member_notes" }

// Draft is what one person has typed in a conversation and not sent yet.
type Draft struct {
	AccountID      string `gorm:"column:account_id"`
	ConversationID string `gorm:"column:conversation_id;primaryKey"`
	StaffID        string `gorm:"column:staff_id;primaryKey"`
	MemberID       string `gorm:"column:member_id"`
	Text           string `gorm:"column:text"`
	Version        int64  `gorm:"column:version"` // grows with every write
	UpdatedAt      int64  `gorm:"column:updated_at"`
	HandoverID     string `gorm:"column:handover_id"` // the one that brought it and since which nobody has typed; or empty
}

// TableName names the table.
func (Draft) TableName() string { return "drafts" }

// Phrase is a text kept ready for a situation (C2, C6).
type Phrase struct {
	ID        string `gorm:"column:id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	Scope     string `gorm:"column:scope"`
	StoreID   string `gorm:"column:store_id"` // of scope store
	StaffID   string `gorm:"column:staff_id"` // of scope own
	Title     string `gorm:"column:title"`
	Text      string `gorm:"column:text"` // with {member}, {clerk}, {store}, {points}
	Situation string `gorm:"column:situation"`
	Sort      int64  `gorm:"column:sort"` // the smaller first
	CreatedAt int64  `gorm:"column:created_at"`
	UpdatedAt int64  `gorm:"column:updated_at"`
}

// TableName names the table.
func (Phrase) TableName() string { return "phrases" }

// Scopes of what people keep and share: who finds it.
const (
	ScopeAccount = "account" // everybody
	ScopeStore   = "store"   // the people of one store
	ScopeOwn     = "own"     // who made it
)

// Import is a file of members (M1) or of purchases (M2) taken in. Its tables are named after members, who came first.
//
//	uploaded -> running -> done
//	    |          |-----> cancelled  what was done before stays
//	    |          '-----> failed     a fault of ours; the reason says which
//	    '-> cancelled
type Import struct {
	ID         string `gorm:"column:id;primaryKey"`
	AccountID  string `gorm:"column:account_id"`
	ByID       string `gorm:"column:by_id"`
	RequestID  string `gorm:"column:request_id"`
	Kind       string `gorm:"column:kind"` // Import…
	State      string `gorm:"column:state"`
	Reason     string `gorm:"column:reason"`
	Headings   string `gorm:"column:headings"` // JSON list of the file's columns
	Mapping    string `gorm:"column:mapping"`  // JSON object: field -> column
	StoreID    string `gorm:"column:store_id"` // where rows without a store of their own go
	Duplicates string `gorm:"column:duplicates"`
	Total      int64  `gorm:"column:total"`
	Done       int64  `gorm:"column:done"`    // rows worked off: where to go on after a crash
	Created    int64  `gorm:"column:created"` // of purchases this and the next two count sales, which may have several rows
	Updated    int64  `gorm:"column:updated"` // of purchases: told before and unchanged
	Refused    int64  `gorm:"column:refused"`
	Owner      string `gorm:"column:owner"`
	LeaseUntil int64  `gorm:"column:lease_until"`
	CreatedAt  int64  `gorm:"column:created_at"`
	StartedAt  int64  `gorm:"column:started_at"`
	FinishedAt int64  `gorm:"column:finished_at"`
}

// TableName names the table.
func (Import) TableName() string { return "member_imports" }

// ImportPart is some rows of a file on their way: they hold people's data, so they are sealed and kept for days only.
type ImportPart struct {
	ImportID string `gorm:"column:import_id;primaryKey"`
	FirstRow int64  `gorm:"column:first_row;primaryKey;autoIncrement:false"` // counted from 1, below the headings, without empty rows
	Numbers  string `gorm:"column:numbers"`                                  // JSON list of what a spreadsheet numbers them; may be empty
	Sealed   []byte `gorm:"column:sealed"`                                   // JSON list of rows of cells
}

// TableName names the table.
func (ImportPart) TableName() string { return "member_import_parts" }

// ImportRefusal says why a row was not taken.
type ImportRefusal struct {
	ImportID string `gorm:"column:import_id;primaryKey"`
	RowNo    int64  `gorm:"column:row_no;primaryKey;autoIncrement:false"` // counted as in ImportPart
	Reason   string `gorm:"column:reason"`
}

// TableName names the table.
func (ImportRefusal) TableName() string { return "member_import_refusals" }

// Kinds of imports.
const (
	ImportMembers   = "members"
	ImportPurchases = "purchases"
)

// States of an import.
const (
	ImportUploaded  = "uploaded"
	ImportRunning   = "running"
	ImportDone      = "done"
	ImportCancelled = "cancelled"
	ImportFailed    = "failed"
)

// What an import does with members that are there already.
const (
	DuplicatesRefuse = "refuse"
	DuplicatesUpdate = "update"
)

// Limits of a member's file.
const (
	MaxTags       = 20 // of one member
	MaxTagRunes   = 30 // of one tag
	MaxChildren   = 12 // of one member
	MaxWordRunes  = 60 // sub-class, situation, preferred hours
	MaxNoteRunes  = 2000
	MaxDraftBytes = 8192
)

// Limits of an import.
const (
	MaxImportBytes = 20 << 20
	MaxImportRows  = 100_000
)
