package main

// sampleTalk is one conversation: what the member writes, what the clerk answers, what the member writes then. An empty
// Answer leaves the first unanswered; Again leaves the member waiting once more.
type sampleTalk struct{ Ask, Answer, Again string }

// sampleTalks are what members of such a chain write about.
func sampleTalks() []sampleTalk {
	return []sampleTalk{
		{Ask: "你好，上次买的二段奶粉还有货吗？家里只剩半罐了"},
		{Ask: "宝宝四个月，晚上老醒，是不是奶不够？", Answer: "四个月的宝宝夜里醒两三次很常见。白天每顿能喝多少？您发我看看，一起算一下。"},
		{Ask: "纸尿裤L码和XL码怎么选呀，宝宝22斤", Answer: "22斤建议直接XL，腰围会舒服些。店里有试用装，可以先拿两片试试。", Again: "好的，那我周六下午过去拿，几点人少一点？"},
		{Ask: "积分可以换那个保温杯吗"},
		{Ask: "湿疹膏用了三天好多了，谢谢你😊", Answer: "太好了！红的地方退了也再擦两天，洗澡水别太热哦。"},
		{Ask: "辅食米粉什么时候开始加？", Answer: "满六个月、能扶坐、对大人吃饭有兴趣就可以开始了。先加高铁米粉，一次一小勺。", Again: "我们五个半月，需要等满六个月吗？"},
		{Ask: "昨天买的推车轮子有点响，能帮忙看看吗"},
		{Ask: "请问中秋有活动吗？想囤点湿巾", Answer: "有的，活动当天湿巾第二件半价，我到时候提前告诉您，帮您留两箱。"},
		{Ask: "宝宝对牛奶蛋白过敏，有什么奶粉推荐？", Answer: "先别急着换，医生有没有建议深度水解？您把诊断说明带来，我帮您对着看。", Again: "医生说先用深度水解三个月，你们店有哪几种？"},
		{Ask: "上次说的孕妇瑜伽课还有名额吗？"},
		{Ask: "衣服80码还是90码，宝宝一岁身高76", Answer: "76厘米穿80码正合适，冬天里面要穿厚的话选90码。"},
		{Ask: "吸奶器的配件可以单独买吗", Answer: "可以，鸭嘴阀和硅胶膜都有单卖。您的是哪个型号？", Again: "是去年在你们店买的那款双边的"},
		{Ask: "今天营业到几点？下班想过去一趟"},
		{Ask: "钙和维生素D要一起吃吗？", Answer: "维生素D每天一粒就够了，奶量够的宝宝一般不用另外补钙。"},
	}
}

// sampleReply is what members write the day after the campaign.
func sampleReply() sampleTalk {
	return sampleTalk{Ask: "周六的小课堂还有位子吗？", Answer: "有的，给您留好了，周六下午三点见，宝宝也可以带来。"}
}

// sampleVisitors are people who are not on file: who scanned a clerk's code, a store's code while nobody was there, or
// found the account by themselves.
type sampleVisitor struct {
	Name, Text string
	Clerk      int // whose code he scanned, -1 for none
	Store      int // whose code he scanned, -1 for none
}

func sampleVisitors() []sampleVisitor {
	return []sampleVisitor{
		{"豆豆妈", "刚在店里加的，想问下待产包要准备什么？", 0, -1},
		{"安安的妈妈", "你好，店里那款婴儿床能送货吗", 1, -1},
		{"小鱼儿", "请问可以预约给宝宝洗澡吗？", 3, -1},
		{"Momo", "", 4, -1},
		{"糖糖妈咪", "有人在吗？想问问一段奶粉的价格", -1, 0},
		{"阿宁", "扫码领的湿巾在哪里拿？", -1, 0},
		{"果果爸爸", "你们滨江店有停车位吗", -1, 1},
		{"晴天", "在网上看到你们的公众号，附近有门店吗？", -1, -1},
		{"乐乐妈", "加盟怎么联系？", -1, -1},
	}
}

// sampleStrangers are people who do not follow yet: who tries the demo makes them scan.
func sampleStrangers() []string { return []string{"新来的妈妈"} }

// samplePhrases are what clerks say often, by situation.
func samplePhrases() []struct{ Situation, Title, Text string } {
	return []struct{ Situation, Title, Text string }{
		{"到店", "约到店", "{member}您好，我是{store}的{clerk}。您哪天方便过来？我提前把东西给您备好。"},
		{"到店", "到货了", "{member}您好，您要的货到了，给您留在柜台，报手机号就能拿。"},
		{"积分", "积分还有多少", "{member}您好，您现在有{points}积分，可以抵现，也可以换礼品。"},
		{"售后", "用得怎么样", "{member}您好，上次带回去的用得还顺手吗？有不合适的随时告诉我。"},
		{"嫌贵", "说说贵在哪里", "我明白，多花的每一块都想知道值在哪里。这款贵在用料，我发您两张对比图，您看看宝宝需不需要。"},
	}
}
