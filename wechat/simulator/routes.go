package simulator

import (
	"net/http"
)

// routes puts the three faces of the simulator onto one mux.
func (s *Simulator) routes() (http.Handler, error) {
	views, err := s.readPages()
	if err != nil {
		return nil, err
	}
	human := http.NewServeMux()
	s.control(human)
	s.home(human, views)
	s.phone(human, views)
	s.panel(human, views)
	human.HandleFunc("GET /live", s.live)
	human.Handle("GET /assets/", assets())
	// Only the machine's own browser pages may act here; programs without an Origin may as well.
	guarded := http.NewCrossOriginProtection().Handler(s.stirring(human))

	mux := http.NewServeMux()
	api := s.api(s.endpoints())
	for _, prefix := range []string{"/cgi-bin/", "/sns/", "/wxaapi/", "/customservice/"} {
		mux.Handle(prefix, api)
	}
	mux.HandleFunc("GET /connect/oauth2/authorize", s.authorizePage(views))
	mux.Handle("/", guarded)
	return mux, nil
}
