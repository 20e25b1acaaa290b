package wechat

import "testing"

func BenchmarkOpenAndParse(b *testing.B) {
	q, body := seal(b, message("text", cdata("Content", "宝宝两岁了，想看看新到的奶粉，有货吗？😀")), testAppID, testKey, testNow())
	s := testSecrets()
	b.ReportAllocs()
	for b.Loop() {
		plain, err := OpenPush(s, q, body, testNow())
		if err != nil {
			b.Fatal(err)
		}
		push, err := Parse(plain)
		if err != nil || push.DedupeKey() == [32]byte{} {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	plain := []byte(message("text", cdata("Content", "宝宝两岁了，想看看新到的奶粉，有货吗？😀")))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(plain); err != nil {
			b.Fatal(err)
		}
	}
}
