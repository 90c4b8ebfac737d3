package debughttp

import (
	"net/http"

	"github.com/journey-os/journey-api/ports/loopback"
)

// guard lets pass what a program on this machine sends. A page in a browser here reaches loopback too: it betrays itself
// by Origin or by Sec-Fetch-Site (Fetch Metadata), and one whose own name was made to lead here, by Host.
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

// isOwnSite takes what an address typed into a browser sends, and a link on one of the pages here. Another port of this
// machine is same-site, and another's page all the same.
func isOwnSite(values []string) bool {
	for _, value := range values {
		if value != "none" && value != "same-origin" {
			return false
		}
	}
	return true
}
