package main

import "slices"

// print tells every address and login.
func (d *demo) print(w *world, folder *demoFolder) {
	base := d.app.PublicURL()
	roles := map[string]string{"owner": "老板 owner", "support": "客服 support", "manager": "店长 manager", "clerk": "店员 clerk"}
	stores := sampleStores()

	w.print("\n留客演示已就绪：%s · The demo is ready.\n\n", sampleChain)
	w.print("  从这里开始：扮演会员，店员端在另一个窗口 · Start here and play the members; the clerk app is for a second window\n")
	w.print("  会员的手机 members' phones %s/phones\n", d.simURL)
	w.print("  店员端 clerk app          %s/app\n\n", base)
	w.print("  管理后台 console          %s/console\n", base)
	w.print("  时钟、故障 clock, faults  %s/panel\n", d.simURL)
	w.print("  微信回调 callback         %s/wechat/%s\n", base, sampleAppID)
	w.print("  接口文档 API              %s/api/openapi.yaml\n\n", base)
	w.print("  登录 logins (手机号 phone / 密码 password)\n")
	for _, p := range slices.Concat(sampleHeads(), sampleManagers(), sampleClerks()) {
		place := ""
		if p.Store >= 0 {
			place = stores[p.Store].Name
		}
		w.print("  %s / %s  %s %s %s\n", p.Phone, samplePassword, roles[p.Role], p.Name, place)
	}
	w.print("\n  数据 data: %s（每次重新开始，--keep 保留 · made anew at each start, --keep keeps it）\n", folder.path)
	w.print("  按 Ctrl-C 结束 · Ctrl-C ends it\n")
}
