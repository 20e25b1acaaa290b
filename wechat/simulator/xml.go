package simulator

import "strings"

// writeXML writes a push as WeChat does: numbers bare, everything else as CDATA, control characters as they are.
func writeXML(fields []Field) string {
	var b strings.Builder
	b.WriteString("<xml>")
	writeFields(&b, fields)
	b.WriteString("</xml>")
	return b.String()
}

func writeFields(b *strings.Builder, fields []Field) {
	for _, f := range fields {
		b.WriteString("<" + f.Name + ">")
		switch {
		case len(f.Fields) > 0:
			writeFields(b, f.Fields)
		case f.Number:
			b.WriteString(f.Value)
		default:
			b.WriteString("<![CDATA[" + strings.ReplaceAll(f.Value, "]]>", "]]]]><![CDATA[>") + "]]>")
		}
		b.WriteString("</" + f.Name + ">")
	}
}
