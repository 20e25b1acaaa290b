package media

import "context"

// FetchNow fetches all that is due and returns.
func (s *Service) FetchNow(ctx context.Context) error { return s.fetch(ctx) }
