package stack

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/journey-os/journey-api/adapters/config"
	"github.com/journey-os/journey-api/core"
)

// Neo4jSettings is what a client of Neo4j needs.
type Neo4jSettings struct {
	URI      string `json:"uri"`
	Username string `json:"username"`
	Password string `json:"password"`
}

// SupabaseSettings is what a client of the Supabase-like gateway needs.
type SupabaseSettings struct {
	URL            string `json:"url"`
	AnonKey        string `json:"anon_key"`
	ServiceRoleKey string `json:"service_role_key"`
	JWTSecret      string `json:"jwt_secret"`
}

// Settings is the part of the service's settings that its servers share with it.
type Settings struct {
	Neo4j    Neo4jSettings    `json:"neo4j"`
	Supabase SupabaseSettings `json:"supabase"`
}

// ReadSettings reads the service's own settings as the service does: environment beats the file at path, which must be
// there. Its error tells every fault.
func ReadSettings(path string, environment map[string]string) (Settings, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return Settings{}, fmt.Errorf("there is no %s: `make run` or `journey-api init` makes one", path)
	}
	loaded, err := config.Load(environment, config.File(path))
	if faults, ok := errors.AsType[config.Faults](err); ok {
		return Settings{}, fmt.Errorf("the settings can't be used\n\n%s", faults.Table())
	}
	if err != nil {
		return Settings{}, err
	}
	settings := loaded.Settings
	return Settings{
		Neo4j: Neo4jSettings{
			URI: settings.Neo4j.URI, Username: settings.Neo4j.Username, Password: settings.Neo4j.Password.Reveal(),
		},
		Supabase: SupabaseSettings{
			URL: settings.Supabase.URL, AnonKey: settings.Supabase.AnonKey.Reveal(),
			ServiceRoleKey: settings.Supabase.ServiceRoleKey.Reveal(), JWTSecret: settings.JWT.Secret.Reveal(),
		},
	}, nil
}

// generatedSettings are for a stack that nobody else knows: free ports, random secrets.
func generatedSettings() (Settings, error) {
	ports, err := freePorts(2)
	if err != nil {
		return Settings{}, err
	}
	secret := rand.Text() + rand.Text()
	year := time.Now().AddDate(1, 0, 0)
	return Settings{
		Neo4j: Neo4jSettings{
			URI: fmt.Sprintf("bolt://127.0.0.1:%d", ports[0]), Username: "neo4j", Password: rand.Text(),
		},
		Supabase: SupabaseSettings{
			URL: fmt.Sprintf("http://127.0.0.1:%d", ports[1]), JWTSecret: secret,
			AnonKey: signKey(secret, "anon", year), ServiceRoleKey: signKey(secret, "service_role", year),
		},
	}, nil
}

func (s Neo4jSettings) check() error {
	_, err := s.address()
	faults := []error{missing("NEO4J_USERNAME", s.Username), missing("NEO4J_PASSWORD", s.Password), err}
	if s.Password == "neo4j" {
		faults = append(faults, errors.New("NEO4J_PASSWORD must not be neo4j: Neo4j refuses its own first password"))
	}
	return errors.Join(faults...)
}

func (s Neo4jSettings) address() (string, error) {
	return loopback("NEO4J_URI", s.URI, "7687", "bolt", "neo4j")
}

func (s SupabaseSettings) check() error {
	_, err := s.address()
	if err := errors.Join(missing("SUPABASE_JWT_SECRET", s.JWTSecret), err); err != nil {
		return err
	}
	if len(s.JWTSecret) < core.MinSecretBytes {
		return fmt.Errorf("SUPABASE_JWT_SECRET is shorter than %d bytes; %s", core.MinSecretBytes, mendKeys)
	}
	return errors.Join(
		checkKey("SUPABASE_ANON_KEY", s.AnonKey, s.JWTSecret, "anon"),
		checkKey("SUPABASE_SERVICE_ROLE_KEY", s.ServiceRoleKey, s.JWTSecret, "service_role"))
}

func (s SupabaseSettings) address() (string, error) {
	return loopback("SUPABASE_URL", s.URL, "80", "http")
}

func missing(name, value string) error {
	if value == "" {
		return fmt.Errorf("%s is not set", name)
	}
	return nil
}

// loopback is the address to listen on for a URL: the stack never leaves this machine.
func loopback(name, raw, defaultPort string, schemes ...string) (string, error) {
	if raw == "" {
		return "", missing(name, raw)
	}
	u, err := url.Parse(raw)
	if err != nil || !slices.Contains(schemes, u.Scheme) || u.Hostname() == "" || u.Path != "" {
		return "", fmt.Errorf("%s must look like %s://localhost:%s for these servers", name, schemes[0], defaultPort)
	}
	host, port := u.Hostname(), u.Port()
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return "", fmt.Errorf("%s names the host %s: the stack runs on this machine alone (localhost)", name, host)
	}
	if port == "" {
		port = defaultPort
	}
	return net.JoinHostPort(host, port), nil
}
