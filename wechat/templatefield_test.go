package wechat

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTemplateField_knowsWhatWeChatTakes(t *testing.T) {
	t.Parallel()
	for kind, c := range map[string]struct{ good, bad []string }{
		"thing1":            {[]string{"到店取货 <b>&", strings.Repeat("字", 20)}, []string{strings.Repeat("字", 21), "", " \n", "\xff"}},
		"phrase12":          {[]string{"已完成", "一二三四五"}, []string{"ok", "一二三四五六", "已 完成"}},
		"name3":             {[]string{"欧阳娜娜", "Anna-Maria Li"}, []string{strings.Repeat("王", 11), "王Anna", strings.Repeat("a", 21)}},
		"character_string4": {[]string{"A-1/b#2"}, []string{"A 1", "编号1", strings.Repeat("a", 33)}},
		"letter5":           {[]string{"abC"}, []string{"a1", "é"}},
		"symbol6":           {[]string{"!?#"}, []string{"a!", "!!!!!!"}},
		"number7":           {[]string{"12", "12.5", "-3"}, []string{"12件", "1,2", strings.Repeat("1", 33)}},
		"amount8":           {[]string{"¥12.50", "12元", "￥3"}, []string{"12块", "12345678901", "免费"}},
		"time9":             {[]string{"2026年3月1日 15:01", "15:01~16:00", "2026-03-01 09:00"}, []string{"明天", "下午"}},
		"date10":            {[]string{"2026年3月1日", "2026/3/1 至 2026/3/5"}, []string{"下周"}},
		"car_number11":      {[]string{"粤A8Z888挂", "沪A12345"}, []string{"粤A-12345", "粤A12345678"}},
		"phone_number12":    {[]string{"+86-0766-66888866"}, []string{"电话", strings.Repeat("1", 18)}},
		"const13":           {[]string{"待取货"}, []string{""}},
		"keyword1":          {[]string{strings.Repeat("旧", 50)}, []string{""}},
	} {
		for _, value := range c.good {
			require.True(t, TemplateField{Name: kind}.Fits(value), "%s %q", kind, value)
		}
		for _, value := range c.bad {
			require.False(t, TemplateField{Name: kind}.Fits(value), "%s %q", kind, value)
		}
	}
}
