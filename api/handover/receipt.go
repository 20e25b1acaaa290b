package handover

import (
	"github.com/gin-gonic/gin"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/handover"
	"liuke/service/sheet"
)

// receipt writes the receipt line by line, as a file of a kind.
func (r *Room) receipt(kind string) func(*gin.Context, access.Actor) error {
	return func(c *gin.Context, actor access.Actor) error {
		id := c.Param("id")
		var t sheet.Table
		begin := func() (err error) {
			if t == nil {
				rest.Download(c, sheet.MediaType(kind), "handover-"+id+"."+kind)
				if t, err = sheet.New(kind, c.Writer); err == nil {
					err = t.Row([]string{"会员编号", "姓名", "卡号", "等级", "原导购", "新导购", "依据", "结果", "原因"})
				}
			}
			return err
		}
		err := r.handover.Receipts(c.Request.Context(), actor, id, func(line handover.Receipt) error {
			if err := begin(); err != nil {
				return err
			}
			return t.Row([]string{
				line.MemberID, line.MemberName, line.CardNo, line.Level, line.FromClerk, line.ToClerk,
				word(line.Why), word(line.Result), word(line.Reason),
			})
		})
		if err == nil {
			err = begin()
		}
		if t != nil {
			err = sheet.Finish(t, err)
		}
		return rest.Whole(c, err)
	}
}

// word says in Chinese what the API says by a stable word.
func word(s string) string {
	if text, ok := map[string]string{
		model.WhyByHand: "手动指定", model.WhyFamily: "家人一起", model.WhyServed: "曾服务过", model.WhySameStore: "同店优先", model.WhyBalance: "均衡分配",
		model.WhyRest: "其余会员", model.WhyLate: "计划后新增",
		model.MovePlanned: "待执行", model.MoveMoved: "已交接", model.MoveSkipped: "已跳过", model.MoveFailed: "失败",
		model.MoveUndone: "已撤回", model.MoveStays: "保留",
		"rebound": "期间已更换导购", "merged": "会员已合并", "erased": "会员资料已抹除", "receiver_left": "接手人已离职", "answered": "新导购已联系", "moved_on": "之后又转出",
	}[s]; ok {
		return text
	}
	return s
}
