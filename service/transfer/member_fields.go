package transfer

import (
	"slices"
	"strings"
	"time"

	"liuke/model"
	"liuke/service/member"
	"liuke/service/sheet"
)

// Fields of a member that a column may fill.
const (
	FieldName     = "name"
	FieldPhone    = "phone"
	FieldCardNo   = "card_no"
	FieldBirthday = "birthday"
	FieldSex      = "sex"
	FieldLevel    = "level"
	FieldTags     = "tags"
	FieldNote     = "note"
	FieldStore    = "store" // its code at the till
	FieldClerk    = "clerk" // his phone, or his name where it is the only one of the store
)

// Fields lists them.
func Fields() []string {
	return []string{
		FieldName, FieldPhone, FieldCardNo, FieldBirthday, FieldSex, FieldLevel, FieldTags, FieldNote, FieldStore, FieldClerk,
	}
}

// words are the headings that tills use, by field; the longer ones say it more surely.
func words(field string) []string {
	switch field {
	case FieldName:
		return []string{"会员姓名", "顾客姓名", "客户姓名", "姓名", "名字", "name"}
	case FieldPhone:
		return []string{"会员手机", "手机号码", "手机号", "手机", "联系电话", "电话", "phone", "mobile"}
	case FieldCardNo:
		return []string{"会员卡号", "会员编号", "卡号", "card_no", "card"}
	case FieldBirthday:
		return []string{"会员生日", "出生日期", "生日", "birthday"}
	case FieldSex:
		return []string{"性别", "sex", "gender"}
	case FieldLevel:
		return []string{"会员等级", "会员级别", "等级", "级别", "level"}
	case FieldTags:
		return []string{"标签", "tags"}
	case FieldNote:
		return []string{"备注", "note", "remark"}
	case FieldStore:
		return []string{"门店编码", "门店编号", "门店代码", "门店", "店铺", "store_code", "store"}
	}
	return []string{"导购手机", "店员手机", "导购", "店员", "专属顾问", "clerk"}
}

// rowOf reads a member out of the cells of a row. Store and clerk stay words.
func rowOf(cells []string, mapping map[string]int) (r member.Row, store, clerk, reason string) {
	cell := func(field string) string { return strings.TrimSpace(cellOf(cells, mapping, field)) }
	r = member.Row{
		Name: cell(FieldName), Phone: sheet.Whole(cell(FieldPhone)), CardNo: sheet.Whole(cell(FieldCardNo)), Level: cell(FieldLevel), Note: cell(FieldNote),
	}
	var ok bool
	if r.Birthday, ok = day(cell(FieldBirthday)); !ok {
		return r, "", "", "birthday_invalid"
	}
	if r.Sex, ok = sex(cell(FieldSex)); !ok {
		return r, "", "", "sex_unknown"
	}
	r.Tags = strings.FieldsFunc(cell(FieldTags), func(c rune) bool { return strings.ContainsRune(",，;；、|", c) })
	r.Tags = slices.DeleteFunc(r.Tags, func(t string) bool { return strings.TrimSpace(t) == "" })
	return r, cell(FieldStore), sheet.Whole(cell(FieldClerk)), ""
}

// day reads a day as people write it, or as spreadsheets number it.
func day(s string) (string, bool) {
	if s == "" {
		return "", true
	}
	s, _, _ = strings.Cut(s, " ") // a time of day that tills add
	for _, layout := range []string{time.DateOnly, "2006/1/2", "2006-1-2", "2006.1.2", "20060102", "2006年1月2日"} {
		if d, err := time.Parse(layout, s); err == nil {
			return d.Format(time.DateOnly), true
		}
	}
	d, ok := serial(s, time.UTC)
	if !ok {
		return "", false
	}
	return d.Format(time.DateOnly), true
}

func sex(s string) (string, bool) {
	switch strings.ToLower(s) {
	case "", "未知", "保密":
		return "", true
	case "女", "女士", "f", "female":
		return model.SexFemale, true
	case "男", "先生", "m", "male":
		return model.SexMale, true
	}
	return "", false
}
