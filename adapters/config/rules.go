package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/journey-os/journey-api/core"
)

// checkTogether checks rules that involve several settings. A rule is skipped if a value that it needs has a fault.
func (l *loader) checkTogether() {
	l.checkSharedSecret()
	l.checkSigningSecrets()
	l.checkKeys()
	l.checkMeant()
	l.checkTimes()
	l.checkListeners()
	if l.loaded.Settings.Environment == Production {
		l.checkProduction()
	}
}

// sharedSecretAlgorithm is the algorithm that uses SUPABASE_JWT_SECRET.
const sharedSecretAlgorithm = "HS256"

// checkSharedSecret requires the secret only if JWT_ALGORITHMS names its algorithm: by default the algorithm is on if
// the secret is set.
func (l *loader) checkSharedSecret() {
	const algorithms = "JWT_ALGORITHMS"
	jwt := &l.loaded.Settings.JWT
	if jwt.PreviousSecret.IsSet() && !jwt.Secret.IsSet() && l.areValid("SUPABASE_JWT_SECRET") {
		l.fault(l.setting("SUPABASE_JWT_SECRET_PREVIOUS"), "is set without SUPABASE_JWT_SECRET, whose predecessor it is")
	}
	if jwt.Secret.IsSet() && l.areValid(algorithms) && !slices.Contains(jwt.Algorithms, sharedSecretAlgorithm) {
		l.warn("SUPABASE_JWT_SECRET", "is not used, since JWT_ALGORITHMS leaves out HS256: take it away once no token is signed with it")
	}
	if jwt.Secret.IsSet() || l.dotenvUnread || !l.areValid("SUPABASE_JWT_SECRET", algorithms) ||
		!slices.Contains(jwt.Algorithms, sharedSecretAlgorithm) {
		return
	}
	if _, chosen := l.origins[algorithms]; chosen && l.needed == nil {
		l.fault(l.setting("SUPABASE_JWT_SECRET"), "is required, since JWT_ALGORITHMS names HS256")
		return
	}
	jwt.Algorithms = slices.DeleteFunc(jwt.Algorithms, func(name string) bool { return name == sharedSecretAlgorithm })
	entry := slices.IndexFunc(l.loaded.InForce, func(entry Entry) bool { return entry.Name == algorithms })
	l.loaded.InForce[entry].Value = strings.Join(jwt.Algorithms, ",")
}

type namedSecret struct {
	name   string
	secret Secret
}

// checkSigningSecrets allows a published secret only on this machine: whoever knows the secret can sign any token.
func (l *loader) checkSigningSecrets() {
	settings := l.loaded.Settings
	elsewhere := settings.Supabase.URL != "" && !settings.Supabase.IsLoopback()
	for _, held := range []namedSecret{
		{"SUPABASE_JWT_SECRET", settings.JWT.Secret},
		{"SUPABASE_JWT_SECRET_PREVIOUS", settings.JWT.PreviousSecret},
	} {
		name := held.name
		switch {
		case !isPlaceholder(held.secret):
		case settings.Environment == Production:
			l.fault(l.setting(name), "is a published or placeholder secret: in production anyone could sign tokens")
		case elsewhere:
			l.fault(l.setting(name), "is a published or placeholder secret, and SUPABASE_URL is not on this machine")
		default:
			l.warn(name, "is a published or placeholder secret: anyone can sign tokens with it. `journey-api init` makes one of your own")
		}
	}
}

// checkMeant warns about a value that is hardly meant as it stands. With such a JWT secret the signature of every token
// is invalid, and nothing says why.
func (l *loader) checkMeant() {
	for _, setting := range l.table {
		oddity := oddityOf(l.given.String(setting.Name))
		if oddity != "" && l.areValid(setting.Name) {
			l.warn(l.nameGiven(setting.Name), oddity+": is it meant?")
		}
	}
}

// variable matches a name that shells, Compose, Kubernetes, or templates of manifests and workflows would have replaced.
var variable = regexp.MustCompile(`^(\$[A-Z_][A-Z0-9_]*|\$\{.+\}|\$\([A-Za-z_][A-Za-z0-9_.-]*\)|\{\{.+\}\})$`)

// quoted matches a text between quotation marks.
var quoted = regexp.MustCompile(`(?s)^(".*"|'.*'|` + "`.*`" + `|“.*”|‘.*’)$`)

// oddityOf describes what is odd about a value, or returns "".
func oddityOf(value string) string {
	switch {
	case strings.TrimFunc(value, isInvisible) != value:
		return "begins or ends with a space, a line break or another invisible character, which counts"
	case quoted.MatchString(value):
		return "begins and ends with a quotation mark, which counts"
	case variable.MatchString(value):
		return "is a variable, and nothing is expanded"
	}
	return ""
}

func isInvisible(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }

func (l *loader) checkTimes() {
	http, neo4j := l.loaded.Settings.HTTP, l.loaded.Settings.Neo4j
	if l.areValid("WRITE_TIMEOUT", "REQUEST_TIMEOUT") && http.WriteTimeout <= http.RequestTimeout {
		l.fault(l.setting("WRITE_TIMEOUT"), fmt.Sprintf("is not longer than REQUEST_TIMEOUT (%s)", http.RequestTimeout))
	}
	if l.areValid("SHUTDOWN_TIMEOUT") && http.ShutdownTimeout <= 5*time.Second {
		l.warn("SHUTDOWN_TIMEOUT", "is not above 5s: a new connection that has sent nothing counts as idle only then, and would be cut")
	}
	if l.areValid("NEO4J_ACQUIRE_TIMEOUT", "REQUEST_TIMEOUT") && neo4j.AcquireTimeout > http.RequestTimeout {
		l.warn("NEO4J_ACQUIRE_TIMEOUT", "is longer than REQUEST_TIMEOUT, which ends the request before")
	}
}

func (l *loader) checkProduction() {
	supabase, neo4j := l.loaded.Settings.Supabase, l.loaded.Settings.Neo4j
	if l.loaded.Settings.JWT.Issuer == core.DevelopmentIssuer {
		l.fault(l.setting("SUPABASE_JWT_ISSUER"), "is the issuer of development tokens, which production refuses")
	}
	l.checkPlain("SUPABASE_URL", supabase.URL)
	l.checkPlain("NEO4J_URI", neo4j.URI)
	l.checkDatabase()
	for _, held := range []namedSecret{
		{publicKeyName, supabase.AnonKey},
		{secretKeyName, supabase.ServiceRoleKey},
		{"NEO4J_PASSWORD", neo4j.Password},
	} {
		if isPlaceholder(held.secret) {
			l.fault(l.setting(held.name), "is a placeholder or demo value, which production refuses")
		}
	}
}

// encryptedForm is the scheme to use instead of a plain one.
var encryptedForm = map[string]string{"http": "https", "bolt": "bolt+s", "neo4j": "neo4j+s"}

// checkPlain refuses to send credentials over an unencrypted connection that may cross the internet.
func (l *loader) checkPlain(name, address string) {
	if l.loaded.Settings.NeedsEncryption(address) {
		scheme := schemeOf(address)
		l.fault(l.setting(name), fmt.Sprintf("is %s:// to a public host: credentials would travel in the open. "+
			"Take %s://, or list the domain in PRIVATE_DOMAINS if it is on a private network", scheme, encryptedForm[scheme]))
	}
}
