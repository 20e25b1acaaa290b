package simulator

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
)

//go:embed pages.html
var pages embed.FS

// routes puts the three faces of the simulator onto one mux.
func (s *Simulator) routes() (http.Handler, error) {
	views, err := template.New("pages").Funcs(s.pageFuncs()).ParseFS(pages, "pages.html")
	if err != nil {
		return nil, fmt.Errorf("simulator: read the pages: %w", err)
	}
	human := http.NewServeMux()
	s.control(human)
	s.phone(human, views)
	// Only the machine's own browser pages may act here; programs without an Origin may as well.
	guarded := http.NewCrossOriginProtection().Handler(human)

	mux := http.NewServeMux()
	api := s.api(s.endpoints())
	for _, prefix := range []string{"/cgi-bin/", "/sns/", "/wxaapi/", "/customservice/"} {
		mux.Handle(prefix, api)
	}
	mux.HandleFunc("GET /connect/oauth2/authorize", s.authorizePage(views))
	mux.Handle("/", guarded)
	return mux, nil
}
