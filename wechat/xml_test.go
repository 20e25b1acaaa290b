package wechat

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse_refusesXMLThatDoesMoreThanWeChats(t *testing.T) {
	t.Parallel()
	good := message("text", cdata("Content", "x"))
	bomb := `<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>`
	deep := strings.Repeat("<a>", 17) + strings.Repeat("</a>", 17)
	cases := map[string]string{
		"nothing":                "",
		"blanks":                 "  \n",
		"text only":              "hello",
		"doctype":                "<!DOCTYPE xml>" + good,
		"entity bomb":            bomb + message("text", "<Content>&b;</Content>"),
		"external entity":        `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>` + good,
		"doctype inside":         message("text", "<!DOCTYPE x>"),
		"entity inside":          message("text", `<!ENTITY a "b">`),
		"instruction":            "<?php x ?>" + good,
		"instruction inside":     message("text", "<?x y?>"),
		"late declaration":       " <?xml version=\"1.0\"?>" + good,
		"foreign encoding":       `<?xml version="1.0" encoding="UTF-16"?>` + good,
		"open declaration":       `<?xml version="1.0"`,
		"unknown entity":         message("text", "<Content>&nbsp;</Content>"),
		"bare ampersand":         message("text", "<Content>a & b</Content>"),
		"endless reference":      message("text", "<Content>&"+strings.Repeat("a", 100)+";</Content>"),
		"surrogate":              message("text", "<Content>&#xD800;</Content>"),
		"reference too high":     message("text", "<Content>&#x110000;</Content>"),
		"empty reference":        message("text", "<Content>&#;</Content>"),
		"empty hex reference":    message("text", "<Content>&#x;</Content>"),
		"signed reference":       message("text", "<Content>&#+65;</Content>"),
		"missing end":            strings.TrimSuffix(good, "</xml>"),
		"crossed":                "<xml><a><b></a></b></xml>",
		"end only":               "</xml>",
		"two roots":              good + good,
		"text after":             good + "x",
		"NUL after":              good + "\x00",
		"CDATA after":            good + "<![CDATA[x]]>",
		"open CDATA":             "<xml><a><![CDATA[x]]</a></xml>",
		"open comment":           "<xml><!-- </xml>",
		"open tag":               "<xml",
		"open end tag":           "<xml></xml",
		"nameless tag":           "<xml>< /></xml>",
		"number as tag":          "<xml><1/></xml>",
		"markup in an attribute": `<xml a="<b>"></xml>`,
		"open attribute":         `<xml a="></xml>`,
		"name run on":            "<xml!></xml>",
		"17 deep":                deep,
		"4097 nodes":             "<xml>" + strings.Repeat("<a/>", 4096) + "</xml>",
		"4097 comments":          "<xml>" + strings.Repeat("<!---->", 4096) + "</xml>",
		"no sender":              "<xml><MsgType>text</MsgType></xml>",
		"no kind":                "<xml><FromUserName>o</FromUserName></xml>",
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse([]byte(text))
			require.ErrorIs(t, err, ErrBroken)
		})
	}
}

func TestParse_takesXMLUpToItsLimits(t *testing.T) {
	t.Parallel()
	inner := strings.Repeat("<a>", 15) + "x" + strings.Repeat("</a>", 15)
	push := mustParse(t, message("odd", inner))
	require.Equal(t, Unknown{Fields: []Field{{strings.TrimSuffix(strings.Repeat("a/", 15), "/"), "x"}}}, push.Body)
	// root, 3 common, MsgType and MsgId besides
	mustParse(t, message("odd", strings.Repeat("<a/>", 4096-6)))
	_, err := Parse([]byte(message("odd", strings.Repeat("<a/>", 4096-5))))
	require.ErrorIs(t, err, ErrBroken)
}

func TestParse_keepsTextAsTheMemberWroteIt(t *testing.T) {
	t.Parallel()
	texts := map[string]string{
		"emoji":           "宝宝😀👨‍👩‍👧",
		"bidi marks":      "a\u202eb\u2066c\u2069\u200f",
		"NUL and control": "a\x00b\x08c\x14d\x7f",
		"markup":          `<b>&amp; "x" 'y' ]]> ]] > </Content>`,
		"line ends":       "a\r\nb\nc\rd\t ",
		"200 characters":  strings.Repeat("长", 200),
		"only ]]>":        "]]>]]>",
		"separators":      "a\u2028b\u2029c\ufeff",
		"blank":           " ",
		"empty":           "",
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			push := mustParse(t, message("text", cdata("Content", text)))
			require.Equal(t, Text{Content: text}, push.Body)
		})
	}
}

func TestParse_decodesReferencesOutsideCDATAOnly(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"&lt;b&gt;&amp;&quot;&apos;":          `<b>&"'`,
		"&#65;&#x42;&#x1F600;&#0;&#8;":        "AB😀\x00\x08",
		"&amp;lt;":                            "&lt;",
		"<![CDATA[&lt;&#65;]]>":               "&lt;&#65;",
		"a&#65;<![CDATA[&#65;]]>b<!-- c -->d": "aA&#65;bd",
		"<![CDATA[a]]><![CDATA[b]]>c":         "abc",
		"plain":                               "plain",
	}
	for raw, want := range cases {
		push := mustParse(t, message("text", "<Content>"+raw+"</Content>"))
		require.Equal(t, Text{Content: want}, push.Body, raw)
	}
}

func TestParse_toleratesHarmlessForms(t *testing.T) {
	t.Parallel()
	text := "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- x -->\n<xml xmlns=\"a>b\">\r\n <FromUserName >o</FromUserName\n>" +
		"<MsgType>TEXT</MsgType><Content id='1' /> <New.Field-1>x</New.Field-1><MsgId>abc</MsgId>\n</xml>\n<!-- y -->\n"
	push := mustParse(t, text)
	require.Equal(t, Push{FromUser: "o", MsgType: "text", MsgID: "abc", Body: Text{}}, push)
}

func TestParse_replacesWhatIsNotUTF8(t *testing.T) {
	t.Parallel()
	push := mustParse(t, message("text", "<Content>a\xff\xfeb</Content>"))
	require.Equal(t, Text{Content: "a\uFFFDb"}, push.Body)
	push = mustParse(t, message("odd", "<\xff>a</\xff>"))
	require.Equal(t, Unknown{Fields: []Field{{"\uFFFD", "a"}}}, push.Body)
}

func TestParse_survivesATextInManyPiecesInLinearTime(t *testing.T) {
	t.Parallel()
	pieces := strings.Repeat("<![CDATA[x]]>", 70_000)
	push := mustParse(t, message("text", "<Content>"+pieces+"</Content>"))
	require.Len(t, push.Body.(Text).Content, 70_000)
}

func TestParse_leavesOutATimeThatIsNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "x", "0", "-5", "253402300800", "9223372036854775808"} {
		push := mustParse(t, "<xml><FromUserName>o</FromUserName><MsgType>text</MsgType><CreateTime>"+text+"</CreateTime></xml>")
		require.True(t, push.CreateTime.IsZero(), text)
	}
}
