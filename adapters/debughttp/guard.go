package debughttp

import (
	"net/http"

	"github.com/journey-os/journey-api/ports/loopback"
)

// guard admits only requests of programs on this machine. A web page in a browser on this machine reaches loopback too.
// It is recognised by Origin or by Sec-Fetch-Site (Fetch Metadata), and after DNS rebinding by Host.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("X-Frame-Options", "DENY")
		switch {
		case len(r.Header["Origin"]) > 0 || !isOwnSite(r.Header["Sec-Fetch-Site"]):
			http.Error(w, "Web pages may not ask here", http.StatusForbidden)
		case !loopback.IsHost(r.Host):
			http.Error(w, "Ask for localhost or a loopback address", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// isOwnSite accepts the values for an address typed into a browser, and for a link on a page of this handler. A page on
// another port of this machine is same-site, but not this handler's, and is refused.
func isOwnSite(values []string) bool {
	for _, value := range values {
		if value != "none" && value != "same-origin" {
			return false
		}
	}
	return true
}
