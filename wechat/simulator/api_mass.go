package simulator

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// The limits of mass sends (WeChat: "batch sends").
const (
	massLeast       = 2
	massMost        = 10_000
	massPerMonth    = 4 // that one follower receives, and sends to all
	massToAllPerDay = 1
	massMemory      = 24 * time.Hour // clientmsgid and digest
	massTooFast     = time.Minute
	maxClientMsgID  = 64 // bytes
	previewsPerDay  = 100
	maxJobs         = 10_000
)

type massJob struct {
	MassJob
	ends    time.Time // real time of its event; until then it counts as being sent
	deleted bool
}

type massSent struct {
	msgID int64
	at    time.Time
}

// massInput is the body of send, sendall and preview.
type massInput struct {
	content
	ToUser   json.RawMessage `json:"touser"`
	ToWXName string          `json:"towxname"`
	Filter   struct {
		IsToAll bool `json:"is_to_all"`
		TagID   int  `json:"tag_id"`
	} `json:"filter"`
	Images struct {
		MediaIDs []string `json:"media_ids"`
	} `json:"images"`
	MPVideo     mediaRef `json:"mpvideo"`
	ClientMsgID string   `json:"clientmsgid"`
}

func massSendTo(c *call) (any, *fail) {
	var in massInput
	if f := c.json(&in); f != nil {
		return nil, f
	}
	var openids []string
	if json.Unmarshal(in.ToUser, &openids) != nil {
		return nil, failed(40130)
	}
	if len(openids) < massLeast || len(openids) > massMost {
		return nil, failed(40130)
	}
	var people []*relation
	for _, openid := range slices.Compact(slices.Sorted(slices.Values(openids))) {
		if r, known := c.relations[openid]; known && r.acc == c.acc {
			people = append(people, r)
		}
	}
	if len(people) == 0 {
		return nil, failed(40003)
	}
	return c.massSend(&in, people, len(openids))
}

func massSendAll(c *call) (any, *fail) {
	var in massInput
	if f := c.json(&in); f != nil {
		return nil, f
	}
	if !in.Filter.IsToAll && c.acc.tag(in.Filter.TagID) == nil {
		return nil, failed(45159)
	}
	var people []*relation
	for _, openid := range c.acc.openids {
		r := c.relations[openid]
		if r.subscribed && (in.Filter.IsToAll || slices.Contains(r.tags, in.Filter.TagID)) {
			people = append(people, r)
		}
	}
	return c.massSend(&in, people, len(people))
}

type massAnswer struct {
	ErrCode int    `json:"errcode"`
	ErrMsg  string `json:"errmsg"`
	MsgID   int64  `json:"msg_id"`
	DataID  int64  `json:"msg_data_id,omitempty"`
}

func (c *call) massSend(in *massInput, people []*relation, total int) (any, *fail) {
	shown, f := c.massContent(in)
	if f != nil {
		return nil, f
	}
	key, f := c.massKey(in, shown, people)
	if f != nil {
		return nil, f
	}
	if in.Filter.IsToAll {
		if c.acc.toAllDay.at(c.at) >= massToAllPerDay || c.acc.toAllMonth.at(c.at) >= massPerMonth {
			return nil, failed(45028)
		}
		c.acc.toAllDay.add(c.at)
		c.acc.toAllMonth.add(c.at)
	}
	job := &massJob{MassJob: MassJob{
		MsgID: c.born/100 + c.next("mass"), Kind: in.MsgType, ClientMsgID: in.ClientMsgID, Asked: total, At: c.at,
	}}
	c.acc.massSent[key] = massSent{job.MsgID, c.at}
	c.acc.jobs = append(c.acc.jobs, job)
	if len(c.acc.jobs) > maxJobs {
		c.acc.jobs = slices.Delete(c.acc.jobs, 0, maxJobs/10)
	}
	c.massRun(job, shown, people)
	return massAnswer{0, "send job submission success", job.MsgID, job.MsgID + 1}, nil
}

// massRun delivers and reports. Who left, refuses, is blocked or had four this month is filtered out.
func (c *call) massRun(job *massJob, shown Received, people []*relation) {
	status := c.jobStatus(c.acc, "MASSSENDJOBFINISH", "send success")
	for _, r := range people {
		if status != "send success" || !r.subscribed || r.refuses || r.blocked || r.mass.at(c.at) >= massPerMonth {
			continue
		}
		r.mass.add(c.at)
		shown.Via, shown.MsgID = ViaMass, job.MsgID
		c.receive(r, shown)
		job.Sent++
	}
	job.Status = "SEND_SUCCESS"
	if status != "send success" {
		job.Status = "SEND_FAIL"
	}
	copyright := Field{Name: "CopyrightCheckResult", Fields: []Field{number("Count", 0), {Name: "ResultList"}, number("CheckState", 1)}}
	urls := Field{Name: "ArticleUrlResult", Fields: []Field{number("Count", 0), {Name: "ResultList"}}}
	job.ends = c.pushJob(c.acc, nil, "o"+c.id(27, "mass admin", c.acc.AppID),
		Field{Name: "Event", Value: "MASSSENDJOBFINISH"}, number("MsgID", job.MsgID), Field{Name: "Status", Value: status},
		number("TotalCount", int64(job.Asked)), number("FilterCount", int64(job.Sent)), number("SentCount", int64(job.Sent)), number("ErrorCount", 0),
		copyright, urls)
}

// state is what mass/get says of the job.
func (j *massJob) state(real time.Time) string {
	switch {
	case j.deleted:
		return "DELETE"
	case real.Before(j.ends):
		return "SENDING"
	default:
		return j.Status
	}
}

// massKey tells whether the send is a repeat: by its clientmsgid, without one by a digest of scope and content.
func (c *call) massKey(in *massInput, shown Received, people []*relation) (string, *fail) {
	if len(in.ClientMsgID) > maxClientMsgID {
		return "", failed(45067)
	}
	maps.DeleteFunc(c.acc.massSent, func(_ string, v massSent) bool { return c.at.Sub(v.at) >= massMemory })
	key := "id|" + in.ClientMsgID
	if in.ClientMsgID == "" {
		key = "digest|" + massDigest(in, shown, people)
	}
	old, sent := c.acc.massSent[key]
	if !sent {
		return key, nil
	}
	if in.ClientMsgID != "" && c.at.Sub(old.at) < massTooFast {
		return "", failed(45066)
	}
	f := failed(45065)
	f.MsgID = old.msgID
	return "", f
}

// massDigest is the same for the same content to the same people, in whatever order they are named.
func massDigest(in *massInput, shown Received, people []*relation) string {
	sum := sha256.New()
	enc := json.NewEncoder(sum)
	_ = enc.Encode(in.Filter) // plain fields into a digest: neither can fail
	_ = enc.Encode([]any{shown, in.Images.MediaIDs, in.MPNews})
	if !in.Filter.IsToAll && in.Filter.TagID == 0 {
		for _, r := range slices.SortedFunc(slices.Values(people), func(a, b *relation) int { return cmp.Compare(a.openid, b.openid) }) {
			_ = enc.Encode(r.openid)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func (c *call) massContent(in *massInput) (Received, *fail) {
	v := Received{Kind: in.MsgType}
	switch in.MsgType {
	case "text":
		v.Text = in.Text.Content
		return v, checkText(v.Text)
	case "voice":
		v.MediaID = in.Voice.MediaID
		return v, c.mediumOf(c.acc, v.MediaID, "voice")
	case "image", "images":
		ids := in.Images.MediaIDs
		if in.Image.MediaID != "" {
			ids = []string{in.Image.MediaID}
		}
		if len(ids) < 1 || len(ids) > 20 {
			return v, failed(40007)
		}
		v.Kind, v.MediaID = "image", ids[0]
		for _, id := range ids {
			if f := c.mediumOf(c.acc, id, "image"); f != nil {
				return v, f
			}
		}
		return v, nil
	case "mpvideo":
		v.Kind, v.MediaID = "video", in.MPVideo.MediaID
		return v, c.mediumOf(c.acc, v.MediaID, "video")
	case "mpnews":
		return c.acc.articles(in.MPNews.MediaID)
	case "wxcard":
		if v.Title = in.Card.ID; v.Title == "" {
			return v, failed(40035)
		}
		return v, nil
	}
	return v, failed(40008)
}
