package model

// FeedStream counts the events of one stream; its row lock makes number order commit order.
type FeedStream struct {
	Stream    string `gorm:"column:stream;primaryKey"`
	Seq       int64  `gorm:"column:seq"`
	PrunedSeq int64  `gorm:"column:pruned_seq"` // events up to here are gone
}

// TableName names the table.
func (FeedStream) TableName() string { return "feed_streams" }

// FeedEvent is one change that a screen cares about.
type FeedEvent struct {
	Stream    string `gorm:"column:stream;primaryKey"`
	Seq       int64  `gorm:"column:seq;primaryKey;autoIncrement:false"`
	AccountID string `gorm:"column:account_id"`
	Kind      string `gorm:"column:kind"`
	MemberID  string `gorm:"column:member_id"` // for the scope check at read time; empty = none
	Data      string `gorm:"column:data"`      // JSON with ids
	At        int64  `gorm:"column:at"`
}

// TableName names the table.
func (FeedEvent) TableName() string { return "feed_events" }

// FeedReader ties a person's event ids to the shared stream he reads beside his own.
type FeedReader struct {
	StaffID string `gorm:"column:staff_id;primaryKey"`
	Stream  string `gorm:"column:stream"`
	BaseSeq int64  `gorm:"column:base_seq"` // position in the shared stream when he began to read it
	BaseID  int64  `gorm:"column:base_id"`  // what his ids had reached then
}

// TableName names the table.
func (FeedReader) TableName() string { return "feed_readers" }
