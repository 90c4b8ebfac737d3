package config

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// sqliteScheme is the prefix of the URL of a file.
const sqliteScheme = "sqlite:"

// SQLitePath returns the file of an embedded database, and false for one on a server.
func (d Database) SQLitePath() (path string, ok bool) {
	return strings.CutPrefix(d.URL.Reveal(), sqliteScheme)
}

// Address is where the database is, without credentials.
func (d Database) Address() string {
	if path, ok := d.SQLitePath(); ok {
		return path
	}
	address, err := url.Parse(d.URL.Reveal())
	if err != nil {
		return ""
	}
	return address.Scheme + "://" + address.Host + address.Path
}

const encodeAdvice = "in a password, percent-encode what is not a letter or a digit"

var databaseURL = kind[Secret]{"sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE", parseDatabaseURL}

// parseDatabaseURL quotes nothing: the URL may contain a password.
func parseDatabaseURL(value string) (Secret, error) {
	if path, ok := strings.CutPrefix(value, sqliteScheme); ok {
		if path == "" || strings.HasPrefix(path, "//") || strings.ContainsRune(path, 0) {
			return Secret{}, errors.New("needs the path of a file after sqlite, as in sqlite:journey.db")
		}
		return NewSecret(value), nil
	}
	address, err := url.Parse(value)
	switch {
	case err != nil:
		return Secret{}, errors.New("is not a URL; " + encodeAdvice)
	case address.Scheme != "postgres" && address.Scheme != "postgresql":
		return Secret{}, errors.New("begins with neither sqlite: nor postgres://")
	case strings.Count(authorityOf(value), "@") > 1:
		return Secret{}, errors.New("has more than one @ before the path; " + encodeAdvice)
	case address.Hostname() == "":
		return Secret{}, errors.New("has no host")
	case !isHost(address.Hostname()):
		return Secret{}, errNoHost
	case !isPort(address.Port()) || strings.HasSuffix(address.Host, ":"):
		return Secret{}, errors.New("has a port that is not from 1 to 65535")
	case address.User.Username() == "":
		return Secret{}, errors.New("has no user")
	case len(address.Path) < 2:
		return Secret{}, errors.New("names no database behind the host")
	}
	return NewSecret(value), nil
}

// authorityOf is what stands between a URL's scheme and its path, as it is written.
func authorityOf(value string) string {
	_, rest, _ := strings.Cut(value, "://")
	authority, _, _ := strings.Cut(rest, "/")
	return authority
}

var schemaPattern = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,50}$`)

var schemaName = kind[string]{"a name of a-z, 0-9 and _ that does not begin with a digit or pg_", func(value string) (string, error) {
	if !schemaPattern.MatchString(value) || strings.HasPrefix(value, "pg_") {
		return "", fmt.Errorf("%s is no name of a schema that needs no quotes", quote(value))
	}
	return value, nil
}}

var fraction = kind[float64]{"a number above 0 and at most 1", func(value string) (float64, error) {
	number, err := strconv.ParseFloat(value, 64)
	if err != nil || !(number > 0 && number <= 1) {
		return 0, fmt.Errorf("%s is not above 0 and at most 1", quote(value))
	}
	return number, nil
}}

// encryptedModes are those of PostgreSQL's sslmode that never fall back to a plain connection.
var encryptedModes = []string{"require", "verify-ca", "verify-full"}

// checkDatabase requires a database URL in production, and refuses a plain connection that may send a password across
// the internet.
func (l *loader) checkDatabase() {
	database := l.loaded.Settings.Database
	if !l.areValid(databaseName) {
		return
	}
	if _, chosen := l.origins[databaseName]; !chosen {
		l.fault(l.setting(databaseName), "is required in production")
		return
	}
	address, err := url.Parse(database.URL.Reveal())
	if _, isFile := database.SQLitePath(); isFile || err != nil {
		return
	}
	if !isEncrypted(address) && slices.ContainsFunc(databaseHosts(address), func(host string) bool {
		return isPublic(host, l.loaded.Settings.PrivateDomains)
	}) {
		l.fault(l.setting(databaseName), "is on a public host and may connect without encryption: add sslmode=require, "+
			"or list the domain in PRIVATE_DOMAINS if it is on a private network")
	}
	if password, _ := address.User.Password(); isPlaceholder(NewSecret(password)) {
		l.fault(l.setting(databaseName), "has a placeholder or demo password, which production refuses")
	}
}

// databaseHosts are the hosts that the driver may connect to: those of the query's host, which stand in for the URL's.
// One that begins with a / is a socket of this machine and is left out.
func databaseHosts(address *url.URL) []string {
	given := []string{address.Hostname()}
	if instead := address.Query()["host"]; len(instead) > 0 {
		given = strings.Split(strings.Join(instead, ","), ",")
	}
	var hosts []string
	for _, host := range given {
		if !strings.HasPrefix(host, "/") {
			hosts = append(hosts, normalHost(host))
		}
	}
	return hosts
}

// isEncrypted reports whether no sslmode of the URL falls back to a plain connection. For the driver ssl=true is
// sslmode=require.
func isEncrypted(address *url.URL) bool {
	modes := address.Query()["sslmode"]
	for _, ssl := range address.Query()["ssl"] {
		modes = append(modes, map[string]string{"true": "require"}[ssl])
	}
	return len(modes) > 0 && !slices.ContainsFunc(modes, func(mode string) bool { return !slices.Contains(encryptedModes, mode) })
}
