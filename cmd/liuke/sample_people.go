package main

import (
	"fmt"
	"math/rand/v2"

	"liuke/model"
)

// The sample chain's account. Its secrets are no secrets: they only ever open the simulator.
const (
	sampleAppID      = "wxdemo0000xiaohe"
	sampleSecret     = "demosecret0000000000000000000000"
	sampleToken      = "demotoken"
	sampleAESKey     = "ZGVtb2tleWRlbW9rZXlkZW1va2V5ZGVtb2tleWRlbW8"
	sampleOriginalID = "gh_demo00xiaohe"
	sampleChain      = "小禾母婴"
	sampleSignature  = "小禾母婴" // of text messages, which are only recorded
	samplePassword   = "liuke-demo"
	sampleGreeting   = "您好，欢迎来到{account}！我是{store}的{clerk}，宝宝的喂养、用品有问题，直接在这里问我就行。"
)

// sampleMembers is how many members the sample has, those who only scanned included.
const sampleMembers = 200

// samplePerson is one who signs in. Store is the place in sampleStores, -1 for none.
type samplePerson struct {
	Name, Phone, Role string
	Store             int
}

// sampleStores are the shops of the chain, with the till's codes.
func sampleStores() []struct{ Name, Code string } {
	return []struct{ Name, Code string }{{"小禾母婴中山路店", "ZSL"}, {"小禾母婴滨江店", "BJ"}}
}

// sampleHeads are the owner, first, and the service desk.
func sampleHeads() []samplePerson {
	return []samplePerson{
		{"陈国栋", "13800000001", "owner", -1},
		{"林晓芸", "13800000002", "support", -1},
	}
}

// sampleManagers run one store each.
func sampleManagers() []samplePerson {
	return []samplePerson{{"周敏", "13800000010", "manager", 0}, {"吴海燕", "13800000020", "manager", 1}}
}

// sampleClerks serve the members.
func sampleClerks() []samplePerson {
	return []samplePerson{
		{"王芳", "13800000011", "clerk", 0},
		{"李娜", "13800000012", "clerk", 0},
		{"张静", "13800000013", "clerk", 0},
		{"刘婷", "13800000021", "clerk", 1},
		{"杨雪", "13800000022", "clerk", 1},
	}
}

// sampleFile is one member's file before it is written.
type sampleFile struct {
	Name, Phone, CardNo  string
	Level, Sex, Birthday string
	Tags                 []string
}

// sampleFiles makes n people, the same ones every time, no two of one name.
func sampleFiles(n int) []sampleFile {
	const seed = 20260101
	pick := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // the same people every time is what is wanted
	surnames := []rune("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严武莫孔向汤")
	first := []rune("雨欣思佳梦诗晓文子若嘉雅静慧丽婉语淑玉美海春秋冬明建志俊浩宇泽")
	last := []rune("涵怡彤琪妍萱婷洁瑶颖琳雪雯倩菲敏娟丹莹薇蕾媛燕霞红军强磊涛鹏辉杰峰凯")
	one := func(of []rune) string { return string(of[pick.IntN(len(of))]) }
	seen := map[string]bool{}
	phones := map[int]bool{}
	var files []sampleFile
	for len(files) < n {
		f := sampleFile{Name: one(surnames) + one(last)}
		if pick.IntN(4) > 0 {
			f.Name = one(surnames) + one(first) + one(last)
		}
		number := pick.IntN(100_000_000)
		if seen[f.Name] || phones[number] {
			continue
		}
		seen[f.Name], phones[number] = true, true
		f.describe(len(files))
		f.Phone = fmt.Sprintf("139%08d", number)
		if pick.IntN(10) < 7 {
			f.CardNo = fmt.Sprintf("XH%06d", 100_001+len(files))
		}
		files = append(files, f)
	}
	return files
}

// describe fills in what a till knows: two in ten members are of level A, three of B (G2). Only the place in the list
// decides, so that the names and phones stay the same people.
func (f *sampleFile) describe(at int) {
	f.Level = []string{"C", "B", "C", "A", "C", "B", "C", "C", "A", "B"}[at%10]
	f.Sex = model.SexFemale
	if at%9 == 4 {
		f.Sex = model.SexMale
	}
	f.Birthday = fmt.Sprintf("%d-%02d-%02d", 1986+at%13, 1+at*5%12, 1+at*11%28)
	tags := []string{"老客带新", "对价格敏感", "周末才有空", "二胎", "乳糖不耐受", "喜欢试用装"}
	if at%2 == 0 {
		f.Tags = []string{tags[at/2%len(tags)]}
	}
}

// sampleChildren are what mothers call their children.
func sampleChildren() []string {
	return []string{"豆豆", "糖糖", "安安", "果果", "小满", "乐乐", "团团", "年年"}
}

// sampleNotes are what clerks write into a member's file.
func sampleNotes() []string {
	return []string{
		"宝宝对牛奶蛋白过敏，只喝深度水解，到货先留两罐。", "上班在附近，中午来得多，下午别打电话。", "婆婆带娃，尿不湿让婆婆来拿。",
		"想给老大报早教，等春季班出来告诉她。",
	}
}
