package privacy

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/member"
)

// exportPage is how many rows are read at a time.
const exportPage = 500

// Export writes all that is kept of a member, whom the actor may see, as a ZIP file: member.json with his rows by table,
// and his pictures, voices and videos. Nothing is gathered in memory. For owner and managers who stay; whole phone and
// complaints for the owner alone, managers get it masked and without. Cause is model.EraseWish with how he told it, or
// model.ExportAuthority. It is recorded before begin, which is called before the first byte.
func (s *Service) Export(ctx context.Context, actor access.Actor, memberID string, a Ask, begin func() io.Writer) error {
	if err := mayErase(actor); err != nil {
		return err
	}
	m, err := member.Find(s.db.Read(ctx), actor, memberID, s.db.Now().UnixMilli())
	if err != nil {
		return err
	}
	if a.Cause != model.ExportAuthority || a.How != "" {
		if a.Cause != model.EraseWish {
			return fault.Input("cause", "unknown")
		}
		if err := a.check(); err != nil {
			return err
		}
	}
	who, err := member.SubjectOf(s.db.Read(ctx), m.ID)
	if err != nil {
		return err
	}
	e := audit.Entry{Action: "privacy.export", Object: "member", ObjectID: m.ID, MemberID: m.ID, Detail: "cause:" + a.Cause}
	if err := s.audit.Record(ctx, actor, e); err != nil {
		return err
	}
	x := &export{service: s, ctx: ctx, actor: actor, who: who, zip: zip.NewWriter(begin())}
	if err := x.write(); err != nil {
		return err
	}
	if err := x.zip.Close(); err != nil {
		return fmt.Errorf("end the file of a member: %w", err)
	}
	return nil
}

// export is one that is being written.
type export struct {
	service *Service
	ctx     context.Context //nolint:containedctx // it lives within the call
	actor   access.Actor
	who     member.Subject
	zip     *zip.Writer
}

func (x *export) write() error {
	out, err := x.entry("member.json", zip.Deflate)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, `{"made_at":%q,"tables":{`, x.service.db.Now().Format(time.RFC3339)); err != nil {
		return cut(err)
	}
	first := true
	for _, r := range rules() {
		if len(r.by) == 0 || r.hide == "*" || r.table == "complaints" && !x.actor.Is(model.RoleOwner) {
			continue
		}
		sep := ","
		if first {
			sep, first = "", false
		}
		if _, err := fmt.Fprintf(out, "%s\n%q:[", sep, r.table); err != nil {
			return cut(err)
		}
		if err := x.table(out, r); err != nil {
			return err
		}
		if _, err := io.WriteString(out, "]"); err != nil {
			return cut(err)
		}
	}
	if _, err := io.WriteString(out, "\n}}\n"); err != nil {
		return cut(err)
	}
	return x.files()
}

func cut(err error) error { return fmt.Errorf("write the file of a member: %w", err) }

func (x *export) entry(name string, method uint16) (io.Writer, error) {
	out, err := x.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: x.service.db.Now()})
	if err != nil {
		return nil, cut(err)
	}
	return out, nil
}

// table writes a person's rows of a table.
func (x *export) table(out io.Writer, r rule) error {
	shape, err := shapeOf(r.table)
	if err != nil {
		return err
	}
	sep := "\n"
	return x.rows(shape, r, func(row any) error {
		line, err := x.line(shape, r, row)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "%s%s", sep, line); err != nil {
			return cut(err)
		}
		sep = ",\n"
		return nil
	})
}

// shapeOf finds the row type of a table.
func shapeOf(table string) (*schema.Schema, error) {
	for _, row := range model.Tables() {
		s, err := schema.Parse(row, &sync.Map{}, schema.NamingStrategy{})
		if err != nil {
			return nil, fmt.Errorf("read the shape of a table: %w", err)
		}
		if s.Table == table {
			return s, nil
		}
	}
	return nil, fmt.Errorf("%s is no table", table)
}

// rows reads a person's rows page by page, in the order of their keys. Messages, of which there may be very many, are read
// on from the last number; of all else there are few.
func (x *export) rows(shape *schema.Schema, r rule, each func(row any) error) error {
	if r.table == "messages" {
		for _, id := range x.who.Conversations {
			if err := x.messages(id, each); err != nil {
				return err
			}
		}
		return nil
	}
	var keys []string
	for _, f := range shape.PrimaryFields {
		keys = append(keys, f.DBName)
	}
	for at := 0; ; at += exportPage {
		page := shape.MakeSlice()
		q := x.service.db.Read(x.ctx).Order(strings.Join(keys, ", ")).Offset(at).Limit(exportPage)
		if err := x.of(q, r).Find(page.Interface()).Error; err != nil {
			return fmt.Errorf("read %s: %w", r.table, err)
		}
		n := page.Elem().Len()
		for i := range n {
			if err := each(page.Elem().Index(i).Interface()); err != nil {
				return err
			}
		}
		if n < exportPage {
			return nil
		}
	}
}

// of limits a query to a person's rows.
func (x *export) of(q *gorm.DB, r rule) *gorm.DB {
	var found []string
	var args []any
	for _, column := range r.by {
		found = append(found, column+" IN ?")
		switch {
		case column == "openid":
			args = append(args, x.who.OpenIDs)
		case r.table == "followers":
			args = append(args, x.who.Followers)
		case r.table == "conversations":
			args = append(args, x.who.Conversations)
		default:
			args = append(args, ids(column, x.who))
		}
	}
	return q.Where("("+strings.Join(found, " OR ")+")", args...)
}

func (x *export) messages(conversationID string, each func(row any) error) error {
	for last := int64(0); ; {
		var page []*model.Message
		err := x.service.db.Read(x.ctx).Where("shard = ? AND conversation_id = ? AND seq > ?", model.Shard(conversationID), conversationID, last).
			Order("seq").Limit(exportPage).Find(&page).Error
		if err != nil {
			return fmt.Errorf("read messages: %w", err)
		}
		for _, m := range page {
			if err := each(m); err != nil {
				return err
			}
			last = m.Seq
		}
		if len(page) < exportPage {
			return nil
		}
	}
}

// line is one row as JSON, without what is of the program alone. Times are written for people, sealed phones opened.
func (x *export) line(shape *schema.Schema, r rule, row any) ([]byte, error) {
	hidden := strings.Fields(r.hide)
	shown := map[string]any{}
	for _, f := range shape.Fields {
		if slices.Contains(hidden, f.DBName) {
			continue
		}
		value, _ := f.ValueOf(x.ctx, reflect.Indirect(reflect.ValueOf(row)))
		switch v := value.(type) {
		case []byte:
			if f.DBName != "phone_sealed" {
				continue
			}
			phone, err := x.service.keys.OpenString(v)
			if err != nil {
				return nil, fmt.Errorf("open a phone: %w", err)
			}
			if !x.actor.Is(model.RoleOwner) {
				phone = model.MaskPhone(phone)
			}
			shown["phone"] = phone
		case int64:
			if timed(f.DBName) {
				shown[f.DBName] = timeOf(v)
			} else {
				shown[f.DBName] = v
			}
		case string:
			if f.DBName == "payload" || f.DBName == "value" && r.table == "member_attributes" {
				if json.Valid([]byte(v)) {
					shown[f.DBName] = json.RawMessage(v)
					continue
				}
			}
			shown[f.DBName] = v
		default:
			shown[f.DBName] = v
		}
	}
	line, err := json.Marshal(shown)
	if err != nil {
		return nil, fmt.Errorf("write a row of %s: %w", r.table, err)
	}
	return line, nil
}

// timed reports whether a column holds Unix milliseconds.
func timed(column string) bool {
	return column == "at" || strings.HasSuffix(column, "_at") || column == "waiting_since" || column == "valid_from"
}

func timeOf(ms int64) any {
	if ms == 0 || ms == model.OpenEnd {
		return nil
	}
	return model.Time(ms).Format(time.RFC3339)
}

// files writes his pictures, voices and videos, named by their ids.
func (x *export) files() error {
	for last := ""; ; {
		var page []model.Media
		err := x.service.db.Read(x.ctx).Where("conversation_id IN ? AND state = ? AND id > ?", x.who.Conversations, model.MediaReady, last).
			Order("id").Limit(exportPage).Find(&page).Error
		if err != nil {
			return fmt.Errorf("read media: %w", err)
		}
		for _, m := range page {
			if err := x.file(m); err != nil {
				return err
			}
			last = m.ID
		}
		if len(page) < exportPage {
			return nil
		}
	}
}

func (x *export) file(m model.Media) error {
	in, err := x.service.media.Bytes(x.ctx, m)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := x.entry("media/"+m.ID+extension(m.ContentType), zip.Store)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return cut(err)
	}
	return nil
}

// extension is the end of a file's name for a type of content; what is not known has none.
func extension(contentType string) string {
	switch contentType {
	case "image/jpeg":
		return ".jpg"
	case "image/png", "image/gif", "video/mp4", "audio/amr":
		return "." + path.Base(contentType)
	case "audio/mpeg":
		return ".mp3"
	}
	return ""
}
