package wechat

// Click is a Body: a tap on a menu entry of kind click.
type Click struct {
	Key string
}

// View is a Body: a tap on a menu entry that opens a page. It opens no customer-service window.
type View struct {
	URL    string
	MenuID string
}

// ViewMiniProgram is a Body: a tap on a menu entry that opens a mini-program.
type ViewMiniProgram struct {
	PagePath string
	MenuID   string
}

// MenuScan is a Body for scancode_push and scancode_waitmsg (Wait).
type MenuScan struct {
	Key      string
	ScanType string
	Result   string
	Wait     bool
}

// MenuPictures is a Body for pic_sysphoto, pic_photo_or_album and pic_weixin, named by Push.Event.
// The pictures themselves follow as messages; MD5s are theirs.
type MenuPictures struct {
	Key   string
	Count int
	MD5s  []string
}

// MenuLocation is a Body: a place chosen through the menu.
type MenuLocation struct {
	Key   string
	Lat   float64
	Lng   float64
	Scale int
	Label string
	POI   string
}

func (Click) body()           {}
func (View) body()            {}
func (ViewMiniProgram) body() {}
func (MenuScan) body()        {}
func (MenuPictures) body()    {}
func (MenuLocation) body()    {}
