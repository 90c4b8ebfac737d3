package config_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/journey-os/journey-api/adapters/config"
)

// FuzzOrigins: what is taken is a list of origins as browsers write them, so that comparing is enough; what is refused is
// not quoted.
func FuzzOrigins(f *testing.F) {
	for _, seed := range []string{
		"http://localhost:3000,http://localhost:3001", "*", "*,http://a", "null", "HTTPS://A.example:443", "http://a:80,http://a", "http://u:p@a", "http://a/", "http://a?b", "http://a#", "http://[::1]:1",
		"//a", "a", "http://", "http://a:0", "http://ä", "http://a.*", " , ,", "http://a\\b", "http://a%41", "chrome-extension://abc", "http://a:", "https://*.a.example", "https://*.vercel.app", "https://a..b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if strings.ContainsRune(value, 0) || strings.TrimSpace(value) == "" {
			t.Skip("no value of a setting")
		}
		loaded, err := config.Load(complete(map[string]string{"CORS_ORIGINS": value}), config.Source{})
		if err != nil {
			if len(value) > 40 && strings.Contains(err.Error(), value) {
				t.Fatalf("the fault quotes %q: %v", value, err)
			}
			return
		}
		known := loaded.Settings.HTTP.CORSOrigins
		if len(known) == 0 || len(known) > 1 && slices.Contains(known, "*") || slices.Contains(known, "null") {
			t.Fatalf("%q is taken as %q", value, known)
		}
		for _, origin := range known {
			if origin != "*" && !isBrowsersOrigin(origin) {
				t.Fatalf("%q is taken as %q, which no browser sends", value, origin)
			}
		}
		again, err := config.Load(complete(map[string]string{"CORS_ORIGINS": strings.Join(known, ",")}), config.Source{})
		if err != nil || !slices.Equal(again.Settings.HTTP.CORSOrigins, known) {
			t.Fatalf("%q is taken as %q, and that not as itself: %v", value, known, err)
		}
	})
}

// isBrowsersOrigin: scheme, host and a port that is not the scheme's own, in lower case, and nothing else (RFC 6454,
// section 6.2).
func isBrowsersOrigin(origin string) bool {
	parsed, err := url.Parse(origin)
	return err == nil && origin == parsed.Scheme+"://"+parsed.Host && parsed.Hostname() != "" && origin == strings.ToLower(origin) &&
		(parsed.Scheme != "http" || parsed.Port() != "80") && (parsed.Scheme != "https" || parsed.Port() != "443") &&
		!strings.ContainsAny(strings.Replace(origin, "://*.", "://", 1), " \t\r\n,*@\\?#$()")
}
