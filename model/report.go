package model

// ReportFact is one thing that happened and is not yet counted in a report day. It is written by the transaction in
// which the thing happened and deleted by the one that counts it.
type ReportFact struct {
	ID        string `gorm:"column:id;primaryKey"`
	AccountID string `gorm:"column:account_id"`
	Kind      string `gorm:"column:kind"`
	StoreID   string `gorm:"column:store_id"`
	ClerkID   string `gorm:"column:clerk_id"`
	MemberID  string `gorm:"column:member_id"`
	Took      int64  `gorm:"column:took"` // answer: milliseconds that the member waited
	At        int64  `gorm:"column:at"`
}

// TableName names the table.
func (ReportFact) TableName() string { return "report_facts" }

// ReportSum is how many messages the members of one clerk wrote in a part of a day, and not yet counted in a report day. It is
// written and deleted as a fact is: one for all that a transaction takes, because messages are many.
type ReportSum struct {
	ID         string `gorm:"column:id;primaryKey"`
	AccountID  string `gorm:"column:account_id"`
	StoreID    string `gorm:"column:store_id"`
	ClerkID    string `gorm:"column:clerk_id"`
	At         int64  `gorm:"column:at"` // when the part began, see SumMillis
	MessagesIn int64  `gorm:"column:messages_in"`
}

// TableName names the table.
func (ReportSum) TableName() string { return "report_sums" }

// SumMillis is the length of the part of a day that a sum is of: no zone has days that begin within one.
const SumMillis = 15 * 60 * 1000

// Kinds of facts.
const (
	FactNewMember = "new_member"
	FactScan      = "scan"
	FactUnfollow  = "unfollow"
	FactIn        = "in" // of versions that knew no sums
	FactOut       = "out"
	FactAnswer    = "answer"
)

// ReportDay is what one clerk had in one store on one day of that store. Clerk and store are empty for what belonged
// to nobody.
type ReportDay struct {
	AccountID   string `gorm:"column:account_id;primaryKey"`
	StoreID     string `gorm:"column:store_id;primaryKey"`
	ClerkID     string `gorm:"column:clerk_id;primaryKey"`
	Day         string `gorm:"column:day;primaryKey"` // 2006-01-02
	NewMembers  int64  `gorm:"column:new_members"`
	Scans       int64  `gorm:"column:scans"`
	Unfollows   int64  `gorm:"column:unfollows"`
	MessagesIn  int64  `gorm:"column:messages_in"`
	MessagesOut int64  `gorm:"column:messages_out"` // answers that WeChat accepted, by who wrote them
	Answered    int64  `gorm:"column:answered"`     // how often a waiting member got his answer
	// The waits that were answered, by their length.
	Answers30s   int64 `gorm:"column:answers_30s"`
	Answers1m    int64 `gorm:"column:answers_1m"`
	Answers2m    int64 `gorm:"column:answers_2m"`
	Answers5m    int64 `gorm:"column:answers_5m"`
	Answers10m   int64 `gorm:"column:answers_10m"`
	Answers20m   int64 `gorm:"column:answers_20m"`
	Answers30m   int64 `gorm:"column:answers_30m"`
	Answers1h    int64 `gorm:"column:answers_1h"`
	Answers2h    int64 `gorm:"column:answers_2h"`
	Answers4h    int64 `gorm:"column:answers_4h"`
	Answers1d    int64 `gorm:"column:answers_1d"`
	AnswersLater int64 `gorm:"column:answers_later"`
}

// TableName names the table.
func (ReportDay) TableName() string { return "report_days" }

// Counters names what a day counts, by column.
func (d *ReportDay) Counters() map[string]*int64 {
	return map[string]*int64{
		"new_members": &d.NewMembers, "scans": &d.Scans, "unfollows": &d.Unfollows,
		"messages_in": &d.MessagesIn, "messages_out": &d.MessagesOut, "answered": &d.Answered,
		"answers_30s": &d.Answers30s, "answers_1m": &d.Answers1m, "answers_2m": &d.Answers2m, "answers_5m": &d.Answers5m,
		"answers_10m": &d.Answers10m, "answers_20m": &d.Answers20m, "answers_30m": &d.Answers30m,
		"answers_1h": &d.Answers1h, "answers_2h": &d.Answers2h, "answers_4h": &d.Answers4h, "answers_1d": &d.Answers1d,
		"answers_later": &d.AnswersLater,
	}
}

// Add counts another day's figures too.
func (d *ReportDay) Add(other ReportDay) {
	mine := d.Counters()
	for name, n := range other.Counters() {
		*mine[name] += *n
	}
}

// AnswerBounds are the upper bounds of the buckets of answer times, in seconds, in the order of Answers; the last
// bucket has none.
func AnswerBounds() []int64 {
	return []int64{30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 86400}
}

// Answers gives the buckets of a day, the shortest first.
func (d *ReportDay) Answers() []*int64 {
	return []*int64{
		&d.Answers30s, &d.Answers1m, &d.Answers2m, &d.Answers5m, &d.Answers10m, &d.Answers20m, &d.Answers30m,
		&d.Answers1h, &d.Answers2h, &d.Answers4h, &d.Answers1d, &d.AnswersLater,
	}
}

// AddAnswer counts an answer after so many milliseconds.
func (d *ReportDay) AddAnswer(took int64) {
	d.Answered++
	buckets := d.Answers()
	for i, bound := range AnswerBounds() {
		if took <= bound*1000 {
			*buckets[i]++
			return
		}
	}
	*buckets[len(buckets)-1]++
}

// MedianAnswer estimates the median of answer times in seconds: it spreads the answers of a bucket evenly over it. Of
// those longer than a day it says a day. false: there were none.
func (d *ReportDay) MedianAnswer() (int64, bool) {
	var total int64
	for _, n := range d.Answers() {
		total += *n
	}
	if total == 0 {
		return 0, false
	}
	bounds := AnswerBounds()
	var before, low int64
	for i, n := range d.Answers() {
		if i == len(bounds) {
			break
		}
		if 2*(before+*n) >= total {
			return low + (total-2*before)*(bounds[i]-low)/(2**n), true
		}
		before, low = before+*n, bounds[i]
	}
	return bounds[len(bounds)-1], true
}
