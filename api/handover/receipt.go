package handover

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/handover"
)

// bom tells spreadsheets that a file is UTF-8.
const bom = "\ufeff"

// receipt writes the receipt line by line. The head goes out with the first line, so that a failure before it is still
// an error.
func (r *Room) receipt(c *gin.Context, actor access.Actor) error {
	w := csv.NewWriter(c.Writer)
	w.UseCRLF = true
	begun := false
	begin := func() error {
		if begun {
			return nil
		}
		begun = true
		c.Header("Content-Type", "text/csv; charset=utf-8")
		c.Header("Content-Disposition", `attachment; filename="handover-`+c.Param("id")+`.csv"`)
		c.Status(http.StatusOK)
		if _, err := c.Writer.WriteString(bom); err != nil {
			return fmt.Errorf("write receipt: %w", err)
		}
		return w.Write([]string{"会员编号", "姓名", "卡号", "等级", "原导购", "新导购", "依据", "结果", "原因"})
	}
	err := r.handover.Receipts(c.Request.Context(), actor, c.Param("id"), func(line handover.Receipt) error {
		if err := begin(); err != nil {
			return err
		}
		return w.Write([]string{
			line.MemberID, plain(line.MemberName), plain(line.CardNo), line.Level, plain(line.FromClerk), plain(line.ToClerk),
			word(line.Why), word(line.Result), word(line.Reason),
		})
	})
	if err == nil {
		err = begin()
	}
	if err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

// plain keeps spreadsheets from taking what somebody typed for a formula.
func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// word says in Chinese what the API says by a stable word.
func word(s string) string {
	if text, ok := map[string]string{
		model.WhyByHand: "手动指定", model.WhyServed: "曾服务过", model.WhySameStore: "同店优先", model.WhyBalance: "均衡分配",
		model.WhyRest: "其余会员", model.WhyLate: "计划后新增",
		model.MovePlanned: "待执行", model.MoveMoved: "已交接", model.MoveSkipped: "已跳过", model.MoveFailed: "失败",
		model.MoveUndone: "已撤回", model.MoveStays: "保留",
		"rebound": "期间已更换导购", "merged": "会员已合并", "receiver_left": "接手人已离职", "answered": "新导购已联系", "moved_on": "之后又转出",
	}[s]; ok {
		return text
	}
	return s
}
