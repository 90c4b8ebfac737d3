package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/journey-os/journey-api/core"
)

// checkTogether looks at what single values can't tell. A rule stays silent if a value that it needs has a fault.
func (l *loader) checkTogether() {
	l.checkSharedSecret()
	l.checkSigningSecrets()
	l.checkKeys()
	l.checkEdges()
	l.checkTimes()
	l.checkListeners()
	if l.loaded.Settings.Environment == Production {
		l.checkProduction()
	}
}

// sharedSecretAlgorithm is the one that SUPABASE_JWT_SECRET is for.
const sharedSecretAlgorithm = "HS256"

// checkSharedSecret asks for the secret only if it was chosen: by default the algorithm is on if the secret is.
func (l *loader) checkSharedSecret() {
	const algorithms = "JWT_ALGORITHMS"
	jwt := &l.loaded.Settings.JWT
	if jwt.PreviousSecret.IsSet() && !jwt.Secret.IsSet() && l.sound("SUPABASE_JWT_SECRET") {
		l.fault(l.setting("SUPABASE_JWT_SECRET_PREVIOUS"), "is set without SUPABASE_JWT_SECRET, whose predecessor it is")
	}
	if jwt.Secret.IsSet() && l.sound(algorithms) && !slices.Contains(jwt.Algorithms, sharedSecretAlgorithm) {
		l.warn("SUPABASE_JWT_SECRET", "is not used, since JWT_ALGORITHMS leaves out HS256: take it away once no token is signed with it")
	}
	if jwt.Secret.IsSet() || l.dotenvUnread || !l.sound("SUPABASE_JWT_SECRET", algorithms) ||
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

type held struct {
	name   string
	secret Secret
}

// checkSigningSecrets: whoever knows the secret is whoever they like, so a published one works on this machine alone.
func (l *loader) checkSigningSecrets() {
	settings := l.loaded.Settings
	elsewhere := settings.Supabase.URL != "" && !settings.Supabase.IsLoopback()
	for _, held := range []held{
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

// checkEdges warns about what was hardly meant to be a part of a secret. With such a JWT secret the signature of every
// token is invalid, and nothing says why.
func (l *loader) checkEdges() {
	for _, setting := range l.table {
		value := l.given.String(setting.Name)
		switch {
		case !setting.Secret || !l.sound(setting.Name) || value == "":
		case strings.TrimSpace(value) != value:
			l.warn(l.nameGiven(setting.Name), "begins or ends with a space or a line break, which counts: is it meant?")
		case len(value) > 1 && value[0] == value[len(value)-1] && strings.ContainsRune(`"'`+"`", rune(value[0])):
			l.warn(l.nameGiven(setting.Name), "begins and ends with a quotation mark, which counts: is it meant?")
		}
	}
}

func (l *loader) checkTimes() {
	http, neo4j := l.loaded.Settings.HTTP, l.loaded.Settings.Neo4j
	if l.sound("WRITE_TIMEOUT", "REQUEST_TIMEOUT") && http.WriteTimeout <= http.RequestTimeout {
		l.fault(l.setting("WRITE_TIMEOUT"), fmt.Sprintf("is not longer than REQUEST_TIMEOUT (%s)", http.RequestTimeout))
	}
	if l.sound("SHUTDOWN_TIMEOUT") && http.ShutdownTimeout <= 5*time.Second {
		l.warn("SHUTDOWN_TIMEOUT", "is not above 5s: a new connection that has sent nothing counts as idle only then, and would be cut")
	}
	if l.sound("NEO4J_ACQUIRE_TIMEOUT", "REQUEST_TIMEOUT") && neo4j.AcquireTimeout > http.RequestTimeout {
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
	for _, held := range []held{
		{publicKeyName, supabase.AnonKey},
		{secretKeyName, supabase.ServiceRoleKey},
		{"NEO4J_PASSWORD", neo4j.Password},
	} {
		if isPlaceholder(held.secret) {
			l.fault(l.setting(held.name), "is a placeholder or demo value, which production refuses")
		}
	}
}

// encryptedForm is the scheme to take instead of a plain one.
var encryptedForm = map[string]string{"http": "https", "bolt": "bolt+s", "neo4j": "neo4j+s"}

// checkPlain refuses to send credentials over an unencrypted connection that may cross the internet.
func (l *loader) checkPlain(name, address string) {
	scheme := schemeOf(address)
	encrypted, isPlain := encryptedForm[scheme]
	if isPlain && isPublic(hostOf(address), l.loaded.Settings.PrivateDomains) {
		l.fault(l.setting(name), fmt.Sprintf("is %s:// to a public host: credentials would travel in the open. "+
			"Take %s://, or list the domain in PRIVATE_DOMAINS if it is on a private network", scheme, encrypted))
	}
}
