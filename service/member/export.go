package member

import (
	"context"
	"strconv"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/fault"
)

// exportPage is how many members are read at a time.
const exportPage = 500

// Export hands every member of the filter that the actor may see to each, the newest first. Managers and owners only;
// whole phone numbers (wholePhones) to the owner alone, else they are left out; who has given notice gets nothing (E5).
// It is recorded before the first member.
func (s *Service) Export(ctx context.Context, actor access.Actor, f Filter, wholePhones bool, each func(File) error) error {
	if !actor.Is(model.RoleManager, model.RoleOwner) || wholePhones && !actor.Is(model.RoleOwner) {
		return fault.New(fault.Forbidden, "role")
	}
	if err := actor.Stays(); err != nil {
		return err
	}
	entry := auditEntry("member.export", "", "phones:"+strconv.FormatBool(wholePhones))
	if err := s.audit.Record(ctx, actor, entry); err != nil {
		return err
	}
	f.Limit, f.Before = exportPage, ""
	for {
		files, next, err := s.List(ctx, actor, f)
		if err != nil {
			return err
		}
		for _, file := range files {
			file.Phone = ""
			if wholePhones {
				if file.Phone, err = s.phone(file.Member); err != nil {
					return err
				}
			}
			if err := each(file); err != nil {
				return err
			}
		}
		if f.Before = next; next == "" {
			return nil
		}
	}
}
