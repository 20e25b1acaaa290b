package model

// PushBundle is what one commit stores of a lane: pushes that WeChat was answered for and whose effects are still to come.
// The row goes in the transaction that takes the effects.
type PushBundle struct {
	Lane       int    `gorm:"column:lane;primaryKey;autoIncrement:false"`
	ID         string `gorm:"column:id;primaryKey"` // of its first push, which it holds for certain
	Pushes     int64  `gorm:"column:pushes"`
	Body       []byte `gorm:"column:body"` // the pushes, see service/inbound
	ReceivedAt int64  `gorm:"column:received_at"`
}

// TableName names the table.
func (PushBundle) TableName() string { return "push_bundles" }

// Push is one callback from WeChat. As a row it is one that was worked off, for repeats to be known by, or one that has to
// be tried again.
type Push struct {
	Lane       int    `gorm:"column:lane;primaryKey;autoIncrement:false"`
	ID         string `gorm:"column:id;primaryKey"`
	AccountID  string `gorm:"column:account_id"`
	Dedupe     []byte `gorm:"column:dedupe"`
	OpenID     string `gorm:"column:openid"`
	MsgType    string `gorm:"column:msg_type"`
	Event      string `gorm:"column:event"`
	Body       []byte `gorm:"column:body"`  // decrypted XML; emptied once done
	State      int    `gorm:"column:state"` // 0 new, 1 done, 2 set aside
	Tries      int64  `gorm:"column:tries"`
	Reason     string `gorm:"column:reason"`
	DueAt      int64  `gorm:"column:due_at"`
	ReceivedAt int64  `gorm:"column:received_at"`
	DoneAt     int64  `gorm:"column:done_at"`
}

// TableName names the table.
func (Push) TableName() string { return "pushes" }

// Journal says that an instance still holds pushes on its own disk, taken while the database was away. The row is there
// only until they are in the database.
type Journal struct {
	ID     string `gorm:"column:id;primaryKey"` // of the instance
	Oldest string `gorm:"column:oldest"`        // id of the oldest push that it holds
	Pushes int64  `gorm:"column:pushes"`
	SeenAt int64  `gorm:"column:seen_at"` // its heartbeat
}

// TableName names the table.
func (Journal) TableName() string { return "journals" }

// Lease lets one instance at a time do a named work.
type Lease struct {
	Name    string `gorm:"column:name;primaryKey"`
	Owner   string `gorm:"column:owner"`
	UntilAt int64  `gorm:"column:until_at"`
}

// TableName names the table.
func (Lease) TableName() string { return "leases" }
