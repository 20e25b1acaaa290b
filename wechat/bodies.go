package wechat

// Body is the typed part of a Push: one of the structs of this package that say so.
type Body interface{ body() }

// Text is a Body. MenuID is set when the text came from a tap on an entry of a menu message.
type Text struct {
	Content string
	MenuID  string
}

// Image is a Body. The media can be fetched for 3 days.
type Image struct {
	PicURL  string
	MediaID string
}

// Voice is a Body. Format is amr or speex; MediaID16K names a copy at 16 kHz; Recognition is empty in practice.
type Voice struct {
	MediaID     string
	Format      string
	MediaID16K  string
	Recognition string
}

// Video is a Body for video and shortvideo.
type Video struct {
	MediaID      string
	ThumbMediaID string
	Short        bool
}

// Location is a Body: a place that the member sent. Degrees; zero if WeChat sent no number.
type Location struct {
	Lat   float64
	Lng   float64
	Scale int
	Label string
}

// Link is a Body.
type Link struct {
	Title       string
	Description string
	URL         string
}

// Subscribe is a Body: somebody follows. Scene is what the code stood for, empty if there was none.
type Subscribe struct {
	EventKey string
	Scene    string
	Ticket   string
}

// Unsubscribe is a Body.
type Unsubscribe struct{}

// Scan is a Body: a follower scanned a parametric code.
type Scan struct {
	Scene  string
	Ticket string
}

// LocationReport is a Body: the phone's position in degrees, Precision in metres.
type LocationReport struct {
	Lat       float64
	Lng       float64
	Precision float64
}

// Unknown is a Body for every kind and event without a form of its own. Fields are its leaf elements in order.
type Unknown struct {
	Fields []Field
}

// Field is one leaf element; Name is its path below the root with slashes, such as "Info/List/Id".
type Field struct {
	Name  string
	Value string
}

func (Text) body()           {}
func (Image) body()          {}
func (Voice) body()          {}
func (Video) body()          {}
func (Location) body()       {}
func (Link) body()           {}
func (Subscribe) body()      {}
func (Unsubscribe) body()    {}
func (Scan) body()           {}
func (LocationReport) body() {}
func (Unknown) body()        {}
