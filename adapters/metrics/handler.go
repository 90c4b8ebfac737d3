package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// maxScrapes is how many scrapes are answered at once; further ones get 503.
const maxScrapes = 4

// Handler serves GET and HEAD /metrics, and nothing else.
func (r *Recorder) Handler() http.Handler {
	page := promhttp.HandlerFor(r.registry, promhttp.HandlerOpts{MaxRequestsInFlight: maxScrapes})
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		switch {
		case request.URL.Path != "/metrics":
			http.Error(w, "There is GET /metrics here, and nothing else", http.StatusNotFound)
		case request.Method != http.MethodGet && request.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "There is GET here, and HEAD", http.StatusMethodNotAllowed)
		default:
			page.ServeHTTP(w, request)
		}
	})
}
