package campaign

import (
	"fmt"
	"time"

	"github.com/gin-gonic/gin"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/campaign"
	"liuke/service/sheet"
)

// export writes the results of a campaign line by line, as a file of a kind. A fault before the first line is answered
// as one.
func (r *Room) export(kind string) func(*gin.Context, access.Actor) error {
	return func(c *gin.Context, actor access.Actor) error {
		id := model.ASCIIKey(c.Param("id"), 36)
		var t sheet.Table
		begin := func() (err error) {
			if t == nil {
				rest.Download(c, sheet.MediaType(kind), "campaign-"+id+"."+kind)
				if t, err = sheet.New(kind, c.Writer); err == nil {
					err = t.Row([]string{
						"会员编号", "姓名", "门店", "店员", "方式", "状态", "原因", "发送时间", "回复时间", "到店", "购买", "消费（元）", "取消关注", "费用（元）",
					})
				}
			}
			return err
		}
		err := r.campaigns.Export(c.Request.Context(), actor, id, func(line campaign.Result) error {
			if err := begin(); err != nil {
				return err
			}
			return t.Row(cells(line))
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

// cells are those of one recipient. Reasons stand as the API says them: there are many, and programs read the file too.
func cells(r campaign.Result) []string {
	at := func(ms int64) string {
		if ms == 0 {
			return ""
		}
		return model.Time(ms).In(model.Zone("")).Format(time.DateTime)
	}
	yes := func(is bool) string {
		if is {
			return "是"
		}
		return ""
	}
	money := func(fen int64) string {
		if fen == 0 {
			return ""
		}
		return yuan(fen)
	}
	return []string{
		r.MemberID, r.Name, r.StoreName, r.ClerkName, word(r.Channel), word(r.State), r.Reason, at(r.SentAt), at(r.RepliedAt),
		yes(r.Visited), yes(r.Bought), money(r.Amount), yes(r.Unfollowed), money(r.Cost),
	}
}

func yuan(fen int64) string {
	sign := ""
	if fen < 0 {
		sign, fen = "-", -fen
	}
	return fmt.Sprintf("%s%d.%02d", sign, fen/100, fen%100)
}

// word says in Chinese what the API says by a stable word.
func word(s string) string {
	if text, ok := map[string]string{
		model.ChannelCustomer: "微信消息", model.ChannelSubscription: "订阅通知", model.ChannelTemplate: "服务通知", model.ChannelMass: "群发", model.ChannelSMS: "短信", model.ChannelTask: "店员打电话",
		model.RecipientWaiting: "等待", model.RecipientQueued: "正在发", model.RecipientAccepted: "微信已收", model.RecipientDelivered: "已送达",
		model.RecipientRefused: "被拒", model.RecipientUnknown: "结果未知", model.RecipientSkipped: "没发", model.RecipientVetoed: "店员不让发",
		model.RecipientControl: "对照组", model.RecipientCancelled: "已取消",
	}[s]; ok {
		return text
	}
	return s
}
