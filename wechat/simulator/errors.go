package simulator

import "errors"

// What a person's act can be refused for.
var (
	errNotFollowing = errors.New("simulator: the person does not follow the account")
	errFollows      = errors.New("simulator: the person follows already")
	errFull         = errors.New("simulator: too many pushes are waiting")
	errClosed       = errors.New("simulator: closed")
	errNoCode       = errors.New("simulator: that is not a code of any account here")
	errExpired      = errors.New("simulator: the code has expired")
	errMedia        = errors.New("simulator: WeChat does not take such a file")
	errNoButton     = errors.New("simulator: there is no such button")
	errNoQR         = errors.New("simulator: no code was found in the picture")
	errPlace        = errors.New("simulator: that is no place")
	errNumber       = errors.New("simulator: that is no number")
	errFile         = errors.New("simulator: the file is too large or cannot be read")
	errAct          = errors.New("simulator: there is no such act")
)

// inChinese says to the visitor why something was refused.
func inChinese(err error) string {
	for known, text := range map[error]string{
		errNotFollowing: "还没有关注这个公众号",
		errFollows:      "已经关注了",
		errFull:         "等待推送的消息太多了，稍后再试",
		errClosed:       "模拟器正在关闭",
		errNoCode:       "这不是这里任何公众号的二维码",
		errExpired:      "二维码已过期",
		errMedia:        "微信不收这样的文件（图片 10MB 以内 png、jpg、gif；语音 2MB 以内 amr、mp3；视频 10MB 以内 mp4）",
		errNoButton:     "没有这个按钮",
		errNoQR:         "图片里没有找到二维码",
		errPlace:        "经纬度不对",
		errNumber:       "数字不对",
		errFile:         "文件太大或读不出来",
		errAct:          "没有这个操作",
	} {
		if errors.Is(err, known) {
			return text
		}
	}
	return err.Error()
}
